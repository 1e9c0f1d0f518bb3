"""Traces values in requests to the answers that gave them, so that an id or a token becomes a variable."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from operator import is_not
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.contract.tables.resources import Resources
    from conformance.wire import Exchange

LARGEST: Final = 1 << 18
# Keys and tokens are at least so long.
SECRET: Final = 20
# Fields of answers that name an object, besides those by which requests do.
_ALSO: Final = {
    "active_organization": "organization",
    "organization": "organization",
    "completed_by": "user",
    "created_by": "user",
    "import": "import",
    "task_ids": "task",
    "user": "user",
}
# What a server makes up: tokens, names of files, addresses; no words, and long enough not to turn up by chance.
_GIVEN: Final = re.compile(r"(?=\D{0,200}\d)[\w.~+/=:@?&%-]{8,2000}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")


@dataclass(frozen=True, slots=True)
class Ref:
    """A value that an answer gave.

    Attributes:
        index: of the exchange.
        place: JSON pointer into its body, or ``cookie NAME``.
        kind: what it is, for the name that it gets.
    """

    index: int
    place: str
    kind: str


@dataclass(slots=True)
class Trace:
    """The answers of some exchanges, to be asked what they gave.

    Args:
        exchanges: in the order in which they were sent.
        start: index of the first one of the test that is looked at.
        resources: tells which fields name objects.
    """

    exchanges: Sequence[Exchange]
    start: int
    resources: Resources
    _objects: dict[tuple[str, str], list[Ref]] = field(default_factory=dict)
    _texts: dict[str, Ref] = field(default_factory=dict)
    _by_length: list[tuple[str, Ref]] = field(default_factory=list)
    _repeatable: dict[int, bool] = field(default_factory=dict)
    _sent: str = ""

    def __post_init__(self) -> None:
        """Go through the answers once."""
        self._read(0)

    def goes_on(self, exchanges: Sequence[Exchange], start: int) -> bool:
        """Take up exchanges that begin with those that are known, of the same test; False if these are others."""
        known = len(self.exchanges)
        if start != self.start or len(exchanges) < known or any(map(is_not, self.exchanges, exchanges)):
            return False
        self.exchanges = exchanges
        self._read(known)
        return True

    def _read(self, first: int) -> None:
        """Go through the answers from the one with this index on."""
        for index, exchange in enumerate(self.exchanges[first:], first):
            self._sent += f"{unquote_plus(exchange.request.url)}\n{_sent(exchange.request.content)}\n"
            for name, value in cookies(exchange).items():
                self._keep(value, Ref(index, f"cookie {name}", name))
            if len(exchange.content) > LARGEST:
                continue
            try:
                body = exchange.json()
            except (ValueError, RecursionError):
                continue
            main = self._main_kind(exchange)
            for place, key, value in leaves(body):
                if isinstance(value, str):
                    self._keep(value, Ref(index, place, key or "value"))
                elif isinstance(value, int) and not isinstance(value, bool):
                    kind = self._kind_of(place, key, main)
                    if kind is not None:
                        self._objects.setdefault((kind, str(value)), []).append(Ref(index, place, kind))
        self._by_length = sorted(self._texts.items(), key=lambda item: -len(item[0]))

    def _keep(self, value: str, ref: Ref) -> None:
        given = _GIVEN.fullmatch(value) and not _TIME.fullmatch(value)
        if given and value not in self._texts and value not in self._sent:
            self._texts[value] = ref

    def _main_kind(self, exchange: Exchange) -> str | None:
        """The kind of the objects that an answer is about."""
        if exchange.operation is None:
            return None
        name = exchange.operation.id
        for kind in self.resources.kinds.values():
            if name in {kind.create, kind.read, f"{str(kind.read).removesuffix('.get')}.list"}:
                return kind.name
        return "user" if name == "users.whoami" else None

    def _kind_of(self, place: str, key: str, main: str | None) -> str | None:
        if key != "id":
            return self.kind(key)
        if place.count("/") <= main_depth(place):
            return main
        below = re.search(r"/(\w+)s/\d+/id\Z", place)
        return below[1] if below is not None and below[1] in self.resources.kinds else None

    def kind(self, key: str) -> str | None:
        """The kind of object that a field of this name names."""
        return self.resources.body.get(key) or self.resources.query.get(key) or _ALSO.get(key)

    def origin(self, kind: str | None, identity: object, before: int) -> Ref | None:
        """Find the answer before exchange ``before`` that gave the id of an object."""
        found = self._objects.get((kind or "", str(identity)), ())
        known = [ref for ref in found if ref.index < before and self._usable(ref.index)]
        # a server may give the id of something that was deleted to something new: the latest that was made counts
        made = [ref for ref in known if self._makes(ref)]
        own = [ref for ref in known if ref.index >= self.start]
        latest = next((ref for ref in reversed(made) if ref.index >= self.start or not own), None)
        return latest or next(iter(own), None) or next(reversed(known), None)

    def done_to(self, ref: Ref) -> list[int]:
        """The exchanges before the test that changed the object (or the account) that an answer told of."""
        try:
            exchange = self.exchanges[ref.index]
            cookie = ref.place.removeprefix("cookie ")
            value = str(at(exchange.json(), ref.place)) if cookie == ref.place else cookies(exchange)[cookie]
        except (ValueError, LookupError, TypeError):
            return []
        later = range(ref.index + 1, self.start)
        about = {(ref.kind, value)}
        own: set[int] = set()
        if len(value) >= SECRET:
            own = {n for n in later if any(value in v for _, v in self.exchanges[n].request.headers)}
            about |= {("user", str(who)) for n in own if (who := self._account(self.exchanges[n])) is not None}
        found = []
        for index in later:
            exchange = self.exchanges[index]
            if exchange.operation is None or exchange.request.method == "GET" or not self._usable(index):
                continue
            kinds = self.resources.slot_kinds(exchange.operation)
            named = {(str(kinds.get(slot)), v) for slot, v in exchange.path_values.items()}
            if index in own or about & named:
                found.append(index)
        return found

    @staticmethod
    def _account(exchange: Exchange) -> object:
        """Return whose key it was, if the exchange asked for that."""
        asked = exchange.operation is not None and exchange.operation.id == "users.whoami" and exchange.ok
        return exchange.json().get("id") if asked else None

    def _makes(self, ref: Ref) -> bool:
        """Return whether the answer is that of the object's creation."""
        operation = self.exchanges[ref.index].operation
        made = self.resources.created_by(operation.id) if operation is not None else None
        return made is not None and made.name == ref.kind and ref.place.count("/") <= main_depth(ref.place)

    def _usable(self, index: int) -> bool:
        """Return whether the exchange can be repeated: one from before the test may name unknown objects."""
        if index >= self.start:
            return True
        if index not in self._repeatable:
            self._repeatable[index] = False  # while it is asked, it does not count for itself
            exchange = self.exchanges[index]
            kinds = self.resources.slot_kinds(exchange.operation) if exchange.operation is not None else {}
            named = [(kind, exchange.path_values.get(slot, "")) for slot, kind in kinds.items()]
            self._repeatable[index] = all(self.origin(kind, value, index) is not None for kind, value in named)
        return self._repeatable[index]

    def text(self, value: str, before: int) -> Ref | None:
        """Find the answer that gave exactly this text."""
        ref = self._texts.get(value)
        return ref if ref is not None and ref.index < before and self._usable(ref.index) else None

    def within(self, text: str, before: int) -> list[tuple[str, Ref]]:
        """The texts of earlier answers that are part of this one, the longest first, none inside another."""
        found: list[tuple[str, Ref]] = []
        for value, ref in self._by_length:
            if ref.index >= before or value not in text or any(value in other for other, _ in found):
                continue
            if self._usable(ref.index):
                found.append((value, ref))
        return found


