"""Values that are hard to take, as data: ``spec/hard_values.yaml``, and bodies with one of them at one place."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.reading import SPEC, ContractError, read_table
from conformance.contract.tables.requests.rich import load_rich

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Steps = tuple[str | int, ...]
"""The way from a body to a place in it."""
_MARK: Final = "\ue000here\ue000"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_PARTS: Final = ("values", "bodies", "looks", "beside", "readers", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One way to look at a project and what is in it.

    Attributes:
        once_per: ``format``: it is asked once for each that the project can be exported to.
        holds: what the answer has to say, besides a 2xx.
    """

    name: str
    operation: str
    query: Mapping[str, Any]
    json: Any
    once_per: str | None
    holds: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HardValues:
    """The whole file.

    Attributes:
        values: what stands at a place → class → JSON texts.
        bodies: operation → valid body, references in it.
        looks: by name.
        beside: kind → what shows an object of it, besides its own read operation.
        readers: kind → names of looks.
        skipped: fields that are left alone.
    """

    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    bodies: Mapping[str, Any]
    looks: Mapping[str, Look]
    beside: Mapping[str, Look]
    readers: Mapping[str, tuple[str, ...]]
    skipped: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HardCase:
    """One class of hard values at one place of a body.

    Attributes:
        steps: where.
        what: the class, ``not finite``.
        texts: the values, as JSON; the most telling first.
    """

    steps: Steps
    what: str
    texts: tuple[str, ...]

    @property
    def place(self) -> str:
        """``/result/*/value/start``."""
        return general(self.steps)


def general(steps: Steps) -> str:
    """A place, whichever element of a list it is in."""
    return "".join(f"/{'*' if isinstance(step, int) else step}" for step in steps)


def places(body: Any, skipped: frozenset[str], steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every place of a body but its root, the upper ones first; what is skipped with all below it."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(body, dict):
        inside = [(name, value) for name, value in body.items() if name not in skipped]
    elif isinstance(body, list):
        inside = list(enumerate(body))
    yield from (((*steps, step), value) for step, value in inside)
    for step, value in inside:
        yield from places(value, skipped, (*steps, step))


def due(value: Any) -> str | None:  # noqa: PLR0911 - one way out per type
    """Return what stands at a place, by a valid value with references in it; None for what is not ours to vary."""
    match value:
        case bool():
            return "truth"
        case int() | float():
            return "number"
        case None:
            return "nothing"
        case list():
            return "list"
        case dict():
            return "object"
        case str() if value.startswith(("$peer", "$config", "$text")):
            return None
        case str() if value.startswith("$") and value not in {"$new", "$email"}:
            return "reference"
    return "time" if _TIME.match(str(value)) else "text"


def hard_cases(template: Any, known: HardValues) -> Iterator[HardCase]:
    """Every class of values at every place; the places that differ in an index only once, the most telling first.

    A class of the same rank is in its turn at another place, so that a run which sends the first few has seen all.
    """
    once: dict[tuple[str, str], tuple[Steps, str]] = {}
    for steps, value in places(template, known.skipped):
        kind = due(value)
        if kind is not None:
            once.setdefault((general(steps), kind), (steps, kind))
    ranked: list[tuple[int, int, HardCase]] = []
    for number, (steps, kind) in enumerate(once.values()):
        classes = list(known.values[kind].items())
        for rank, (what, texts) in enumerate(classes):
            # numbers in the order of the file, those of the object itself before all else: nothing does more harm
            turn = (rank + number) % len(classes)
            if kind == "number":
                turn = rank - len(classes) if len(steps) == 1 else rank
            ranked.append((turn, number, HardCase(steps=steps, what=what, texts=texts)))
    for _, _, case in sorted(ranked, key=lambda r: r[:2]):
        yield case


def spoiled(body: Any, steps: Steps, text: str) -> bytes:
    """A body as JSON, with a text of our own at one place."""
    return json.dumps(_put(body, steps)).replace(json.dumps(_MARK), text).encode()


def _put(body: Any, steps: Steps) -> Any:
    if not steps:
        return _MARK
    head, *rest = steps
    if isinstance(body, dict):
        return {**body, head: _put(body.get(head), tuple(rest))}
    return [_put(item, tuple(rest)) if number == head else item for number, item in enumerate(body)]


def _look(name: str, given: Mapping[str, Any]) -> Look:
    return Look(
        name=name,
        operation=given["operation"],
        query=given.get("query", {}),
        json=given.get("json"),
        once_per=given.get("once_per"),
        holds=given.get("holds", {}),
    )


@lru_cache(maxsize=2)
def load_hard_values(path: Path = SPEC / "hard_values.yaml") -> HardValues:
    """Read the file.

    Raises:
        ContractError: it is malformed, or names a look that is not there.
    """
    data = read_table(path, *_PARTS)
    looks = {name: _look(name, given) for name, given in data["looks"].items()}
    unknown = {name for names in data["readers"].values() for name in names} - set(looks)
    if unknown:
        raise ContractError(f"{path}: readers: no look {', '.join(sorted(unknown))}")
    for kind, classes in data["values"].items():
        for what, texts in classes.items():
            if not texts or not all(isinstance(text, str) for text in texts):
                raise ContractError(f"{path}: values.{kind}.{what}: expected JSON texts")
    return HardValues(
        values={k: {w: tuple(texts) for w, texts in classes.items()} for k, classes in data["values"].items()},
        bodies=data["bodies"],
        looks=looks,
        beside={kind: _look(kind, given) for kind, given in data["beside"].items()},
        readers={kind: tuple(names) for kind, names in data["readers"].items()},
        skipped=frozenset(data["skipped"]),
    )


@lru_cache(maxsize=1)
def rich_kinds() -> frozenset[str]:
    """Kinds that ``spec/rich.yaml`` has a body of."""
    objects = load_rich()["objects"]
    return frozenset(o["kind"] for o in objects if "json" in o and "request" not in o)
