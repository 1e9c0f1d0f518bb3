"""What the Enterprise operations do, area by area."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from tests.enterprise.facade.refusals import invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.enterprise.state.model import Call


# what is in a project of the real server, and the project itself
PLACED = frozenset({"project", "task", "annotation", "prediction"})


def load() -> None:
    """Import all areas: each says what it serves."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def look(call: Call) -> None:
    """404 where the path names what is not there, or not there for the caller's organisation."""
    kinds = call.model.resources.slot_kinds(call.operation)
    for slot, kind in kinds.items():
        if not there(call, kind, call.path[slot]):
            raise not_found(kind.replace("_", " "))
    named = {kind: call.path[slot] for slot, kind in kinds.items()}
    if "project" in named and "task" in named and call.community.project_of("task", named["task"]) != named["project"]:
        raise not_found("task")


def there(call: Call, kind: str, identity: Any) -> bool:
    """Is it there, in the caller's organisation?"""
    number = int(identity) if isinstance(identity, str) and identity.isascii() and identity.isdigit() else identity
    if kind == "organization":
        return bool(identity == call.organization)
    if kind == "user":
        return call.community.row("user", identity) is not None and call.community.is_member(
            identity, call.organization
        )
    if kind in {"dimension", "indicator"}:
        return True
    if kind in PLACED:
        row = call.community.row("project", call.community.project_of(kind, identity))
        return row is not None and row["organization_id"] == call.organization
    item = call.store.get(kind, number)
    if item is None:
        return call.store.exists(kind, number)
    return bool(item.values.get("organization", call.organization) == call.organization)


def look_in_body(call: Call) -> None:
    """400 where a body, or the query of a write, names what is not there."""
    for name, kind, identity in _named(call):
        if not there(call, kind, identity):
            raise invalid(name, f'Invalid pk "{identity}" - object does not exist.')


def _named(call: Call) -> Iterator[tuple[str, str, int]]:
    given = dict(call.body) if isinstance(call.body, dict) else {}
    for value in list(given.values()):
        if isinstance(value, dict):
            given |= {k: v for k, v in value.items() if k in {"included", "excluded"}}
    for name, value in given.items():
        kind = call.model.resources.field_kind(call.operation.id, name)
        for identity in value if isinstance(value, list) else [value]:
            if kind is not None and isinstance(identity, int) and not isinstance(identity, bool):
                yield name, kind, identity
    if call.operation.reads():
        return
    for name, value in call.query.items():
        kind = call.model.resources.query.get(name)
        if kind is not None and isinstance(value, int):
            yield name, kind, value
