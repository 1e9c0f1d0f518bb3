"""Prepares a project with objects of every kind, writes hard values to it, and reads it back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.tables.requests.hard_values import spoiled
from conformance.contract.tables.requests.prepared import NOTHING
from conformance.contract.tables.requests.rich import load_rich
from conformance.properties.generation.bodies import resolved, rich_body
from conformance.properties.judging.recording import nothing_to_do
from conformance.wire import RefusedByGuard
from conformance.wire.messages import RawRequest
from conformance.world import CannotMake

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from conformance.contract import Operation
    from conformance.contract.tables.requests.hard_values import HardCase, HardValues, Look
    from conformance.wire import Exchange, Wire
    from conformance.world import World

INSIDE: Final = ("task", "annotation", "prediction", "view")
"""What is in the project before anything is written, so that every reader has something to show."""
PROJECT: Final = "project"
HOSTILE: Final = frozenset({"not finite", "beyond 64 bits", "no character", "no such day", "at the ends of time"})
"""Classes that a server may refuse although a schema allows them."""
AFTER: Final = "whatever is asked after"
JSON: Final = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write.

    Attributes:
        case: None for the valid body.
        text: the value that was put in.
        identity: of the object that was made or changed; None where nobody said.
    """

    case: HardCase | None
    text: str
    exchange: Exchange
    identity: int | str | None


