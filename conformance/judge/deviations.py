"""Accepted deviations: known failures, each with a reason, that do not turn a run red."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from conformance.errors import InputError
from conformance.judge.observation import Outcome, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.judge.observation import Observation

_TOP = frozenset({"product", "edition", "versions", "database", "deviations"})
_ENTRY = frozenset(
    {
        "requirement",
        "rule",
        "operations",
        "outcome",
        "signature",
        "pointer",
        "status",
        "reason",
        "link",
        "owner",
        "expires",
        "intermittent",
        "sampled",
    }
)
_ACCEPTABLE = frozenset({Outcome.FAIL, Outcome.UNSUPPORTED})
SHOWN = 3
"""Operations of an entry that its name holds."""
_STATUSES = range(100, 600)
_ASKED = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.UNSUPPORTED, Outcome.FLAKY})
_NOT_ASKED = frozenset({Outcome.NOT_MEASURED, Outcome.BLOCKED, Outcome.REFUSED})
_PLACEHOLDERS = ("todo", "tbd", "fixme", "?")


class DeviationError(InputError):
    """A file of accepted deviations that cannot be used; the message names file and entry."""

    code = "deviations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One failure that somebody accepted.

    Attributes:
        requirement: its id; empty = any requirement of ``rule`` on ``operations``.
        rule: the kind of check; empty = any.
        operations: where it may fail; empty = anywhere (only with a requirement).
        outcome: ``fail`` or ``unsupported``.
        signature: how it fails. Another signature at the same place is another failure.
        pointer: where the broken expectation is written; None = anywhere.
        status: HTTP status of the exchange; None = any.
        reason: why this is accepted.
        link: an issue or discussion.
        owner: who looks after it.
        expires: the last day on which nobody needs to look at it again; None = never.
        intermittent: it comes and goes, as a race does: that it is not seen in a run needs nobody.
        sampled: a run asks one operation of a kind for all: that it is seen at one of them is enough.
        source: the file that it comes from.
    """

    requirement: str
    rule: str
    operations: frozenset[str]
    signature: str
    reason: str
    outcome: Outcome = Outcome.FAIL
    pointer: str | None = None
    status: int | None = None
    link: str | None = None
    owner: str | None = None
    expires: date | None = None
    intermittent: bool = False
    sampled: bool = False
    source: str = ""

    @property
    def name(self) -> str:
        """How reports call it."""
        operations = sorted(self.operations)
        more = f" and {len(operations) - SHOWN} more" if len(operations) > SHOWN else ""
        where = self.requirement or f"{self.rule} of {', '.join(operations[:SHOWN])}{more}"
        return f"{where} ({self.signature})"

    def about(self, observation: Observation) -> bool:
        """Return whether an observation, however it ended, is of the place that this is about."""
        if self.requirement and observation.requirement != self.requirement:
            return False
        if self.rule and observation.rule != self.rule:
            return False
        return not self.operations or observation.operation in self.operations

    def accepts(self, observation: Observation) -> bool:
        """Return whether an observation is the very failure that was accepted."""
        if observation.outcome is not self.outcome or not self.about(observation):
            return False
        if observation.signature != self.signature:
            return False
        if self.pointer is not None and observation.pointer != self.pointer:
            return False
        if self.status is not None:
            response = observation.evidence.response if observation.evidence else None
            return response is not None and response.get("status") == self.status
        return True

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; what is not set is left out."""
        data: dict[str, Any] = {
            "requirement": self.requirement,
            "rule": self.rule,
            "operations": sorted(self.operations),
            "outcome": self.outcome.value,
            "signature": self.signature,
            "pointer": self.pointer,
            "status": self.status,
            "reason": self.reason,
            "link": self.link,
            "owner": self.owner,
            "expires": self.expires.isoformat() if self.expires else None,
            "intermittent": self.intermittent or None,
            "sampled": self.sampled or None,
            "source": self.source,
        }
        return {k: v for k, v in data.items() if v not in (None, "", [])}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        return cls(
            requirement=data.get("requirement", ""),
            rule=data.get("rule", ""),
            operations=frozenset(data.get("operations", ())),
            outcome=Outcome(data["outcome"]),
            signature=data.get("signature", ""),
            pointer=data.get("pointer"),
            status=data.get("status"),
            reason=data["reason"],
            link=data.get("link"),
            owner=data.get("owner"),
            expires=date.fromisoformat(data["expires"]) if "expires" in data else None,
            intermittent=data.get("intermittent", False),
            sampled=data.get("sampled", False),
            source=data.get("source", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationFile:
    """The accepted deviations of one product in a range of versions, perhaps on one database.

    Attributes:
        source: its name, without folders: reports travel.
    """

    product: str
    edition: str | None
    versions: str
    deviations: tuple[Deviation, ...]
    database: str | None = None
    source: str = ""

    def is_about(self, *, product: str, edition: str) -> bool:
        """Return whether the file is about this product, in whatever version."""
        return slug(self.product) == slug(product) and self.edition in (None, edition)

    def applies(self, *, product: str, edition: str, version: str, database: str = "") -> bool:
        """Return whether the file is about this target.

        A version that cannot be read is in no range. Where nobody knows the database, it may be any.
        """
        if not self.is_about(product=product, edition=edition):
            return False
        if self.database and database and self.database != database:
            return False
        try:
            return SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except InvalidVersion:
            return False


def slug(product: str) -> str:
    """A product's name as file names write it: ``Label Studio`` is ``label-studio``."""
    return "-".join(product.lower().split())


