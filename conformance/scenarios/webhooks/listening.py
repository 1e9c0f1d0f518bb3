"""Receivers that wait for what a webhook delivers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.peers import Delivery, Inbox
    from conformance.wire import Wire


SENTINEL = "the last event of the scenario"


@dataclass(frozen=True, slots=True)
class Ear:
    """Listens to the webhooks of one project.

    To know that nothing more comes, it renames the project: deliveries keep their order, so once that one is there
    all those before it are.
    """

    api: Wire
    eventually: Eventually
    project: int
    inbox: Inbox

    def heard(self, *, of: Inbox | None = None) -> list[Delivery]:
        """Everything that was delivered so far, but for the event that marks the end."""
        marker = f"{SENTINEL} {secrets.token_hex(4)}"
        self.api.call("projects.update", id=self.project, json={"description": marker})
        self.eventually(
            self.inbox.deliveries,
            until=lambda seen: any(marks_the_end(d, marker) for d in seen),
            budget="webhook delivered",
        )
        inbox = of or self.inbox
        return [d for d in inbox.deliveries() if not marks_the_end(d, SENTINEL)]

    def of(self, action: str) -> list[Any]:
        """The payloads of one action so far."""
        return [d.json() for d in self.heard() if d.json().get("action") == action]


def marks_the_end(delivery: Delivery, marker: str) -> bool:
    """Return whether the delivery is that of the renaming which ends the test: later ones have the new name as well."""
    payload = delivery.json()
    return payload.get("action") == "PROJECT_UPDATED" and marker in payload.get("project", {}).get("description", "")


def hook(api: Wire, project: dict[str, Any], inbox: Inbox, **settings: object) -> dict[str, Any]:
    """Make a webhook that delivers to an inbox."""
    body = {"project": project["id"], "url": inbox.url, **settings}
    made: dict[str, Any] = api.call("webhooks.create", json=body).json()
    return made


def ids(payloads: list[Any], kind: str) -> list[int]:
    """The ids of the objects that payloads name, in order."""
    return sorted(item["id"] for payload in payloads for item in payload.get(kind, []))