class Subject:
    """Where hard values are written to, by one operation; made anew in each scope of the world."""

    def __init__(self, operation: Operation, world: World, wire: Wire, known: HardValues) -> None:
        self.operation = operation
        self._world = world
        self._wire = wire
        self._known = known
        made = wire.resources.created_by(operation.id)
        patched = next(
            (k for k in wire.resources.kinds.values() if k.read and wire.contract[k.read].path == operation.path), None
        )
        kind = made or (patched if operation.method == "PATCH" else None)
        self.kind = kind.name if kind else ""
        self.read = kind.read if kind else None
        self._create = kind.create if kind and operation.method == "PATCH" else None
        self.template = known.bodies.get(operation.id) or rich_body(self.kind)
        names = known.readers.get(operation.id) or known.readers.get(self.kind)
        self.wide = names is not None
        self._looks = [known.looks[n] for n in names or ()]

    @property
    def one_object(self) -> bool:
        """Return whether all writes go to one object: a batch then has one write per field."""
        return self._create is not None and self.kind == PROJECT

    def fields(self) -> Any:
        """Return what of the template the operation takes: a change names no parent."""
        if self._create is None:
            return self.template
        writable = self._wire.contract.writable(self.operation)
        return {k: v for k, v in self.template.items() if k in writable and not str(v).startswith("$")}

    def prepare(self) -> None:
        """Make what is there before: a project with a config that has several controls, and a few objects."""
        project = self._world.get(PROJECT)
        if self.wide:
            config = load_rich()["config"]
            with self._wire.unchecked():
                self._wire.call("projects.update", id=project, json={"label_config": config}, expect=None)
            for kind in INSIDE:
                with suppress(CannotMake):
                    self._world.get(kind)

    def write(self, case: HardCase | None = None, text: str = "") -> Written | None:
        """Send the valid body, or one with a hard value; None where the guard did not let it leave."""
        identity: int | str | None = None
        values: dict[str, Any] = dict(self._world.values(self.operation))
        if self._create is not None:
            if self.kind != PROJECT:
                with self._wire.unchecked():
                    identity = self._made(self._create)
                values[self.operation.slots[-1]] = identity
            else:
                identity = values[self.operation.slots[-1]]
        request = RawRequest(
            method=self.operation.method,
            url=self._wire.base_url + self.operation.fill(values),
            headers=JSON,
            content=self._body(case, text),
            deed="" if case is None else f"{case.place}: {case.what}",
            spoiled=case is not None and case.what in HOSTILE,
        )
        named = {k: str(v) for k, v in values.items()}
        try:
            with self._wire.key_at_risk():
                exchange = self._wire.send(request, operation=self.operation, path_values=named)
        except RefusedByGuard:
            return None
        if identity is None and exchange.ok and self.kind:
            answer = exchange.object() or {}
            identity = answer.get(self._wire.resources.kinds[self.kind].identity)
        return Written(case=case, text=text, exchange=exchange, identity=identity)

    def _made(self, create: str) -> int | str:
        operation = self._wire.contract[create]
        body = resolved(self.template, self._world)
        values: dict[str, Any] = dict(self._world.values(operation))
        made = self._wire.call(create, json=body, expect=None, **values)
        identity = (made.object() or {}).get(self._wire.resources.kinds[self.kind].identity)
        if not made.ok or identity is None:
            nothing_to_do(f"nothing to write to: {made.brief()}")
        return int(identity) if isinstance(identity, int) else str(identity)

    def _body(self, case: HardCase | None, text: str) -> bytes:
        body = resolved(self.template if self._create is None else self._smallest(case), self._world)
        return spoiled(body, case.steps, text) if case else json.dumps(body).encode()

    def _smallest(self, case: HardCase | None) -> Any:
        """A change of one field only, with what the operation can't do without."""
        given = self._world.requests[self.operation.id].json
        smallest = {} if given is NOTHING or not isinstance(given, dict) else dict(given)
        if case is not None:
            smallest[str(case.steps[0])] = self.template[case.steps[0]]
        return smallest

    def closely(self, written: Written) -> Exchange | None:
        """Read what was written itself: the answer that broke, else any; None where nobody can know what was written.

        What was stored although the answer failed has no identity that anybody was told; a list beside it shows it.
        """
        if self.read is None:
            return None
        identity, beside = written.identity, self._known.beside.get(self.kind)
        with self._wire.unchecked():
            if identity is not None:
                operation = self._wire.contract[self.read]
                values: dict[str, Any] = {**self._world.values(operation), operation.slots[-1]: identity}
                shown = self._wire.call(self.read, expect=None, **values)
                if beside is None or shown.server_error:
                    return shown
            elif beside is None or "$it" in beside.query.values():
                return None
            query = {k: identity if v == "$it" else self._world.resolve(v) for k, v in beside.query.items()}
            return self._ask(beside, query)

    def look(self, only: Collection[str] | None = None) -> dict[str, Exchange]:
        """Ask those who read (some of them): the exchange by name."""
        seen: dict[str, Exchange] = {}
        with self._wire.unchecked():
            for look in self._looks:
                for name, query in self._asked(look):
                    if only is None or name in only:
                        seen[name] = self._ask(look, query)
                        if look.json is not None and not self.works(name, seen[name]):
                            self._after(f"{AFTER} a {name}", seen)
        return seen

    def _after(self, name: str, seen: dict[str, Exchange]) -> None:
        """What was asked to do something and failed may leave the server unable to answer whoever comes next."""
        project = self._world.get(PROJECT)
        told = self._wire.call("projects.get", id=project, expect=None)
        if told.server_error:
            seen[name] = told
            # a server may be broken for one connection only: whoever goes on takes another
            self._wire.request("GET", "/api/version", headers=[("Connection", "close")])

    def _asked(self, look: Look) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if look.once_per is None:
            yield look.name, self._world.resolve(dict(look.query))
            return
        for name in self._formats():
            yield f"{look.name} {name}", {k: name if v == "$format" else v for k, v in look.query.items()}

    def _formats(self) -> list[str]:
        """The formats that the project says it can be exported to."""
        project = self._world.get(PROJECT)
        told = self._wire.call("projects.exports.list_formats", id=project, expect=None)
        listed = told.json() if told.ok else []
        return [str(f["name"]) for f in listed if isinstance(f, dict) and not f.get("disabled")]

    def _ask(self, look: Look, query: Mapping[str, Any]) -> Exchange:
        body = None if look.json is None else self._world.resolve(dict(look.json))
        values: dict[str, Any] = dict(self._world.values(self._wire.contract[look.operation]))
        return self._wire.call(look.operation, query=query, json=body, expect=None, **values)

    def works(self, name: str, exchange: Exchange) -> bool:
        """Return whether a reader can use the answer."""
        if name.startswith(AFTER):
            return exchange.succeeded
        look = next((known for known in self._looks if name == known.name or name.startswith(f"{known.name} ")), None)
        answer = exchange.object() if look is not None and look.holds else None
        return exchange.succeeded and (
            answer is None or look is None or all(answer.get(k) == v for k, v in look.holds.items())
        )
