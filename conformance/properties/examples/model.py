"""One example: the smallest request that broke a rule, with names in place of ids and secrets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.tables.requests.prepared import NOTHING, Pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Contract
    from conformance.properties.generation.adapter import GeneratedCase

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
_BROKEN: Final = ("broken", "parameter", "what", "scenario", "place")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A request that broke a rule, as it is kept.

    In its values a text that begins with ``$`` stands for an object of the world (``$project``), and ``$$`` for ``$``.

    Attributes:
        rule: that was broken, ``no-server-error``.
        signature: of the failure, but for what was done to the request; it tells examples of one rule apart.
        mode: ``negative`` where the request breaks the contract on purpose; ``about`` then says where.
        query: parameter -> value or values.
        body: a JSON value, the pairs of a form, or NOTHING.
        found: by which run, for people.
    """

    operation: str
    rule: str
    signature: str
    mode: str
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any = NOTHING
    content_type: str | None = None
    about: Mapping[str, str | None] = field(default_factory=dict)
    found: str = ""

    @property
    def id(self) -> str:
        """Stable, and the same for the same cause: ``no-server-error-3f2a91c0``."""
        return f"{self.rule}-{hashlib.sha256(self.signature.encode()).hexdigest()[:8]}"

    @property
    def size(self) -> int:
        """How much there is to read."""
        return len(repr((self.path, self.query, self.body)))

    @property
    def key(self) -> tuple[str, str]:
        """Requirement and answer, as they are told of an observation."""
        return f"{self.operation}#{self.rule}", self.signature

    def case(self, contract: Contract) -> GeneratedCase:
        """The request as a case to be sent; real objects are put in when it is bound."""
        from conformance.properties.generation.adapter import GeneratedCase  # noqa: PLC0415 - takes 2.5 s

        about = {name: self.about.get(name) for name in _BROKEN}
        return GeneratedCase(
            operation=contract[self.operation],
            mode="negative" if self.mode == "negative" else "positive",
            broken=about["broken"],
            parameter=about["parameter"],
            what=about["what"] or "",
            scenario=about["scenario"] or "example",
            place=about["place"] or "",
            path=dict(self.path),
            query=dict(self.query),
            body=self.body,
            media_type=self.content_type,
            symbolic=True,
        )

    def with_parts(self, query: Mapping[str, Any], body: Any) -> Example:
        """The same with less in it."""
        return replace(self, query=query, body=body)

    def to_json(self) -> dict[str, Any]:
        """Return what is written, without the operation: the file is about one."""
        kept: dict[str, Any] = {"id": self.id, "rule": self.rule, "signature": self.signature, "mode": self.mode}
        if self.found:
            kept["found"] = self.found
        if self.about:
            kept["about"] = {k: v for k, v in self.about.items() if v}
        request: dict[str, Any] = {"path": dict(self.path), "query": dict(self.query)}
        kept["request"] = {k: v for k, v in request.items() if v}
        if self.body is not NOTHING:
            name = "form" if isinstance(self.body, Pairs) else "body"
            kept["request"] |= {"content_type": self.content_type, name: self.body}
        return kept

    @classmethod
    def from_json(cls, operation: str, data: Mapping[str, Any]) -> Example:
        """Return what was written.

        Raises:
            KeyError: something is missing.
        """
        request = data["request"]
        return cls(
            operation=operation,
            rule=data["rule"],
            signature=data["signature"],
            mode=data["mode"],
            path=request.get("path", {}),
            query=request.get("query", {}),
            body=Pairs(request["form"]) if "form" in request else request.get("body", NOTHING),
            content_type=request.get("content_type"),
            about=data.get("about", {}),
            found=data.get("found", ""),
        )
