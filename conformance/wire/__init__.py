"""The one way to the target: every request goes through :class:`~conformance.wire.client.Wire`."""

from conformance.wire.checking.recorder import Recorder
from conformance.wire.cleaning import clean_up
from conformance.wire.client import ANONYMOUS, DEFAULT, SUCCESS, Unexpected, Wire
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.safety.guard import RefusedByGuard
from conformance.wire.safety.ledger import Ledger
from conformance.wire.safety.monitor import TargetLost

__all__ = [
    "ANONYMOUS",
    "DEFAULT",
    "SUCCESS",
    "Exchange",
    "Ledger",
    "Recorder",
    "RefusedByGuard",
    "TargetLost",
    "Unexpected",
    "Wire",
    "clean_up",
]
