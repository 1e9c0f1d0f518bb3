"""What the responder keeps in memory: objects that were created, and the answers that show them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from conformance.contract import SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.rules import load_rules
from tests.properties.responder.accounts import OWNER
from tests.properties.responder.samples import sample

if TYPE_CHECKING:
    from conformance.contract import Contract, Operation
    from conformance.contract.tables.resources import Kind


class Store:
    """Objects by kind and identity; what hangs on an object goes away with it.

    Attributes:
        faults: what is done wrong, by name.
        objects: what was created; ``standing`` is there from the beginning.
    """

    def __init__(self, faults: set[str]) -> None:
        self.faults = faults
        self.contract = load_contract()
        self.resources = load_resources()
        self.schemas = _schemas()
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._left: list[tuple[str, dict[str, Any]]] = []
        self._parents: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._shared: dict[tuple[str, str], set[str]] = {}
        self._numbers = 100
        self.standing = {("organization", "1"): {**self.sample(self.contract["organizations.get"]), "id": 1}}
        self.add_user(OWNER)

    def add_user(self, user: int) -> None:
        """Somebody signed up."""
        self.standing["user", str(user)] = {**self.sample(self.contract["users.get"]), "id": user}

    def stored(self, key: tuple[str, str]) -> dict[str, Any] | None:
        """An object by kind and identity."""
        return self.objects.get(key, self.standing.get(key))

    def sample(self, operation: Operation) -> Any:
        """A body as the documented success has it."""
        status = operation.success[0]
        content = operation.responses[status].content
        media = content.get("application/json") or next(iter(content.values()), None)
        return sample(media.schema if media else {}, dict(self.contract.document))

    def change_anyway(self, operation: Operation, values: dict[str, str]) -> None:
        """Change what a request names, although it is refused."""
        for slot, kind in self.resources.slot_kinds(operation).items():
            for name, value in self.objects.get((kind, values[slot]), {}).items():
                if isinstance(value, str) and name in {"title", "model_version", "first_name"}:
                    self.objects[kind, values[slot]][name] = "changed all the same"

    def _remove(self, kind: str, identity: str) -> None:
        removed = self.objects.pop((kind, identity), None)
        if removed is not None and "deleted-stay-listed" in self.faults:
            self._left.append((kind, removed))
        self.standing.pop((kind, identity), None)
        if "keeps-orphans" in self.faults:
            return
        for child in self.resources.kinds.values():
            if child.parent != kind:
                continue
            for name, number in list(self.objects):
                if name == child.name and (kind, identity) in self._parents[name, number]:
                    self._remove(name, number)

    def read(self, operation: Operation, values: dict[str, str], query: str) -> Any:
        """The body of an answer to a GET."""
        for kind in self.resources.kinds.values():
            if kind.read == operation.id and operation.slots:
                stored = self.stored((kind.name, unquote(values[operation.slots[-1]])))
                if stored is not None:
                    return stored
        rules = load_rules()
        body = self.sample(operation)
        found = next((k for k in self.resources.kinds.values() if k.found == operation.id), None)
        if found is not None:
            return [self._by_itself(operation, found, values, query)]
        if operation.id == "files.list":
            owner = ("project", values["id"])
            files = [o for key, o in self.objects.items() if key[0] == "file" and owner in self._parents[key]]
            return files[::-1] if "ordering=-" in query else files
        listed = rules.filters.get(operation.id) or rules.paged.get(operation.id) or rules.ordered.get(operation.id)
        if listed is None:
            return body
        return self._list(operation, body, query, values)

    def _by_itself(self, operation: Operation, kind: Kind, values: dict[str, str], query: str) -> dict[str, Any]:
        """One of what a server makes by itself, and lists: it is there from the moment that somebody looks."""
        place = kind.at.rpartition("/")[2]
        given = [(k, values[slot]) for slot, k in self.resources.slot_kinds(operation).items()]
        given += [(k, v[-1]) for name, v in parse_qs(query).items() if (k := self.resources.query.get(name))]
        known = next(
            (o for key, o in self.objects.items() if key[0] == kind.name and self._parents[key] == given), None
        )
        if known is None:
            self._numbers += 1
            element = sample(_items(operation, self.contract), dict(self.contract.document))
            identity = self._numbers if isinstance(element[place], int) else f"{kind.name} {self._numbers}"
            known = {**(self.sample(self.contract[kind.read]) if kind.read else {}), **element, place: identity}
            self.objects[kind.name, str(identity)] = known
            self._parents[kind.name, str(identity)] = given
        return known

    def _list(self, operation: Operation, body: Any, query: str, values: dict[str, str]) -> Any:
        rules = load_rules()
        given = {k: v[-1] for k, v in parse_qs(query).items()} | {k: unquote(v) for k, v in values.items()}
        table = rules.filters.get(operation.id, {})
        paged, ordered = rules.paged.get(operation.id), rules.ordered.get(operation.id)
        kind = next((r["kind"] for r in table.values()), None) or (paged or ordered or {})["make"]
        found = [o for (k, _), o in (*self.objects.items(), *(((k, ""), o) for k, o in self._left)) if k == kind]
        for name, rule in table.items():
            if name in given and "unfiltered" not in self.faults:
                found = [o for o in found if str(o.get(rule["field"])) == given[name] or rule["field"] not in o]
        if given.get("ordering", "").startswith("-") and "unordered" not in self.faults:
            found = found[::-1]
        total = len(found)
        if paged and "page" in given:
            size, page = max(1, int(given.get("page_size", 30))), max(1, int(given["page"]))
            start = (page - 1) * size - (1 if page > 1 and "overlapping-pages" in self.faults else 0)
            found = found[start : start + size]
        place = (paged or ordered or next(iter(table.values())))["at"]
        found = [self._element(operation, kind, o) for o in found]
        if place == "/*":
            return found
        return {**body, place.split("/")[1]: found, **({paged["total"].strip("/"): total} if paged else {})}

    def _element(self, operation: Operation, kind: str, stored: dict[str, Any]) -> dict[str, Any]:
        """An object as its list shows it: lists and objects have components of their own."""
        schema = _items(operation, self.contract)
        names = self._shared.get((operation.id, kind))
        element = sample(schema, dict(self.contract.document))
        if names is None:
            read = self.resources.kinds[kind].read
            shown = self.sample(self.contract[read]) if read else element
            names = {n for n in shown if n not in element or type(element[n]) is type(shown[n])}
            self._shared[operation.id, kind] = names
        return {**element, **{k: v for k, v in stored.items() if k in names}}

    def write(self, operation: Operation, values: dict[str, str], content: bytes) -> Any:
        """Do what a request that is fine asks for; returns the body of the answer."""
        kinds = self.resources.slot_kinds(operation)
        body = self.sample(operation)
        made, removed = self.resources.created_by(operation.id), self.resources.deleted_by(operation.id)
        if made is not None and isinstance(body, dict):
            body = self._make(operation, made, values, body, _sent(content))
        elif removed is not None:
            if "deletes-nothing" not in self.faults:
                self._remove(removed.name, unquote(values[operation.slots[-1]]))
            others = [number for kind, number in self.objects if kind == removed.name]
            if "deletes-a-sibling" in self.faults and others:
                self._remove(removed.name, others[0])
        elif operation.method == "PATCH" and kinds:
            body = self._patch(
                operation, (list(kinds.values())[-1], unquote(values[operation.slots[-1]])), body, content
            )
        elif operation.id == "projects.import_tasks":
            body |= self._import(values["id"])
        for kind, place in self.resources.makes.get(operation.id, {}).items():
            read = self.contract[str(self.resources.kinds[kind].read)]
            body |= {place.strip("/"): self._keep(kind, self.sample(read))}
        return body

    def _keep(self, kind: str, stored: dict[str, Any], *parents: tuple[str, str]) -> int:
        """Store an object under the next number."""
        self._numbers += 1
        self.objects[kind, str(self._numbers)] = stored
        self._parents[kind, str(self._numbers)] = list(parents)
        return self._numbers

    def _patch(self, operation: Operation, key: tuple[str, str], body: Any, content: bytes) -> Any:
        stored = self.stored(key)
        if stored is None:
            return body
        if "patch-forgets" in self.faults:
            stored.update({k: None for k, v in stored.items() if isinstance(v, str)})
        if "patch-ignored" not in self.faults:
            read = self.resources.kinds[key[0]].read
            shown = self.contract[read] if read else operation
            sent = {k: v for k, v in _sent(content).items() if v or "falsy-ignored" not in self.faults}
            if "patch-merges" in self.faults:
                sent = {
                    k: {**(self.objects[key].get(k) or {}), **v} if isinstance(v, dict) else v for k, v in sent.items()
                }
            if "nulls-ignored" in self.faults:
                sent = {k: v for k, v in sent.items() if v is not None}
            if "patch-forgets-the-last" in self.faults:
                sent = dict([*sent.items()][:-1]) if len(sent) > 2 else sent
            if "falsy-nulled" in self.faults:
                sent = {k: v or None if isinstance(v, str) else v for k, v in sent.items()}
            stored.update(self._fitting(shown, self.sample(shown), sent))
        return {**body, **self._fitting(operation, body, stored)}

    def _import(self, project: str) -> dict[str, Any]:
        """What an import makes: its status, and a file; returns what its answer says of them."""
        owner = ("project", project)
        status = self._keep("import", self.sample(self.contract["tasks.create_many_status"]), owner)
        shown = self.sample(self.contract["files.get"])
        number = self._keep("file", shown, owner)
        name = f"{project}/{number:08x}-tasks.csv"
        shown.update(id=number, file=f"/data/upload/{name}")
        self.objects["filename", name] = shown
        self._parents["filename", name] = [owner]
        return {"import": status, "file_upload_ids": [number]}

    def _make(self, operation: Operation, made: Kind, values: dict[str, str], body: Any, sent: dict[str, Any]) -> Any:
        """Store what was created; its answer."""
        kinds = self.resources.slot_kinds(operation)
        kept = {} if "forgets-input" in self.faults else sent
        if "texts-cut" in self.faults:
            kept = {k: v[:40] if isinstance(v, str) else v for k, v in kept.items()}
        if "texts-lowered" in self.faults:
            kept = {k: v.lower() if isinstance(v, str) else v for k, v in sent.items()}
        if "empty-is-nothing" in self.faults:
            kept = {k: v for k, v in sent.items() if v not in (0, "", [])}
        named = {
            name: int(values[slot])
            for slot, kind in kinds.items()
            for name in body
            if self.resources.body.get(name) == kind
        }
        self._numbers += 1
        # what is named by the client (a permission) keeps its name
        identity: Any = self._numbers
        if isinstance(body.get(made.identity), str):
            identity = kept.get(made.identity) or f"{made.name} {self._numbers}"
        known = {**named, made.identity: identity}
        body = {**body, **self._fitting(operation, body, kept), **known}
        read = self.contract[made.read] if made.read else None
        shown = self.sample(read) if read else body
        key = (made.name, str(known[made.identity]))
        self.objects[key] = {**shown, **(self._fitting(read, shown, kept) if read else {}), **known}
        self._parents[key] = [(kind, unquote(values[slot])) for slot, kind in kinds.items()] + [
            (kind, str(value)) for name, value in sent.items() if (kind := self.resources.body.get(name))
        ]
        return body

    def _fitting(self, operation: Operation, body: Any, sent: dict[str, Any]) -> dict[str, Any]:
        """Of what was sent, what the answer's schema has a place for: the two have components of their own."""
        pointer = operation.responses[operation.success[0]].content["application/json"].pointer
        if not self.schemas.violations(pointer, {**body, **sent}):
            return sent
        return {k: v for k, v in sent.items() if not self.schemas.violations(pointer, {**body, k: v})}


_CHECKER: list[SchemaChecker] = []


def _schemas() -> SchemaChecker:
    if not _CHECKER:
        _CHECKER.append(SchemaChecker(load_contract()))
    return _CHECKER[0]


def _sent(content: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(content) if content else {}
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


def _items(operation: Operation, contract: Contract) -> Any:
    """Schema of the elements of a list, whether it is the answer or a part of it."""
    schema: Any = operation.responses[200].content["application/json"].schema
    while isinstance(schema, dict) and schema.get("type") != "array":
        if "$ref" in schema:
            schema = contract.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = next((p for p in schema["properties"].values() if p.get("type") == "array"), {"type": "array"})
    return schema.get("items", {})
