"""What happened to annotations, step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.community import Row
    from tests.enterprise.state.model import Model
    from tests.enterprise.state.store import Item


def note(model: Model, annotation: Row, action: str, user: int, **more: Any) -> Item:
    """Add a step to the history of an annotation."""
    model.set("annotation", annotation["id"])["seen"] = True
    project = model.community.row("project", annotation["project_id"]) or {}
    return model.store.add(
        "history",
        {
            "annotation_id": annotation["id"],
            "task_id": annotation["task_id"],
            "project_id": annotation["project_id"],
            "organization_id": project.get("organization_id"),
            "action": action,
            "created_at": now(),
            "created_by": user,
            "lead_time": annotation["lead_time"],
            "result": json.loads(annotation["result"] or "[]"),
            "comment": None,
            "comment_id": None,
            "review_id": None,
            "draft_id": None,
            "started_at": None,
            **more,
        },
        ("annotation", annotation["id"]),
    )


def latest(model: Model, annotation: int) -> Item | None:
    """The last step of an annotation; None where nothing is known of it."""
    return max(model.store.of("history", annotation_id=annotation), key=lambda item: int(item.id), default=None)
