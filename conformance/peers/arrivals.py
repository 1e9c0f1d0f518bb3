"""Records the order in which a server accepted its connections: the order in which its clients spoke.

Each request is read by a thread of its own. On a busy machine a later one can be read first; a receiver that went by
the order of reading would call an event missing while its thread still waits.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.serving import ThreadedWSGIServer

Address = tuple[str, int]
"""Host and port of the client's end of a connection."""

SILENT_FOR = 5.0
"""Seconds after which nobody waits any longer for a connection that says nothing."""


@dataclass(slots=True)
class Arrivals:
    """Numbers connections as they are accepted, and knows those whose request was not read yet."""

    _count: int = 0
    _numbers: dict[Address, int] = field(default_factory=dict)
    _unread: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, server: ThreadedWSGIServer) -> None:
        """Follow a server from now on, through the two places where ``socketserver`` takes up and ends a connection."""
        take_up, serve = server.process_request, server.process_request_thread

        def accepted(request: Any, client_address: Any) -> None:
            with self._lock:
                self._count += 1
                self._numbers[client_address[:2]] = self._count
                self._unread[self._count] = time.monotonic()
            take_up(request, client_address)

        def served(request: Any, client_address: Any) -> None:
            number = self.number(client_address[:2])
            try:
                serve(request, client_address)
            finally:
                self.read(number)

        server.process_request = accepted  # type: ignore[method-assign]
        server.process_request_thread = served  # type: ignore[method-assign]

    def number(self, address: Address) -> int:
        """Return the number of the last connection from ``address``, counted from 1."""
        with self._lock:
            return self._numbers.get(address, 0)

    def read(self, number: int) -> None:
        """Note that the request of a connection was read, or will never be."""
        with self._lock:
            self._unread.pop(number, None)

    def all_read_before(self) -> int:
        """Return the number of the first connection whose request may still come."""
        now = time.monotonic()
        with self._lock:
            waiting = (number for number, at in self._unread.items() if now - at < SILENT_FOR)
            return min(waiting, default=self._count + 1)
