"""Stops a run when the target or the run's own key is lost: the rest would be noise."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from conformance.errors import ConformanceError, ExitCode
from conformance.wire.network.errors import ConnectFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.wire.exchanges.exchange import Exchange

UNAUTHORIZED: Final = 401
# So many 401s in a row, sent with the run's own key, and it is worth asking whether the key is still good.
SUSPICIOUS: Final = 3


class TargetLost(ConformanceError):
    """The target can't be judged any further: it is gone, or it no longer takes the key."""

    exit_code = ExitCode.TARGET_UNUSABLE


class TargetMonitor:
    """Looks at each exchange.

    Args:
        key_is_valid: asks the target.
    """

    def __init__(self, key_is_valid: Callable[[], bool]) -> None:
        self._key_is_valid = key_is_valid
        self._rejected = 0
        self._watching = True

    @contextmanager
    def key_at_risk(self) -> Iterator[None]:
        """Tests that revoke keys on purpose: a 401 is then no sign that the run's key was lost."""
        before, self._watching = self._watching, False
        try:
            yield
        finally:
            self._watching = before

    def look(self, exchange: Exchange, *, own_key: bool) -> None:
        """Look at one exchange.

        Args:
            exchange: the last one.
            own_key: it was sent with the run's own key.

        Raises:
            TargetLost: the target takes no connections any more, or not the key.
        """
        if isinstance(exchange.problem, ConnectFailed):
            raise TargetLost(
                code="target-lost",
                message="The target stopped accepting connections during the run.",
                cause=str(exchange.problem),
                hint="Look at the target's log; then run again.",
            )
        if not own_key or not self._watching or exchange.response is None:
            return
        if exchange.status != UNAUTHORIZED:
            self._rejected = 0
            return
        self._rejected += 1
        if self._rejected < SUSPICIOUS:
            return
        rejected, self._rejected = self._rejected, 0
        if not self._key_is_valid():
            raise TargetLost(
                code="key-lost",
                message="The target no longer takes the key of this run.",
                cause=f"{rejected} answers of 401 in a row, the last to {exchange.brief()}",
                hint="The key may have been revoked or have expired. Give another one (--api-key) and run again.",
            )
