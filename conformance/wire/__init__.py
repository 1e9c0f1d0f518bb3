"""The one way to the target."""

from conformance.wire.client import ANONYMOUS, DEFAULT, SUCCESS, Unexpected, Wire
from conformance.wire.exchange import Exchange
from conformance.wire.guard import Refused
from conformance.wire.ledger import Ledger
from conformance.wire.recorder import Recorder
from conformance.wire.watch import TargetLost

__all__ = [
    "ANONYMOUS",
    "DEFAULT",
    "SUCCESS",
    "Exchange",
    "Ledger",
    "Recorder",
    "Refused",
    "TargetLost",
    "Unexpected",
    "Wire",
]