def main_depth(place: str) -> int:
    """How deep the id of a listed object may lie: ``/id``, ``/0/id``, ``/results/0/id``."""
    return 3 if re.match(r"/\w+/\d+/", place) else 2 if re.match(r"/\d+/", place) else 1


def at(value: Any, place: str) -> Any:
    """Return what a pointer leads to."""
    for part in place.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def leaves(value: Any, place: str = "", key: str = "") -> Iterator[tuple[str, str, Any]]:
    """Pointer, nearest name and value of everything in a JSON value that holds nothing else."""
    if isinstance(value, dict):
        for name, item in value.items():
            if "/" not in name:  # a pointer would need escapes; such names are data
                yield from leaves(item, f"{place}/{name}", name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, f"{place}/{number}", key)
    else:
        yield place, key, value


def cookies(exchange: Exchange) -> dict[str, str]:
    """The cookies that an answer sets."""
    jar: SimpleCookie = SimpleCookie()
    for header in exchange.response.headers.get_list("set-cookie") if exchange.response else ():
        try:
            jar.load(header)
        except CookieError:
            continue
    return {name: morsel.value for name, morsel in jar.items()}


def _sent(content: bytes | None) -> str:
    """The texts in a request's body, as they are meant."""
    if not content or len(content) > LARGEST:
        return ""
    text = content.decode(errors="replace")
    try:
        return "\n".join(value for _, _, value in leaves(json.loads(text)) if isinstance(value, str))
    except (ValueError, RecursionError):
        return unquote_plus(text)
