"""Which tests speak of an operation: read off the plan, by what each test claims to show."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.contract import SPEC
from conformance.contract.tables.requirements import load_requirements
from conformance.run.plan.costs import load_costs
from conformance.run.plan.selection import claimed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_SECONDS: Final = 12.0
"""What the tests of one fault may take, as measured without a fault; the most telling ones come first."""
USUAL: Final = 0.5
NEVER: Final = ("hundred_thousand", "large_export", "test_stateful", "test_fuzz")
"""They take minutes, and show nothing about single faults that smaller ones do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One test of the plan.

    Attributes:
        first: the operations that it is about before all: its own, or the first one of a requirement.
        operations: all that its requirements name.
    """

    id: str
    first: frozenset[str]
    operations: frozenset[str]
    destructive: bool = False
    seconds: float = USUAL


@dataclass(slots=True)
class _Collector:
    """A plugin that notes what is collected."""

    items: list[pytest.Item] = field(default_factory=list)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take the plan as it is."""
        self.items = list(session.items)


def _planned(item: pytest.Item) -> Planned:
    requirements = load_requirements()
    known = [requirements[name].operations for name in claimed(item) if name in requirements]
    parameters: Mapping[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    own = getattr(parameters.get("operation"), "id", None)
    if (cell := parameters.get("cell")) is not None:  # one row of a requirement about all operations
        own, known = cell.row["operation"], []
    first = {names[0] for names in known if names} | ({own} if own else set())
    return Planned(
        id=item.nodeid,
        first=frozenset(first),
        operations=frozenset(first | {name for names in known for name in names}),
        destructive=item.get_closest_marker("destructive") is not None,
        seconds=cost.seconds if (cost := _costs().of(item.nodeid)) else USUAL,
    )


@cache
def _costs() -> Any:
    return load_costs(depth="gate")


def plan(*options: str) -> tuple[Planned, ...]:
    """The plan of a run, in its order. Collects in this process: for one that is thrown away."""
    collector = _Collector()
    here = os.getcwd()  # noqa: PTH109 - pytest wants it as the process has it
    os.chdir(SPEC.parent)
    try:
        pytest.main(["--collect-only", "-qq", "conformance", *options], plugins=[collector])
    finally:
        os.chdir(here)
    return tuple(_planned(item) for item in collector.items)


def that_speak_of(operations: Iterable[str], planned: Sequence[Planned], *, most: float = MOST_SECONDS) -> list[str]:
    """The fewest tests that reach some operations: those that are about them, the cheapest first, as long as it fits.

    Args:
        operations: that have a fault.
        planned: all tests.
        most: seconds that they may take together.
    """
    wanted = set(operations)
    near = [p for p in planned if p.operations & wanted and not any(word in p.id for word in NEVER)]
    ranked = sorted(near, key=lambda p: (not p.first & wanted, p.seconds))
    chosen, spent = set[str](), 0.0
    for p in ranked:
        if spent + p.seconds <= most:
            chosen.add(p.id)
            spent += p.seconds
    return [p.id for p in planned if p.id in chosen]
