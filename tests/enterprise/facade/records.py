"""The activity log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from conformance.contract import Operation
    from tests.enterprise.facade.app import Asked
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.state.model import Model


def record(
    model: Model, asked: Asked, operation: Operation, values: dict[str, str], caller: Caller, status: int
) -> None:
    """Note what somebody changed; to look at something changes nothing, so that looking twice shows the same."""
    if operation.reads():
        return
    user = model.community.row("user", caller.id) or {}
    model.log.append(
        {
            "id": len(model.log) + 1 if not model.log else model.log[-1]["id"] + 1,
            "datetime": now(),
            "email": user.get("email") or "",
            "user_id": caller.id,
            "organization_id": caller.organization,
            "project_id": _project(model, operation, values),
            "request_method": asked.method,
            "request_url": asked.target.decode("ascii", "replace").partition("?")[0],
            "response_code": str(status),
            "user_agent": asked.headers.get("user-agent", ""),
            "http_referer": asked.headers.get("referer", ""),
            "duration": 0,
        }
    )


def _project(model: Model, operation: Operation, values: dict[str, str]) -> int | None:
    """The project that a request is about, where its path says so."""
    for slot, kind in model.resources.slot_kinds(operation).items():
        text = values[slot]
        if kind in {"project", "task", "annotation", "prediction"} and text.isascii() and text.isdigit():
            found: Any = model.community.project_of(kind, int(text))
            return found if found is not None else (int(text) if kind == "project" else None)
    return None
