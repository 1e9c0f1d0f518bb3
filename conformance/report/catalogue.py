"""Knows what reports say of operations and requirements besides what was observed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.contract import load_contract
from conformance.contract.tables.budgets import load_budgets
from conformance.contract.tables.raw import authorization, enterprise_authorization
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.rules import load_rules
from conformance.report.figures import OTHER_EDITION, area_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.tables.budgets import Budget


PROVISIONAL = " (Provisional: no source says so, and it is in no verdict.)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationInfo:
    """An operation as reports show it."""

    method: str
    path: str
    area: str
    summary: str
    pointer: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Texts for operations and requirements; whatever it does not know is shown by its id alone.

    Attributes:
        operations: by operationId.
        statements: requirement id -> what is asked.
        sources: requirement id -> where that follows from.
        rules: compiled rule -> what is asked.
        roles: role of the table of roles -> who that is.
        access: (role, operation) -> what it may expect: ``allowed``, ``refused`` or a status.
        budgets: named budget -> what it allows, and why.
    """

    operations: Mapping[str, OperationInfo] = field(default_factory=dict)
    statements: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    access: Mapping[tuple[str, str], str] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)

    @property
    def areas(self) -> dict[str, str]:
        """Area of each operation, by operationId."""
        return {name: info.area for name, info in self.operations.items()}

    def areas_for(self, edition: str) -> dict[str, str]:
        """Area of each operation; those that a target of this edition does not owe are in one of their own."""
        return {
            name: OTHER_EDITION if edition == "community" and info.edition == "enterprise" else info.area
            for name, info in self.operations.items()
        }

    def area(self, operation: str | None) -> str:
        """The area of an operation."""
        info = self.operations.get(operation or "")
        return info.area if info else area_of(operation, {})

    def edition(self, operation: str | None) -> str:
        """The edition that offers an operation; empty where the operation is not known."""
        info = self.operations.get(operation or "")
        return info.edition if info else ""

    def label(self, operation: str | None) -> str:
        """``GET /api/projects/``; empty where the operation is not known."""
        info = self.operations.get(operation or "")
        return f"{info.method} {info.path}" if info else ""

    def statement(self, requirement: str) -> str:
        """Return what a requirement asks, in one sentence; empty where nothing is known."""
        if requirement in self.statements:
            return self.statements[requirement]
        return self.rules.get(requirement.partition("#")[2].partition(":")[0], "")


def load_catalogue() -> Catalogue:
    """The texts of this version of the suite.

    Raises:
        ContractError: ``spec/`` cannot be read.
    """
    requirements = load_requirements().values()
    tables = (enterprise_authorization(), authorization())
    return Catalogue(
        operations={
            o.id: OperationInfo(
                method=o.method,
                path=o.path,
                area=o.area,
                summary=o.summary,
                pointer=o.pointer,
                edition=o.edition.value,
            )
            for o in load_contract()
        },
        statements={r.id: f"{r.statement}{PROVISIONAL if r.provisional else ''}" for r in requirements},
        sources={r.id: r.source for r in requirements},
        rules={rule.id: rule.statement for rule in load_rules().rules.values()},
        roles={role: about for table in tables for role, about in table["roles"].items()},
        access={
            (role, row["operation"]): str(expected[0])
            for table in tables
            for group, rows in table["operations"].items()
            for row in rows
            for role, expected in table["groups"][group].items()
        },
        budgets=load_budgets(),
    )
