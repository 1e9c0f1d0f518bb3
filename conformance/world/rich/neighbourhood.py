"""Reads everything about some projects as single facts, to compare them before and after a write."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.wire import Exchange, Wire
    from conformance.world.rich.places import Place

Fact = tuple[str, str, str, str]
"""Reader, kind, identity and field: ``("tasks.list", "task", "7", "meta")``."""
Facts = dict[Fact, Any]
ANY: Final = "*"
ABSENT: Final = "absent"
LISTED: Final = "listed"
"""The field of a reader itself: which objects it shows, in its order."""
# what is found below these keys is an object of its own
_PARTS: Final = {"tasks": "task", "annotations": "annotation", "predictions": "prediction", "drafts": "draft"}
# kinds that are listed for a project, and the operation
_LISTS: Final = {
    "prediction": "predictions.list",
    "view": "views.list",
    "webhook": "webhooks.list",
    "ml_backend": "ml.list",
}
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is no longer what it was; ``absent`` where there was or is none."""

    fact: Fact
    before: Any
    after: Any

    def __str__(self) -> str:
        reader, kind, identity, field = self.fact
        return f"{kind} {identity}.{field} in {reader}: {self.before!r} → {self.after!r}"


class Neighbourhood:
    """Reads everything that shows the objects of some places; of all but the first only what one answer shows many of.

    Args:
        wire: what to send through.
        places: whose projects are read; the first is the one that is written to.
        exports: formats of the direct export that are read besides.
        volatile: fields that may change although nobody wrote.
    """

    def __init__(
        self, wire: Wire, places: Sequence[Place], *, exports: Sequence[str] = (), volatile: frozenset[str]
    ) -> None:
        self._wire = wire
        self._places = tuple(places)
        self._exports = tuple(exports)
        self._volatile = volatile

    def look(self, *, exports: bool = True) -> Facts:
        """Every fact that the readers tell now; a reader that does not work is a fact, too."""
        facts: Facts = {}
        with self._wire.unchecked():
            for place in self._places:
                self._lists(place, facts)
            self._closely(self._places[0], facts, exports=exports)
        return facts

    def _lists(self, place: Place, facts: Facts) -> None:
        project = place["project"].id
        ask = self._wire.call
        self._take(facts, "projects.get", "project", ask("projects.get", id=project, expect=None))
        whole = {"project": project, "fields": "all", "page_size": _PAGE}
        self._take(facts, f"tasks.list {place.name}", "task", ask("tasks.list", query=whole, expect=None))
        for kind in sorted({o.kind for o in place}):
            operation = _LISTS.get(kind)
            if operation is None and kind.endswith(("_import", "_export")):
                operation = (self._wire.resources.kinds[kind].create or "").replace(".create", ".list")
            if operation is not None:
                listed = ask(operation, query={"project": project}, expect=None)
                self._take(facts, f"{operation} {place.name}", kind, listed)
        if "file" in place:
            files = ask("files.list", id=project, query={"all": "true"}, expect=None)
            self._take(facts, f"files.list {place.name}", "file", files)
        if "snapshot" in place:
            listed = ask("projects.exports.list", id=project, expect=None)
            self._take(facts, f"projects.exports.list {place.name}", "export", listed)

    def _closely(self, place: Place, facts: Facts, *, exports: bool) -> None:
        project = place["project"].id
        ask = self._wire.call
        query = {"ids": str(project)}
        self._take(facts, f"projects.list {place.name}", "project", ask("projects.list", query=query, expect=None))
        counts = ask("projects.list_counts", query=query, expect=None)
        self._take(facts, f"projects.list_counts {place.name}", "project", counts)
        for view in place.of("view"):
            shown = ask("tasks.list", query={"view": view.id, "page_size": _PAGE, "include": "id"}, expect=None)
            self._take(facts, f"tasks.list {place.name} {view.name}", "task", shown)
        for task in place.of("task"):
            self._take(facts, "tasks.get", "task", ask("tasks.get", id=task.id, expect=None))
        for user in place.of("user"):
            self._take(facts, "users.get", "user", ask("users.get", id=user.id, expect=None))
        for format_name in self._exports if exports else ():
            query = {"export_type": format_name, "download_all_tasks": "true"}
            shown = ask("projects.exports.download_sync", id=project, query=query, expect=None)
            self._take(facts, f"export {format_name} {place.name}", "task", shown)

    def _take(self, facts: Facts, reader: str, kind: str, exchange: Exchange) -> None:
        if not exchange.ok:
            facts[reader, kind, ANY, "status"] = exchange.status
            return
        try:
            value = exchange.json()
        except ValueError:
            value = list(csv.DictReader(io.StringIO(exchange.text)))
        if isinstance(value, dict) and "id" not in value:  # a page
            parts = {k: v for k, v in value.items() if isinstance(v, list)}
            facts |= {(reader, kind, ANY, k): v for k, v in value.items() if k not in parts}
            value = next(iter(parts.values()), [])
        self._walk(facts, reader, kind, value)

    def _walk(self, facts: Facts, reader: str, kind: str, value: Any) -> None:
        if isinstance(value, list):
            facts[reader, kind, ANY, LISTED] = [str(v.get("id")) if isinstance(v, dict) else v for v in value]
            for item in value:
                if isinstance(item, dict):
                    self._walk(facts, reader, kind, item)
            return
        identity = str(value.get("id"))
        for field, held in value.items():
            if field in self._volatile:
                continue
            part = _PARTS.get(field)
            if part is None or not isinstance(held, list) or not all(isinstance(h, dict) and "id" in h for h in held):
                facts[reader, kind, identity, field] = held
                continue
            facts[reader, kind, identity, field] = sorted(str(h["id"]) for h in held)
            for item in held:
                self._walk(facts, reader, part, item)


def changes(before: Facts, after: Facts, *, but: Iterable[tuple[str, object, str]] = ()) -> list[Change]:
    """Return what is no longer as it was.

    Args:
        before: as looked at before a write.
        after: and after it.
        but: kind, identity and field of what may have changed; ``"*"`` stands for any.
    """
    allowed = [(kind, str(identity), field) for kind, identity, field in but]
    found = []
    for fact in sorted({*before, *after}):
        old, new = before.get(fact, ABSENT), after.get(fact, ABSENT)
        if old != new and not any(_covers(pattern, fact) for pattern in allowed):
            found.append(Change(fact, old, new))
    return found


def _covers(pattern: tuple[str, str, str], fact: Fact) -> bool:
    return all(p in (ANY, f) for p, f in zip(pattern, fact[1:], strict=True))


def brief(found: Sequence[Change], most: int = 6) -> list[str]:
    """The first few changes, each on a line; readers that say the same of one thing once."""
    once: Mapping[tuple[str, str, str], Change] = {c.fact[1:]: c for c in reversed(found)}
    return [str(c) for c in sorted(once.values(), key=lambda c: c.fact)[:most]]
