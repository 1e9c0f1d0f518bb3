"""Defines observations: immutable values, each a requirement with its outcome and evidence."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self


class Outcome(StrEnum):
    """How an observation ended. The words are those of ``CONTRIBUTING.md``."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    WARN = "warn"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    NOT_MEASURED = "not-measured"
    ERROR = "error"
    FLAKY = "flaky"
    REFUSED = "refused"


GUARD: Final = "guard"
"""The rule of observations that tell of a request that was held back."""


class Verb(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Aspect(StrEnum):
    """What a requirement is about; each has a level of its own in the verdict."""

    INTEROPERABLE = "interoperable"
    """A correct client gets what was promised: the right answer, and the right effect."""
    STRICT = "strict"
    """A wrong request is refused as documented, and changes nothing."""
    ROBUST = "robust"
    """Hostile input, races, broken peers: nothing breaks, nothing is left behind."""
    SECURE = "secure"
    """Who may, keys, secrets, what leaks."""


class Impact(StrEnum):
    """Who is hurt by a finding; the worst comes first."""

    DATA_LOSS = "data loss"
    OPEN_DOOR = "open door"
    OUTAGE = "outage"
    WRONG_ANSWER = "wrong answer"
    BROKEN_CLIENT = "broken client"
    CONTRACT_ONLY = "contract only"
    HYGIENE = "hygiene"


class Reads(StrEnum):
    """What an answer that breaks its schema does to a user of the official client; the worst comes first."""

    RAISES = "raises"
    """The client's method raises."""
    ODD = "odd"
    """It returns something there that is not of the type that it declares."""
    READS = "reads"
    """It returns what it declares."""

    @property
    def told(self) -> str:
        """Whether it breaks the client, for a person."""
        return _BREAKS[self]


_BREAKS = {
    Reads.RAISES: "yes: the method of the official client raises",
    Reads.ODD: "in part: the official client returns a value there that is not of the type that it declares",
    Reads.READS: "no: the official client returns what it declares",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One exchange, trimmed and with every secret taken out.

    Attributes:
        request: ``{"method", "url", "headers", "body"}``; headers are pairs, body is text, at most a few KiB.
        response: ``{"status", "headers", "body"}`` or None where nothing came back.
        elapsed: seconds from the first byte sent to the last byte received.
        request_id: the ``X-Request-Id`` that was sent; ties server logs to this exchange.
        curl: a shell line that sends the same request (``$LABEL_STUDIO_API_KEY`` stands for the key).
    """

    request: dict[str, Any]
    response: dict[str, Any] | None
    elapsed: float
    request_id: str
    curl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One requirement, what came of it, and the exchange that shows it.

    Attributes:
        requirement: ``LS-EXPORT-007`` (behaviour) or ``projects.create#status`` (compiled from the contract).
        outcome: see :class:`Outcome`.
        verb: how binding the requirement is; a broken *should* is ``warn``, never ``fail``.
        operation: operationId of the contract, where the requirement is about one.
        rule: the kind of check (``status``, ``response-schema``, ``behaviour``, ...).
        aspect: what the requirement is about.
        impact: who is hurt by it, where it is broken; None where nothing is broken.
        message: one full sentence for a person.
        expected: what was expected; ``pointer`` says where that is written.
        pointer: JSON pointer into ``spec/openapi.yaml`` or the requirement's source.
        got: what came instead.
        signature: short and stable: failures with equal operation, rule and signature have one cause.
        test: node id of the test that observed it.
        count: how often the same was observed in that test.
        incidental: noticed by the wire on the way; not what the test is about (see ``judge.findings.condense``).
        blocked_by: the requirement whose failure is in the way (outcome ``blocked``).
        after: operations that changed something in the test before the exchange that shows a failure, the last one
            last.
        through: operations that read what a failure is seen in, after the exchange that is shown, where the answer is
            that of another operation.
        asked: the operation that the requirement is about before all, where a failure shows in another one's answer;
            where a reader is, and its own answer shows it, the next one that it names.
        client: what a broken schema does to users of the official client; None where that was not asked.
        evidence: the exchange; passes keep the first one only.
        script: a stand-alone reproduction where one request does not suffice.
        hint: what to do next.
    """

    requirement: str
    outcome: Outcome
    verb: Verb = Verb.MUST
    operation: str | None = None
    rule: str = "behaviour"
    aspect: Aspect = Aspect.INTEROPERABLE
    impact: Impact | None = None
    message: str = ""
    expected: str = ""
    pointer: str | None = None
    got: str = ""
    signature: str = ""
    test: str = ""
    count: int = 1
    incidental: bool = False
    blocked_by: str | None = None
    after: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    asked: str = ""
    client: Reads | None = None
    evidence: Evidence | None = None
    script: str | None = None
    hint: str | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two observations of one test the same: requirement, operation, outcome, signature."""
        return (self.requirement, self.operation or "", self.outcome.value, self.signature)

    def again(self, times: int = 1) -> Self:
        """The same observation, seen ``times`` more."""
        return replace(self, count=self.count + times)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; None, empty strings and the usual aspect are left out."""
        data = {k: v for k, v in asdict(self).items() if v not in (None, "", ()) and v is not False}
        data |= {name: list(value) for name in ("after", "through") if (value := getattr(self, name))}
        del data["aspect"]
        if self.aspect is not Aspect.INTEROPERABLE:
            data["aspect"] = self.aspect.value
        if self.impact is not None:
            data["impact"] = self.impact.value
        if self.client is not None:
            data["client"] = self.client.value
        data["outcome"] = self.outcome.value
        data["verb"] = self.verb.value
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Inverse of :meth:`to_json`.

        Raises:
            TypeError: a key that no observation has.
            ValueError: an unknown outcome or verb.
        """
        values = dict(data)
        values["outcome"] = Outcome(values["outcome"])
        values["verb"] = Verb(values.get("verb", "must"))
        values["aspect"] = Aspect(values.get("aspect", "interoperable"))
        values |= {name: tuple(values.get(name, ())) for name in ("after", "through")}
        if "impact" in values:
            values["impact"] = Impact(values["impact"])
        if "client" in values:
            values["client"] = Reads(values["client"])
        if values.get("evidence") is not None:
            values["evidence"] = Evidence(**values["evidence"])
        return cls(**values)
