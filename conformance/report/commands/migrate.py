"""Brings a file of accepted deviations to the signatures of today, for a person to review.

When signatures are worded otherwise, nothing that was accepted is accepted any more, though the target is the same.
An entry that accepts nothing of a run passes its reason on to the failures that are now seen at its very place: the
same requirement, or the same rule at the same operation, ending in the same way. Nothing else is accepted: a failure
at a place that nobody spoke of stays red.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import yaml

from conformance.judge.deviations import Deviation, DeviationFile, acceptance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.judge.observation import Observation

# Rules that were part of another one once. What was accepted of spoiled requests is not accepted of usual ones.
_PARTED = {"valid-never-fails": "no-server-error", "whole": "response-schema"}
_AS_IT_IS = ": a valid request"
_LEFT_OUT = ("source", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What became of a file.

    Attributes:
        kept: entries that accept something of the run as they are.
        renewed: new entry -> the old ones that it takes its reason from, the likeliest first.
        idle: entries that accept nothing, at a place where nothing else fails.
        homeless: failures that no entry spoke of.
    """

    kept: tuple[Deviation, ...]
    renewed: tuple[tuple[Deviation, tuple[Deviation, ...]], ...]
    idle: tuple[Deviation, ...]
    homeless: tuple[Observation, ...]


def migrate(entries: Sequence[Deviation], bad: Iterable[Observation]) -> Migration:
    """Work out what becomes of entries.

    Args:
        entries: of the file.
        bad: everything that failed or is not offered in a run.
    """
    seen = tuple(bad)
    kept = [entry for entry in entries if any(entry.accepts(o) for o in seen)]
    silent = [entry for entry in entries if entry not in kept]
    renewed: dict[tuple[Deviation, ...], dict[tuple[str, str], list[Observation]]] = {}
    homeless = []
    for o in seen:
        if acceptance(o, kept):
            continue
        # the same place is not enough: an entry about one HTTP status says nothing of another
        spoke = tuple(sorted((e for e in silent if _spoke_of(e, o)), key=lambda e: -_likely(e, o)))
        if spoke:
            renewed.setdefault(spoke, {}).setdefault((o.rule, o.signature), []).append(o)
        else:
            homeless.append(o)
    made = [
        (_renewed(spoke[0], signature, members), spoke)
        for spoke, by_signature in renewed.items()
        for (_, signature), members in by_signature.items()
    ]
    used = {id(entry) for _, spoke in made for entry in spoke}
    return Migration(
        kept=tuple(kept),
        renewed=tuple(made),
        idle=tuple(entry for entry in silent if id(entry) not in used),
        homeless=tuple(homeless),
    )


def _spoke_of(entry: Deviation, observation: Observation) -> bool:
    """Return whether an entry is about an observation, but for how its signature is worded."""
    reworded = replace(entry, signature=observation.signature)
    if _PARTED.get(observation.rule) == entry.rule and not observation.signature.endswith(_AS_IT_IS):
        reworded = replace(reworded, rule=observation.rule, requirement="")
    return bool(observation.signature) and reworded.accepts(observation) and _status(entry) == _status(observation)


def _status(of: Deviation | Observation) -> str:
    """The HTTP status that a signature begins with; empty where it names none."""
    word, _, rest = of.signature.partition(" ")
    return rest.partition(" ")[0].rstrip(":") if word == "HTTP" else ""


def _likely(entry: Deviation, observation: Observation) -> float:
    """How alike an entry's signature and a failure are: its signature, or what came, which signatures once held."""
    return max(_alike(entry.signature, observation.signature), _alike(entry.signature, f"HTTP {observation.got}"))


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _renewed(entry: Deviation, signature: str, members: Sequence[Observation]) -> Deviation:
    operations = {o.operation for o in members if o.operation} & entry.operations
    return replace(
        entry,
        rule=members[0].rule if entry.rule else "",
        signature=signature,
        operations=frozenset(operations) if entry.operations else frozenset(),
    )


def render_migration(file: DeviationFile, found: Migration) -> str:
    """The file anew, each renewed entry with what it was, for a person to review."""
    head = {"product": file.product, "edition": file.edition, "versions": file.versions}
    lines = [
        f"# Migrated: {len(found.kept)} entries kept, {len(found.renewed)} reworded: each says what it was, review it.",
        f"# {len(found.idle)} accept nothing of the run (at the end); {len(found.homeless)} failures have no entry.",
        _yaml({k: v for k, v in head.items() if v}).rstrip(),
        "deviations:",
    ]
    for entry in found.kept:
        lines += entry_lines(entry)
    for entry, spoke in found.renewed:
        lines += [f"# was: {_plain(old.signature)}" for old in spoke]
        others = sorted({old.reason for old in spoke} - {entry.reason})
        lines += [f"# or, for the reason: {_plain(reason)}" for reason in others]
        lines += entry_lines(entry)
    for entry in found.idle:
        lines += ["# matches nothing in the run", *entry_lines(entry)]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def entry_lines(entry: Deviation) -> list[str]:
    """An entry as YAML, as the file of a product lists it."""
    data: dict[str, Any] = {k: v for k, v in entry.to_json().items() if k not in _LEFT_OUT}
    if entry.outcome.value != "fail":
        data["outcome"] = entry.outcome.value
    if entry.expires:
        data["expires"] = entry.expires
    body = _yaml(data).rstrip().split("\n")
    return [f"- {body[0]}", *(f"  {line}" for line in body[1:])]


def _yaml(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
