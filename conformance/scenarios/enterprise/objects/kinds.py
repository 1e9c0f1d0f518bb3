"""The kinds of ``spec/enterprise/kinds.yaml``: what each is made of, and its five operations as one thing to call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.contract.tables.raw import enterprise_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.wire import Exchange, Wire
    from conformance.world import World

DIGITS: Final = {
    "workspace": "01",
    "project_template": "02",
    "member_tag": "03",
    "comment": "04",
    "review": "05",
    "pause": "06",
    "model_provider": "07",
    "prompt": "08",
    "prompt_version": "09",
}
CREATED: Final = frozenset({"workspace", "member_tag", "model_provider", "prompt_version"})
"""The contract demands that these name who made them; comments, reviews and pauses are asked elsewhere."""
NOBODY: Final = 987654321
"""An id that nothing has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One entry of the table; see there for what each part means."""

    name: str
    operations: str
    slot: str
    body: Mapping[str, Any]
    alone: Mapping[str, Any]
    owned: Mapping[str, Any]
    wrong: Mapping[str, Any]
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    listed: str = ""
    silent: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    required: str = ""


@lru_cache(maxsize=1)
def load_kinds() -> Mapping[str, Kind]:
    """The table, by name."""
    return {name: _kind(name, given) for name, given in enterprise_kinds().items()}


def _kind(name: str, given: Mapping[str, Any]) -> Kind:
    parts: dict[str, Any] = {part: tuple(v) if isinstance(v, list) else v for part, v in given.items()}
    return Kind(name=name, **parts)


def law(number: int) -> pytest.MarkDecorator:
    """Ask a law of every kind that it is for, by the fixture ``kind``."""
    asked = [
        pytest.param(name, marks=pytest.mark.requirement(requirement(name, number), *_beside(name, number)), id=name)
        for name, kind in load_kinds().items()
        if number != 7 or kind.required
    ]
    return pytest.mark.parametrize("kind", asked)


def _beside(kind: str, number: int) -> tuple[str, ...]:
    return (creator(kind),) if number == 1 and kind in CREATED else ()


def creator(kind: str) -> str:
    """The id of the requirement that an object names who made it."""
    return f"LS-CREATOR-{DIGITS[kind]}1"


def requirement(kind: str, number: int) -> str:
    """The id of a law of a kind."""
    return f"LS-OBJECT-{DIGITS[kind]}{number}"


class Objects:
    """Objects of one kind, in one place.

    Args:
        api: the way to the target.
        supply: what the table's names stand for.
        kind: of the table.
    """

    def __init__(self, api: Wire, supply: World, kind: str) -> None:
        self.kind = load_kinds()[kind]
        self._api = api
        self._supply = supply
        self._path: dict[str, Any] = {}

    @property
    def path(self) -> dict[str, Any]:
        """What the path parameters but the last are filled with; the same for all that is made here."""
        if not self._path:
            self._path = {slot: self._supply.resolve(value) for slot, value in self.kind.path.items()}
        return self._path

    def values(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """A part of the table with its names replaced."""
        return {name: self._supply.resolve(value) for name, value in part.items()}

    def create(self, body: Mapping[str, Any], *, expect: str | None = "success") -> Exchange:
        """Create one."""
        return self._call("create", json=dict(body), expect=expect)

    def made(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Create a rich one; gives what was sent and what the server says of it."""
        sent = self.values(self.kind.body)
        return sent, self.create(sent).json()

    def get(self, identity: object, **how: Any) -> Exchange:
        """Read one."""
        return self._call("get", identity, **how)

    def update(self, identity: object, body: Mapping[str, Any], **how: Any) -> Exchange:
        """Change one."""
        return self._call("update", identity, json=dict(body), **how)

    def delete(self, identity: object, **how: Any) -> Exchange:
        """Delete one."""
        return self._call("delete", identity, **how)

    def listing(self, sent: Mapping[str, Any], **how: Any) -> Exchange:
        """The list in which the object that was sent like this should be."""
        query = {
            name: sent[value[1:]] if isinstance(value, str) and value.startswith("@") else self._supply.resolve(value)
            for name, value in self.kind.query.items()
        }
        return self._call("list", query=query, **how)

    def listed(self, answer: Exchange) -> list[dict[str, Any]]:
        """The objects in the answer of a list."""
        found = answer.json()
        items: list[dict[str, Any]] = found[self.kind.listed] if self.kind.listed else found
        return items

    def told(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is read back of what was sent."""
        return {name: value for name, value in sent.items() if name not in self.kind.silent}

    def _call(self, method: str, *identity: object, **how: Any) -> Exchange:
        named: dict[str, Any] = {self.kind.slot: identity[0]} if identity else {}
        return self._api.call(f"{self.kind.operations}.{method}", **self.path, **named, **how)
