"""The requirements that no schema says: ``spec/requirements/`` as immutable values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING, Any

from conformance.contract.load import load_contract
from conformance.contract.reading import SPEC, ContractError, entry, read_yaml
from conformance.judge.observation import Aspect, Impact, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ID = re.compile(r"LS-[A-Z]+-\d{3}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_NEEDED = frozenset({"id", "verb", "statement", "operations", "source"})
_KEYS = _NEEDED | {"feature", "untested", "aspect", "impact", "provisional", "confirmed"}
_LAST_CHARACTERS = ".!?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A run on a real server that showed what no source says.

    Attributes:
        report: ``sha256:`` and the digest of its ``conformance.json``.
        version: product and version that it was about.
    """

    report: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that a server must, should or may do.

    Attributes:
        id: ``LS-EXPORT-007``; never reused.
        statement: one sentence of ours.
        operations: operationIds that it is about.
        source: where it is written or follows from.
        file: path of the file below ``spec/requirements/`` that it stands in.
        feature: the capability that it belongs to (``spec/profiles.yaml``).
        untested: why no test shows it, where none does.
        aspect: what it is about.
        impact: who is hurt where it is broken; None where that follows from the aspect and from what is seen.
        provisional: seen on a real server or plausible, but in no source: run and reported, never in the verdict. What
            a report of a real server has confirmed is provisional no more.
        confirmed: the report that confirmed it, where it was provisional once.
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
    confirmed: Confirmation | None = None

    @property
    def owed(self) -> Verb:
        """The verb that counts: nobody owes what is provisional."""
        return Verb.SHOULD if self.provisional and self.verb is Verb.MUST else self.verb

    @property
    def called(self) -> str:
        """The verb as people are told it."""
        return f"{self.verb.value}, provisional" if self.provisional else self.verb.value


@lru_cache(maxsize=4)
def load_requirements(folder: Path = SPEC / "requirements") -> Mapping[str, Requirement]:
    """Read all requirements, by id, in the order of the files.

    Raises:
        ContractError: names the file and entry: an id twice, an unknown key, verb or operation, a removed id in use.
    """
    found: dict[str, Requirement] = {}
    removed: set[str] = set()
    for path in sorted(folder.rglob("*.yaml"), key=lambda p: p.relative_to(folder).parts):
        data = read_yaml(path)
        if not isinstance(data, dict) or not isinstance(data.get("requirements"), list):
            raise ContractError(f"{path}: expected `area:` and a list `requirements:`")
        removed |= set(data.get("removed") or ())
        for given in _entries(path, data):
            requirement = _requirement(path, folder, str(data.get("area", path.stem)), given)
            if requirement.id in found:
                raise ContractError(f"{path}: {requirement.id} stands twice")
            found[requirement.id] = requirement
    reused = removed & set(found)
    if reused:
        raise ContractError(f"{folder}: removed ids are never used again: {', '.join(sorted(reused))}")
    return found


def _entries(path: Path, data: Mapping[str, Any]) -> list[Any]:
    """The entries of a file; those of a template once for each of its ``products``, product by product."""
    if "products" not in data:
        return list(data["requirements"])
    found = []
    for kind, product in data["products"].items():
        with entry(path, f"products.{kind}"):
            called = product["called"]
            words = {"kind": kind, "digit": product["digit"], "a": called, "A": called[0].upper() + called[1:]}
            found += [_filled(one, words) for one in data["requirements"] if kind not in one.get("not_for", ())]
    return found


def _filled(template: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """The requirement that a template makes for one product."""
    untested = template.get("untested", {}).get(words["kind"])
    kept = {key: _put(value, words) for key, value in template.items() if key not in {"not_for", "untested"}}
    return kept if untested is None else {**kept, "untested": untested}


def _put(value: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_put(one, words) for one in value]
    return Template(value).substitute(words) if isinstance(value, str) else value


def _requirement(path: Path, folder: Path, area: str, given: Any) -> Requirement:
    where = f"{path}: {given.get('id', given) if isinstance(given, dict) else given}"
    problem = next(iter(_problems(given)), None)
    if problem:
        raise ContractError(f"{where}: {problem}")
    return Requirement(
        id=given["id"],
        area=area,
        verb=Verb(given["verb"]),
        statement=" ".join(given["statement"].split()),
        operations=tuple(given["operations"]),
        source=given["source"],
        file=path.relative_to(folder).as_posix(),
        feature=given.get("feature"),
        untested=given.get("untested"),
        aspect=Aspect(given.get("aspect", Aspect.INTEROPERABLE)),
        impact=Impact(given["impact"]) if "impact" in given else None,
        provisional=given.get("provisional", False) and "confirmed" not in given,
        confirmed=Confirmation(**given["confirmed"]) if "confirmed" in given else None,
    )


def _problems(given: Any) -> Iterator[str]:
    if not isinstance(given, dict):
        yield "expected a mapping"
        return
    missing = _NEEDED - set(given)
    if missing:
        yield f"missing: {', '.join(sorted(missing))}"
        return
    unknown = set(given) - _KEYS
    if unknown:
        yield f"unknown: {', '.join(sorted(unknown))}"
    if not _ID.match(str(given["id"])):
        yield "an id looks like LS-EXPORT-007"
    if given["verb"] not in set(Verb):
        yield f"verb is one of {', '.join(Verb)}"
    yield from _what_it_says(given)
    contract = load_contract()
    for operation in given["operations"] or ():
        if operation not in contract.operations:
            yield f"the contract has no operation {operation}"


def _confirmation(given: dict[str, Any]) -> Iterator[str]:
    """Whoever confirms a requirement says by which report, and of what."""
    record = given["confirmed"]
    if not given.get("provisional"):
        yield "only what is provisional is confirmed"
    if not isinstance(record, dict) or set(record) != {"report", "version"}:
        yield "confirmed is {report: sha256:…, version: product and version}"
    elif not _DIGEST.match(str(record["report"])):
        yield "a report is named by its digest: sha256: and 64 hexadecimal digits"


def _what_it_says(given: dict[str, Any]) -> Iterator[str]:
    if given.get("aspect", Aspect.INTEROPERABLE) not in set(Aspect):
        yield f"aspect is one of {', '.join(Aspect)}"
    if "impact" in given and given["impact"] not in set(Impact):
        yield f"impact is one of {', '.join(Impact)}"
    if not isinstance(given.get("provisional", False), bool):
        yield "provisional is true or false"
    if "confirmed" in given:
        yield from _confirmation(given)
    if not str(given["statement"]).strip().endswith(tuple(_LAST_CHARACTERS)):
        yield "a statement is a sentence"
