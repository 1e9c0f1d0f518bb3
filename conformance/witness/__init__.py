"""The official client as a witness: what becomes of the target's answers in the hands of its users."""

from conformance.witness.witness import Witness

__all__ = ["Witness"]
