"""Creates objects with every writable field set (``spec/rich.yaml``): a home, and a neighbour that must stay."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.places import at
from conformance.contract.tables.requests.prepared import MULTIPART
from conformance.contract.tables.requests.rich import load_rich
from conformance.peers import PeerUnavailable
from conformance.wire import RefusedByGuard
from conformance.world.making import CannotMake, cannot
from conformance.world.rich.neighbourhood import Neighbourhood
from conformance.world.rich.places import Place, Rich

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.wire import Exchange, Wire
    from conformance.world.level import Identity
    from conformance.world.services import Services

HOME: Final = "home"
NEIGHBOUR: Final = "neighbour"
# What stands for the place in texts (``§``, and ``¤`` in ASCII); numbers with a fraction are moved by what floats hold
# exactly.
PLACES: Final = {HOME: ("Ħ", "H", 0.0), NEIGHBOUR: ("ñ", "n", 0.015625)}
PARTS: Final = ("labels", "views", "webhooks", "files", "exports")
"""What is made unless told otherwise: all that needs no service but a receiver of webhooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RichWorld:
    """Two places that have everything; the second one is nobody's business.

    ``home["first"].id`` is a task with annotations, predictions and a skipped annotation.
    """

    home: Place
    neighbour: Place
    neighbourhood: Neighbourhood

    @property
    def project(self) -> Identity:
        """The project at home."""
        return self.home["project"].id


def make_rich(
    wire: Wire,
    services: Services,
    new_name: Callable[[str], str],
    *,
    parts: tuple[str, ...] = PARTS,
    places: tuple[str, ...] = (HOME, NEIGHBOUR),
) -> RichWorld:
    """Make both places.

    Args:
        wire: what to send through.
        services: facts of the loopback services.
        new_name: makes titles that nothing else has.
        parts: of ``spec/rich.yaml``; projects and tasks are always made.
        places: the home, and the neighbour where a test looks at it.

    Raises:
        CannotMake: the target does not let a project or a task be made.
    """
    me = wire.call("users.whoami").json()["id"]
    resolver = _Resolver(services, new_name, {"me": me})
    with wire.unchecked():
        made = {name: _make(wire, resolver, name, parts) for name in places}
    exports = tuple(load_rich()["exports"])
    return RichWorld(
        home=made[HOME],
        neighbour=made.get(NEIGHBOUR, Place(NEIGHBOUR)),
        neighbourhood=Neighbourhood(
            wire, tuple(made.values()), exports=exports, volatile=frozenset(load_rich()["volatile"])
        ),
    )


def _make(wire: Wire, resolver: _Resolver, name: str, parts: tuple[str, ...]) -> Place:
    place = Place(name)
    for entry in load_rich()["objects"]:
        part = entry.get("part")
        if part is not None and part not in parts:
            continue
        try:
            place.objects[entry["name"]] = _made(wire, resolver, place, entry)
        except (CannotMake, PeerUnavailable, RefusedByGuard) as problem:
            if part is None:
                raise
            place.missing[entry["name"]] = problem
    return place


def _undescribed(wire: Wire, resolver: _Resolver, place: Place, entry: Mapping[str, Any]) -> Rich:
    """Make what no operation of the contract makes, where nobody but this run can be hurt by the attempt."""
    if not wire.disposable:
        raise CannotMake("", "no operation of the contract makes it")
    sent = resolver(entry["json"], place)
    path = re.sub(r"\$(\w+)", lambda found: str(place[found[1]].id), entry["request"])
    headers = [("Content-Type", "application/json")]
    exchange = wire.request("POST", path, content=json.dumps(sent).encode(), headers=headers)
    if not exchange.ok:
        raise CannotMake("", exchange.brief())
    identity = _identity(exchange, "/id")
    return Rich(name=entry["name"], kind=entry["kind"], id=identity, sent=sent, answered=exchange.json())


def _made(wire: Wire, resolver: _Resolver, place: Place, entry: Mapping[str, Any]) -> Rich:
    if "request" in entry:
        return _undescribed(wire, resolver, place, entry)
    kind = wire.resources.kinds[entry["kind"]]
    operation = entry.get("operation") or kind.create or ""
    path = resolver(entry.get("path", {}), place)
    sent = resolver(entry.get("json", {}), place)
    if "files" in entry:
        files = {n: (f["name"], f["text"], f["type"]) for n, f in resolver(entry["files"], place).items()}
        exchange = wire.call(operation, files=files, headers=MULTIPART, expect=None, **path)
    else:
        exchange = wire.call(operation, json=sent, expect=None, **path)
    if not exchange.ok:
        cannot(exchange)
    identity = _identity(exchange, str(entry.get("at", f"/{kind.identity}")))
    if "files" in entry:
        wire.ledger.adopt(kind.name, identity)
    return Rich(name=entry["name"], kind=kind.name, id=identity, sent=sent, answered=exchange.json())


def _identity(exchange: Exchange, place: str) -> Identity:
    try:
        found = at(exchange.json(), place)
    except ValueError:
        found = []
    if not found or not isinstance(found[0], int | str):
        cannot(exchange)
    return found[0]


class _Resolver:
    """Replaces ``§``, ``$name`` and the like, and moves numbers by their place."""

    def __init__(self, services: Services, new_name: Callable[[str], str], known: Mapping[str, Identity]) -> None:
        self._services = services
        self._new_name = new_name
        self._known = known

    def __call__(self, value: Any, place: Place) -> Any:
        moved = PLACES[place.name][2]
        match value:
            case dict():
                return {self._text(k, place): self(v, place) for k, v in value.items()}
            case list():
                return [self(v, place) for v in value]
            case float():
                return value + moved
            case str():
                return self._text(value, place)
        return value

    def _text(self, value: str, place: Place) -> Any:
        letter, plain, _ = PLACES[place.name]
        if not value.startswith("$"):
            return value.replace("§", letter).replace("¤", plain)
        head, _, rest = value[1:].partition(".")
        match head:
            case "new":
                return self._new_name(f"Rich {letter}")
            case "email":
                return f"{self._new_name('rich')}@example.com".replace(" ", "-").lower()
            case "config":
                return load_rich()["config"]
            case "peer":
                return self._services.fact(rest)
        return self._known[head] if head in self._known else place[head].id
