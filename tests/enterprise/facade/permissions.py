"""Who may do what, by role: ``permissions.yaml``."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.enterprise.facade.callers import BELOW_MANAGER, RANKS
from tests.enterprise.facade.refusals import Refusal, forbidden, not_found

if TYPE_CHECKING:
    from conformance.contract import Operation
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.state.model import Model


@cache
def _table() -> tuple[tuple[str, str], ...]:
    rows = yaml.safe_load(Path(__file__).with_name("permissions.yaml").read_text(encoding="utf-8"))["operations"]
    return tuple((pattern, row["least"]) for row in rows for pattern in row["of"])


@cache
def least(operation: str) -> str:
    """The least role that may use an operation."""
    return next(role for pattern, role in _table() if fnmatchcase(operation, pattern))


def permit(model: Model, operation: Operation, caller: Caller, path: dict[str, Any] | None = None) -> None:
    """Raise the refusal that is due to somebody who may not.

    Args:
        path: what the path names, where it is known already: annotators and reviewers have to be members.
    """
    if caller.role == "DI" and operation.id != "users.whoami":
        raise Refusal(401, "The account is deactivated.")
    needed = least(operation.id)
    if caller.organization is None:
        if needed != "nobody":
            raise forbidden()
        return
    if needed == "nobody":
        return
    project = _project(model, operation, path) if path else None
    role = _role(model, caller, project)
    if RANKS.index(role) < RANKS.index(needed):
        raise forbidden()
    if project is not None and caller.role in BELOW_MANAGER and not model.people.is_project_member(project, caller.id):
        raise not_found("project")


def _role(model: Model, caller: Caller, project: int | None) -> str:
    """The caller's role; within a project an annotator or reviewer may have been given another one."""
    if project is None or caller.role not in BELOW_MANAGER:
        return caller.role
    given = next(model.store.of("role", project=project, user=caller.id), None)
    return str(given.values["role"]) if given else caller.role


def _project(model: Model, operation: Operation, path: dict[str, Any]) -> int | None:
    for slot, kind in model.resources.slot_kinds(operation).items():
        value = path.get(slot)
        if kind in {"project", "task", "annotation", "prediction"} and isinstance(value, int):
            return model.community.project_of(kind, value)
    return None
