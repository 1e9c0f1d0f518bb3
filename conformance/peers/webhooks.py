"""The receiver of webhooks: records deliveries, and answers late or with errors where a scenario wants that."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from conformance.peers.http import HttpPeer, Received

if TYPE_CHECKING:
    from werkzeug import Response

    from conformance.peers.base import Site

Delivery = Received
"""One webhook as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How an inbox answers.

    Attributes:
        status: The status of its answers.
        delay: Seconds until it answers (the delivery is written down at once).
        redirect_to: Where its answers point to; ``status`` should be a 3xx then.
    """

    status: int = 200
    delay: float = 0.0
    redirect_to: str | None = None


class Inbox:
    """An address of its own on the receiver, so that scenarios don't see each other's webhooks."""

    def __init__(self, receiver: WebhookReceiver, path: str) -> None:
        self._receiver = receiver
        self.path = path

    @property
    def url(self) -> str:
        """What goes into ``url`` of a webhook."""
        return self._receiver.address_for_target() + self.path

    def deliveries(self) -> list[Delivery]:
        """Return what has arrived here so far, in that order."""
        return self._receiver.deliveries(self.path)

    def behave(self, *, status: int | None = None, delay: float | None = None, redirect_to: str | None = None) -> None:
        """Change how this inbox answers from now on; what is not given stays (see `Behaviour`)."""
        given = {"status": status, "delay": delay, "redirect_to": redirect_to}
        self._receiver.set_behaviour(self.path, {key: value for key, value in given.items() if value is not None})


class WebhookReceiver(HttpPeer):
    """``inbox = receiver.inbox()``, hand ``inbox.url`` to the target, read ``inbox.deliveries()``."""

    name: ClassVar[str] = "webhooks"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._deliveries: list[Delivery] = []
        self._behaviours: dict[str, Behaviour] = {}

    def inbox(self, *, status: int = 200, delay: float = 0.0, redirect_to: str | None = None) -> Inbox:
        """Return a new inbox that answers so (see `Behaviour`)."""
        path = f"/inbox/{secrets.token_hex(8)}"
        with self._lock:
            self._behaviours[path] = Behaviour(status=status, delay=delay, redirect_to=redirect_to)
        return Inbox(self, path)

    def deliveries(self, path: str | None = None) -> list[Delivery]:
        """Return what has arrived so far, at ``path`` or anywhere, in that order.

        What came after a delivery that is still being read waits for it: whoever sees the one sees all before it.
        """
        known_to = self._arrivals.all_read_before()
        with self._lock:
            seen = [each for each in self._deliveries if path is None or each.path == path]
        return sorted((each for each in seen if each.arrival < known_to), key=attrgetter("arrival"))

    def set_behaviour(self, path: str, changes: dict[str, object]) -> None:
        """Change the behaviour of the inbox at ``path``."""
        with self._lock:
            self._behaviours[path] = replace(self._behaviours[path], **changes)  # type: ignore[arg-type]

    def _answer(self, received: Received) -> Response:
        from werkzeug import Response

        with self._lock:
            self._deliveries.append(received)
            self._arrivals.read(received.arrival)
            behaviour = self._behaviours.get(received.path, Behaviour(status=404))
        if behaviour.delay:
            self._wait(behaviour.delay)
        headers = {"Location": behaviour.redirect_to} if behaviour.redirect_to else {}
        return Response("", status=behaviour.status, headers=headers)
