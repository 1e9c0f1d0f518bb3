"""Creates drafts as the editor does: the contract has them in answers, and no operation that makes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.outcomes import LeftAlone, NotMeasured
from conformance.wire import DEFAULT

if TYPE_CHECKING:
    from conformance.wire import Exchange, Wire

JSON = [("Content-Type", "application/json")]


def ask(api: Wire, method: str, path: str, body: object = None, *, role: str | None = None) -> Exchange:
    """Send a request about drafts, whatever comes back.

    Raises:
        LeftAlone: others may work on the target, and what the contract does not describe could hurt them.
    """
    if not api.disposable:
        raise LeftAlone("no operation of the contract makes a draft, and nothing else is tried on this target")
    content = None if body is None else json.dumps(body).encode()
    return api.request(method, path, content=content, headers=JSON, role=role or DEFAULT)


def make_draft(
    api: Wire, task: int, *regions: dict[str, Any], annotation: int | None = None, role: str | None = None
) -> int:
    """Save a draft of a task, or of an annotation of it; returns its id.

    Raises:
        NotMeasured: the target has no drafts, or has them elsewhere: what is refused there would show nothing.
    """
    below = f"/api/tasks/{task}" + ("" if annotation is None else f"/annotations/{annotation}")
    made = ask(api, "POST", f"{below}/drafts", {"result": list(regions), "lead_time": 7.5}, role=role)
    if not made.ok:
        raise NotMeasured(f"needs a draft, and the target does not make one: {made.brief()}")
    draft = int(made.json()["id"])
    if not (alone := ask(api, "GET", f"/api/drafts/{draft}/", role=role)).ok:
        raise NotMeasured(f"needs a draft that its author can read: {alone.brief()}")
    return draft


def needs_shown(api: Wire, task: int) -> None:
    """Look at the drafts of a task as their author.

    Raises:
        NotMeasured: the task shows none: that it shows none to others, or elsewhere, would show nothing.
    """
    if not drafts_of(api.call("tasks.get", id=task)):
        raise NotMeasured("needs a draft that is shown with its task")


def drafts_of(exchange: Exchange) -> list[Any]:
    """The results of the drafts that a task shows."""
    return [draft["result"] for draft in exchange.json()["drafts"]]
