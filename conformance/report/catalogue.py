"""What reports say of operations and requirements besides what was observed."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.contract import SPEC, load_contract
from conformance.contract.load import parse_yaml
from conformance.contract.requirements import load_requirements
from conformance.report.figures import area_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def rule_texts() -> Mapping[str, str]:
    """Rules that the contract is compiled into (``spec/rules.yaml``), one sentence each."""
    data = parse_yaml((SPEC / "rules.yaml").read_text(encoding="utf-8"))
    return {name: rule["statement"] for name, rule in data["rules"].items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationInfo:
    """An operation as reports show it."""

    method: str
    path: str
    area: str
    summary: str
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Texts for operations and requirements; whatever it does not know is shown by its id alone.

    Attributes:
        operations: by operationId.
        statements: requirement id -> what is asked.
        sources: requirement id -> where that follows from.
        rules: compiled rule -> what is asked.
    """

    operations: Mapping[str, OperationInfo] = field(default_factory=dict)
    statements: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def areas(self) -> dict[str, str]:
        """Area of each operation, by operationId."""
        return {name: info.area for name, info in self.operations.items()}

    def area(self, operation: str | None) -> str:
        """The area of an operation."""
        info = self.operations.get(operation or "")
        return info.area if info else area_of(operation, {})

    def label(self, operation: str | None) -> str:
        """``GET /api/projects/``; empty where the operation is not known."""
        info = self.operations.get(operation or "")
        return f"{info.method} {info.path}" if info else ""

    def statement(self, requirement: str) -> str:
        """What a requirement asks, in one sentence; empty where nothing is known."""
        if requirement in self.statements:
            return self.statements[requirement]
        return self.rules.get(requirement.partition("#")[2].partition(":")[0], "")


def load_catalogue() -> Catalogue:
    """The texts of this version of the suite.

    Raises:
        ContractError: ``spec/`` cannot be read.
    """
    requirements = load_requirements().values()
    return Catalogue(
        operations={
            o.id: OperationInfo(method=o.method, path=o.path, area=o.area, summary=o.summary, pointer=o.pointer)
            for o in load_contract()
        },
        statements={r.id: r.statement for r in requirements},
        sources={r.id: r.source for r in requirements},
        rules=rule_texts(),
    )
