"""What most kinds of objects have in common: they are made, shown, listed, changed and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.contract import load_contract
from tests.enterprise.facade.refusals import not_found
from tests.enterprise.state.model import SERVED, Answer
from tests.enterprise.state.shapes import HIDDEN, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item, Key

PAGE = 30
LARGEST_PAGE = 1000
_NOT_FILTERS = frozenset({"ordering", "page", "page_size", "search", "ids", "limit", "offset"})


def _nothing(_call: Call, _values: dict[str, Any]) -> dict[str, Any]:
    return {}


def _no_more(_call: Call, _item: Item) -> dict[str, Any]:
    return {}


def _no_check(_call: Call, _item: Item | None, _values: dict[str, Any]) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A kind of object with operations of its own.

    Attributes:
        operations: how their ids begin, ``workspaces``.
        parents: field of the object → the kind that it names and goes away with.
        slots: field of the object → the path parameter that it is taken from.
        starts: what a new object has besides what was sent.
        checks: raises a refusal where what was sent makes no sense.
        shows: what answers have besides what is kept.
        hidden: fields that no answer shows.
        searched: fields that ``search`` looks in.
        made: called with each new object; changed: with each that was changed; removing: before one goes.
    """

    kind: str
    operations: str
    parents: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    starts: Callable[[Call, dict[str, Any]], dict[str, Any]] = _nothing
    checks: Callable[[Call, Item | None, dict[str, Any]], None] = _no_check
    shows: Callable[[Call, Item], dict[str, Any]] = _no_more
    hidden: frozenset[str] = frozenset()
    searched: tuple[str, ...] = ("title",)
    made: Callable[[Call, Item], None] = lambda _call, _item: None
    changed: Callable[[Call, Item], None] = lambda _call, _item: None
    removing: Callable[[Call, Item], None] = lambda _call, _item: None

    def serve(self) -> None:
        """Answer those of the usual operations that the contract has."""
        known = load_contract().operations
        for verb, function in {
            "create": self.create,
            "get": self.get,
            "list": self.list,
            "update": self.update,
            "delete": self.delete,
        }.items():
            name = f"{self.operations}.{verb}"
            if name in known:
                SERVED.setdefault(name, function)

    def create(self, call: Call) -> Any:
        """Make one."""
        places = {name: call.path[slot] for name, slot in self.slots.items()}
        sent = {**call.body, **places}
        self.checks(call, None, sent)
        moment = now()
        values = {
            **self._plain(call),
            **sent,
            "created_by": call.caller.id,
            "organization": call.organization,
            "created_at": moment,
            "updated_at": moment,
        }
        values |= self.starts(call, values)
        item = call.store.add(self.kind, values, *self._parents(values))
        self.made(call, item)
        return self.shown(call, item)

    def _plain(self, call: Call) -> dict[str, Any]:
        """What a new object says of what nobody sent."""
        plain = call.model.shapes.answer(call.operation, call.operation.success[0], {})
        return {k: v for k, v in plain.items() if k != "id" and k not in self.hidden}

    def _parents(self, values: Mapping[str, Any]) -> list[Key]:
        return [(kind, values[name]) for name, kind in self.parents.items() if values.get(name) is not None]

    def shown(self, call: Call, item: Item) -> dict[str, Any]:
        """An object as answers have it."""
        return item.values | dict.fromkeys(self.hidden, HIDDEN) | self.shows(call, item)

    def find(self, call: Call) -> Item:
        """The object that the path names, in the place that the path names."""
        item = call.item(self.kind, call.path[call.operation.slots[-1]])
        if any(item.values.get(name) != call.path[slot] for name, slot in self.slots.items()):
            raise not_found(self.kind.replace("_", " "))
        return item

    def get(self, call: Call) -> Any:
        """Show one."""
        return self.shown(call, self.find(call))

    def list(self, call: Call) -> Any:
        """Show those that the path and the query ask for."""
        places = {name: call.path[slot] for name, slot in self.slots.items() if slot in call.path}
        places["organization"] = call.organization
        found = [self.shown(call, i) for i in call.store.of(self.kind, **places)]
        return listed(call, found, searched=self.searched)

    def update(self, call: Call) -> Any:
        """Change one."""
        item = self.find(call)
        self.checks(call, item, call.body)
        item.values |= {**call.body, "updated_at": now(), "organization": item.values["organization"]}
        item.parents = tuple(self._parents(item.values)) or item.parents
        self.changed(call, item)
        return self.shown(call, item)

    def delete(self, call: Call) -> Any:
        """Remove one."""
        item = self.find(call)
        self.removing(call, item)
        call.store.remove(item)
        return Answer(204)


def listed(call: Call, found: list[dict[str, Any]], *, searched: Iterable[str] = (), filtered: bool = True) -> Any:
    """A list as the query asks for it: filtered, searched, ordered, and a page of it where it comes in pages."""
    if filtered:
        for name, value in call.query.items():
            if name not in _NOT_FILTERS and found and all(name in values for values in found):
                found = [values for values in found if values[name] == value]
    text = str(call.query.get("search", "")).lower()
    if text:
        found = [v for v in found if any(text in str(v.get(name, "")).lower() for name in searched)]
    found = ordered(found, call.query.get("ordering", ""))
    media = call.operation.responses[200].content.get("application/json")
    _, schema = call.model.shapes.resolve(dict(media.schema or {}) if media else {})
    return page(call, found) if "results" in schema.get("properties", {}) else found


def ordered(found: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Sorted by fields; a minus turns one round."""
    for name in reversed([part.strip() for part in by.split(",") if part.strip()]):
        key = name.lstrip("-")
        if found and all(key in values for values in found):
            found = sorted(found, key=lambda v: _sortable(v[key]), reverse=name.startswith("-"))
    return found


def _sortable(value: Any) -> tuple[bool, float, str]:
    number = float(value) if isinstance(value, int | float) and abs(value) < 1e300 else 0.0
    return value is not None, number, "" if isinstance(value, int | float) else str(value)


def page(call: Call, found: list[Any]) -> dict[str, Any]:
    """One page, with where the next and the previous one are."""
    number = max(1, call.query.get("page", 1))
    size = call.query.get("page_size", PAGE)
    size = min(size, LARGEST_PAGE) if size > 0 else PAGE
    start = (number - 1) * size
    here = f"http://localhost{call.operation.fill(call.path)}"
    return {
        "count": len(found),
        "next": f"{here}?page={number + 1}&page_size={size}" if start + size < len(found) else None,
        "previous": f"{here}?page={number - 1}&page_size={size}" if number > 1 else None,
        "results": found[start : start + size],
    }
