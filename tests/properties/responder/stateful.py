"""The responder with what histories need besides: it asks whether bodies name what is there, and has more faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from conformance.contract.tables.rules import load_rules
from tests.properties.responder.server import Answer, Responder, refusal

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.contract.tables.rules import Listing

Object = tuple[str, str]
NOBODY = 999_999


class StatefulResponder(Responder):
    """A server that knows what hangs on what.

    Faults, besides those of the responder:
        ``accepts-orphans``: makes things in what is not there.
        ``second-delete-breaks``: a DELETE of what is gone gives 500.
        ``resurrects``: a PATCH brings back what was deleted.
        ``serves-gone``: does for what is gone what it would do for what is there.
        ``lists-gone``: lists still show what was deleted.
        ``lists-nothing``: lists leave out what is there, but for the latest.
        ``lists-phantoms``: lists show what nobody made.
        ``takes-siblings``: a DELETE takes something else along.
        ``bleeds``: a PATCH changes all objects of the kind.
        ``empties-nothing``: bulk deletes are answered and do nothing.
    """

    def __init__(self, *faults: str, **given: Any) -> None:
        self.removed: dict[Object, dict[str, Any]] = {}
        super().__init__(*faults, **given)

    def _remove(self, kind: str, identity: str) -> None:
        stored = self.stored((kind, identity))
        if stored is not None:
            self.removed[kind, identity] = stored
        super()._remove(kind, identity)

    def _answer(
        self, operation: Operation, values: dict[str, str], query: str, headers: dict[str, str], content: bytes
    ) -> Answer:
        sent = _sent(content)
        named = self._named(operation, values, query, sent)
        early = self._early(operation, values, named, content)
        if early is not None:
            return early
        status, body = super()._answer(operation, values, query, headers, content)
        if status >= 300:
            return status, body
        self._afterwards(operation, named, sent)
        listing = load_rules().lists.get(operation.id)
        return status, body if listing is None else self._shown(listing, body, named, query)

    def _named(self, operation: Operation, values: dict[str, str], query: str, sent: dict[str, Any]) -> list[Object]:
        """Everything that a request names, the path's last first."""
        kinds = self.resources.slot_kinds(operation)
        found = [(kinds[s], unquote(values[s])) for s in reversed(operation.slots) if s in kinds]
        found += [(k, v[-1]) for n, v in parse_qs(query).items() if (k := self.resources.query.get(n))]
        for name, value in sent.items():
            emptied = self.resources.empties.get(operation.id) if name == "ids" else None
            kind = emptied or self.resources.field_kind(operation.id, name)
            found += [(kind, str(v)) for v in (value if isinstance(value, list) else [value]) if kind]
        return found

    def _early(
        self, operation: Operation, values: dict[str, str], named: list[Object], content: bytes
    ) -> Answer | None:
        """What is answered before anybody asks whether the path names something."""
        missing = [n for n in named if self.stored(n) is None]
        if not missing or (operation.reads() and not operation.slots):
            return None
        removing = self.resources.deleted_by(operation.id) is not None
        if operation.slots and removing and "second-delete-breaks" in self.faults:
            return 500, {"detail": "it was there a moment ago"}
        if operation.method == "PATCH" and "resurrects" in self.faults and missing[0] in self.removed:
            self.objects[missing[0]] = self.removed.pop(missing[0])
            return None
        if self.resources.created_by(operation.id) is not None and "accepts-orphans" in self.faults:
            return operation.success[0], self.write(operation, values, content)
        reads = {k.read for k in self.resources.kinds.values()}
        if "serves-gone" in self.faults and not removing and operation.method != "PATCH" and operation.id not in reads:
            return operation.success[0], self.sample(operation)
        status = 404 if operation.slots else 400
        return status, refusal(status)

    def _below(self, kind: str, named: list[Object]) -> list[Object]:
        return [k for k in self.objects if k[0] == kind and set(named) <= set(self._parents[k])]

    def _afterwards(self, operation: Operation, named: list[Object], sent: dict[str, Any]) -> None:
        kind = self.resources.empties.get(operation.id)
        if kind is not None and "empties-nothing" not in self.faults:
            for key in [n for n in named if n[0] == kind] or self._below(kind, named):
                self._remove(*key)
        siblings = [k for k in self.objects if named and k[0] == named[0][0]]
        if "takes-siblings" in self.faults and self.resources.deleted_by(operation.id) is not None and siblings:
            self._remove(*siblings[-1])
        if "bleeds" in self.faults and operation.method == "PATCH":
            for key in siblings:
                self.objects[key].update(sent)

    def _shown(self, listing: Listing, body: Any, named: list[Object], query: str) -> Any:
        """The elements of a list, by what hangs on what; pages are the responder's."""
        asked = parse_qs(query).get(listing.by or "", [""])[0].split(",")
        if asked == [""] and listing.by is not None:
            return body
        kind = self.resources.kinds[listing.kind]
        found = [self.objects[k] for k in self._below(kind.name, named) if asked == [""] or k[1] in asked]
        if "lists-gone" in self.faults:
            gone = [k for k in self.removed if k[0] == kind.name and set(named) <= set(self._parents[k])]
            found += [self.removed[k] for k in gone if asked == [""] or k[1] in asked]
        if "lists-nothing" in self.faults:
            found = found[-1:]
        if "lists-phantoms" in self.faults and named:
            found = [*found, {**self.sample(self.contract[str(kind.read)]), kind.identity: NOBODY}]
        if listing.at == "/*":
            return found
        return {**body, listing.at.split("/")[1]: found, "total": len(found), "count": len(found)}


def _sent(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content) if content else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
