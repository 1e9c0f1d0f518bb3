"""What the façade learns from Community operations that pass: the history of annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.state.history import note

if TYPE_CHECKING:
    from conformance.contract import Operation
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.state.model import Model


def observe(model: Model, operation: Operation, values: dict[str, str], body: Any, caller: Caller) -> None:
    """Note a success."""
    if operation.id not in {"annotations.create", "annotations.update"} or not isinstance(body, dict):
        return
    number = body.get("id", values.get("id"))
    if isinstance(number, str) and number.isdigit():
        number = int(number)
    row = model.community.row("annotation", number)
    if row is None:
        return
    action = "submitted" if operation.id == "annotations.create" else "updated"
    note(model, row, "skipped" if row["was_cancelled"] else action, caller.id)