def acceptance(observation: Observation, deviations: Iterable[Deviation]) -> Deviation | None:
    """The entry that accepts an observation; None where none does."""
    return next((d for d in deviations if d.accepts(observation)), None)


def unacceptable(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """The observations of which each needs an entry: broken or absent *musts*."""
    return tuple(o for o in observations if o.outcome in _ACCEPTABLE and o.verb is Verb.MUST)


def read_deviations(data: object, source: str) -> DeviationFile:
    """Check a parsed file of accepted deviations.

    Args:
        data: what YAML gave.
        source: the file's name, for messages.

    Raises:
        DeviationError: an unknown or missing key, a value of the wrong kind, an entry without a reason.
    """
    if not isinstance(data, dict) or set(map(str, data)) - _TOP or not {"product", "versions"} <= set(data):
        raise DeviationError(
            f"{source}: `product`, `versions`, `deviations` (perhaps `edition`, `database`) are expected at the top."
        )
    versions = str(data["versions"])
    try:
        SpecifierSet(versions)
    except InvalidSpecifier:
        raise DeviationError(f"{source}: versions: {versions!r} is no range; write one like '>=1.23,<1.24'.") from None
    entries = data.get("deviations") or []
    if not isinstance(entries, list):
        raise DeviationError(f"{source}: `deviations` is a list.")
    return DeviationFile(
        product=str(data["product"]),
        edition=str(data["edition"]) if data.get("edition") else None,
        database=str(data["database"]) if data.get("database") else None,
        source=source,
        versions=versions,
        deviations=tuple(_entry(entry, f"{source}, entry {n}", source) for n, entry in enumerate(entries, 1)),
    )


def _entry(entry: object, where: str, source: str) -> Deviation:
    if not isinstance(entry, dict):
        raise DeviationError(f"{where}: a mapping is expected.")
    unknown = set(map(str, entry)) - _ENTRY
    if unknown:
        raise DeviationError(f"{where}: unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(_ENTRY))}.")
    requirement, rule = str(entry.get("requirement") or ""), str(entry.get("rule") or "")
    where = f"{where} ({requirement or rule or 'nameless'})"
    reason = " ".join(str(entry.get("reason") or "").split())
    if not reason or reason.lower().startswith(_PLACEHOLDERS):
        raise DeviationError(f"{where}: a reason is missing: say why this failure is accepted.")
    operations = entry.get("operations") or []
    if not isinstance(operations, list):
        raise DeviationError(f"{where}: `operations` is a list.")
    if not requirement and not (rule and operations):
        raise DeviationError(f"{where}: name a requirement, or a rule and the operations that break it.")
    if not str(entry.get("signature") or "").strip():
        raise DeviationError(f"{where}: the signature is missing: without one, any failure would be accepted.")
    outcome = str(entry.get("outcome", "fail"))
    if outcome not in set(_ACCEPTABLE):
        raise DeviationError(f"{where}: outcome {outcome!r}: fail or unsupported is expected.")
    status = entry.get("status")
    if status is not None and not (isinstance(status, int) and status in _STATUSES):
        raise DeviationError(f"{where}: status {status!r}: an HTTP status is expected.")
    return Deviation(
        requirement=requirement,
        rule=rule,
        operations=frozenset(map(str, operations)),
        outcome=Outcome(outcome),
        signature=str(entry["signature"]),
        pointer=entry.get("pointer"),
        status=status,
        reason=reason,
        link=entry.get("link"),
        owner=entry.get("owner"),
        expires=_day(entry.get("expires"), where),
        intermittent=_flag(entry, "intermittent", where),
        sampled=_flag(entry, "sampled", where),
        source=source,
    )


def _flag(entry: Mapping[str, Any], name: str, where: str) -> bool:
    value = entry.get(name, False)
    if not isinstance(value, bool):
        raise DeviationError(f"{where}: {name} {value!r}: true or false is expected.")
    return value


def _day(value: object, where: str) -> date | None:
    if value is None or (isinstance(value, date) and type(value) is date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise DeviationError(f"{where}: expires {value!r}: a day like 2027-01-31 is expected.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """An entry that needs a person.

    Attributes:
        deviation: the entry.
        problem: ``unexpected pass``, ``expired`` or ``matches nothing``.
        operation: where, if the entry is about several operations and the problem about one.
    """

    deviation: Deviation
    problem: str
    operation: str = ""

    def __str__(self) -> str:
        where = f" at {self.operation}" if self.operation else ""
        return f"{self.problem}{where}: {self.deviation.name}"


def stale(
    observations: Sequence[Observation], deviations: Iterable[Deviation], *, day: date | None, whole: bool
) -> tuple[Stale, ...]:
    """Entries to look at again.

    Args:
        observations: of the run.
        deviations: that applied to it.
        day: of the run; None = nothing expires.
        whole: whether the run was complete. A part cannot say that an entry matches nothing, or that a rule holds.

    What was not measured says nothing of an entry.
    """
    found = []
    asked = {o.operation for o in observations if o.outcome in _ASKED}
    excused = {o.operation for o in observations if o.outcome in _NOT_ASKED}
    for deviation in deviations:
        if day is not None and deviation.expires is not None and deviation.expires < day:
            found.append(Stale(deviation=deviation, problem="expired"))
        if deviation.intermittent:
            continue
        there = [o for o in observations if deviation.about(o)]
        if deviation.sampled and any(deviation.accepts(o) for o in there):
            continue
        several = len(deviation.operations) > 1
        for operation in sorted(deviation.operations) if several else [""]:
            here = [o for o in there if not several or o.operation == operation]
            if any(deviation.accepts(o) for o in here):
                continue
            where = {operation} if several else deviation.operations
            if here and not any(o.outcome in _ASKED for o in here):
                continue
            if not here and where and (where <= excused or not where & asked):
                continue
            passes = bool(here) and all(o.outcome is Outcome.PASS for o in here)
            # what one request of thousands breaks, a few may leave whole: only a whole run says that a rule holds
            if whole or (passes and deviation.requirement):
                problem = "unexpected pass" if passes else "matches nothing"
                found.append(Stale(deviation=deviation, problem=problem, operation=operation))
    return tuple(found)
