"""The exchanges of the running test, and of what went before it: for a reproduction of several steps."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conformance.wire.exchanges.exchange import Exchange

# So many exchanges of a test, and of what went before it, are kept until the next one.
KEPT: Final = 500
REMEMBERED: Final = 1 << 16


class History:
    """What was sent and what came, in order.

    Attributes:
        exchanges: of the running test.
        earlier: of the fixtures of tests before it: what they made may be there still.
    """

    def __init__(self) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT)
        self.earlier: deque[Exchange] = deque(maxlen=KEPT)
        self._prepared = 0

    def begin_test(self) -> None:
        """A new test begins; what fixtures of the last one made may be there for it, too."""
        made = list(self.exchanges)[: self._prepared]
        self.earlier.extend(e for e in made if len(e.content) + len(e.request.content or b"") < REMEMBERED)
        self.exchanges.clear()
        self._prepared = 0

    def begin_body(self) -> None:
        """The fixtures of the test are ready; what it sends from now on is its own."""
        self._prepared = len(self.exchanges)
