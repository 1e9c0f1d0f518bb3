"""Lets the official client read the target's answers, as its users do.

The wire asks it about each kind of answer; one scenario calls the client's methods.
"""

from conformance.witness.witness import Witness

__all__ = ["Witness"]
