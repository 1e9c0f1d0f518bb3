"""The requirements that no schema says: ``spec/requirements/*.yaml`` as immutable values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.contract.load import SPEC, ContractError, load_contract, parse_yaml
from conformance.judge.observation import Aspect, Impact, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ID = re.compile(r"LS-[A-Z]+-\d{3}\Z")
_KEYS = frozenset(
    {"id", "verb", "statement", "operations", "source", "feature", "untested", "aspect", "impact", "provisional"}
)
_LAST_CHARACTERS = ".!?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that a server must, should or may do.

    Attributes:
        id: ``LS-EXPORT-007``; never reused.
        statement: one sentence of ours.
        operations: operationIds that it is about.
        source: where it is written or follows from.
        file: name of the file below ``spec/requirements/`` that it stands in.
        feature: the capability that it belongs to (``spec/profiles.yaml``).
        untested: why no test shows it, where none does.
        aspect: what it is about.
        impact: who is hurt where it is broken; None where that follows from the aspect and from what is seen.
        provisional: seen on a real server or plausible, but in no source: run and reported, never in the verdict.
    """

    id: str
    area: str
    verb: Verb
    statement: str
    operations: tuple[str, ...]
    source: str
    file: str
    feature: str | None = None
    untested: str | None = None
    aspect: Aspect = Aspect.INTEROPERABLE
    impact: Impact | None = None
    provisional: bool = False


@lru_cache(maxsize=4)
def load_requirements(folder: Path = SPEC / "requirements") -> Mapping[str, Requirement]:
    """Read all requirements, by id, in the order of the files.

    Raises:
        ContractError: names the file and entry: an id twice, an unknown key, verb or operation, a removed id in use.
    """
    found: dict[str, Requirement] = {}
    removed: set[str] = set()
    for path in sorted(folder.glob("*.yaml")):
        data = parse_yaml(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or not isinstance(data.get("requirements"), list):
            raise ContractError(f"{path}: expected `area:` and a list `requirements:`")
        removed |= set(data.get("removed") or ())
        for entry in data["requirements"]:
            requirement = _requirement(path, str(data.get("area", path.stem)), entry)
            if requirement.id in found:
                raise ContractError(f"{path}: {requirement.id} stands twice")
            found[requirement.id] = requirement
    reused = removed & set(found)
    if reused:
        raise ContractError(f"{folder}: removed ids are never used again: {', '.join(sorted(reused))}")
    return found


def _requirement(path: Path, area: str, entry: Any) -> Requirement:
    where = f"{path}: {entry.get('id', entry) if isinstance(entry, dict) else entry}"
    problem = next(iter(_problems(entry)), None)
    if problem:
        raise ContractError(f"{where}: {problem}")
    return Requirement(
        id=entry["id"],
        area=area,
        verb=Verb(entry["verb"]),
        statement=" ".join(entry["statement"].split()),
        operations=tuple(entry["operations"]),
        source=entry["source"],
        file=path.name,
        feature=entry.get("feature"),
        untested=entry.get("untested"),
        aspect=Aspect(entry.get("aspect", Aspect.INTEROPERABLE)),
        impact=Impact(entry["impact"]) if "impact" in entry else None,
        provisional=entry.get("provisional", False),
    )


def _problems(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "expected a mapping"
        return
    missing = {"id", "verb", "statement", "operations", "source"} - set(entry)
    if missing:
        yield f"missing: {', '.join(sorted(missing))}"
        return
    unknown = set(entry) - _KEYS
    if unknown:
        yield f"unknown: {', '.join(sorted(unknown))}"
    if not _ID.match(str(entry["id"])):
        yield "an id looks like LS-EXPORT-007"
    if entry["verb"] not in set(Verb):
        yield f"verb is one of {', '.join(Verb)}"
    yield from _what_it_says(entry)
    contract = load_contract()
    for operation in entry["operations"] or ():
        if operation not in contract.operations:
            yield f"the contract has no operation {operation}"


def _what_it_says(entry: dict[str, Any]) -> Iterator[str]:
    if entry.get("aspect", Aspect.INTEROPERABLE) not in set(Aspect):
        yield f"aspect is one of {', '.join(Aspect)}"
    if "impact" in entry and entry["impact"] not in set(Impact):
        yield f"impact is one of {', '.join(Impact)}"
    if not isinstance(entry.get("provisional", False), bool):
        yield "provisional is true or false"
    if not str(entry["statement"]).strip().endswith(tuple(_LAST_CHARACTERS)):
        yield "a statement is a sentence"
