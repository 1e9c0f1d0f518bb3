"""Runs each scenario again with faults, in one session with the stand-in beside it."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.contract import load_contract
from conformance.contract.tables.budgets import load_budgets
from conformance.contract.tables.requirements import load_requirements
from conformance.judge.observation import Outcome, Verb
from conformance.run.state import STATE
from tests.enterprise.proof.candidates import candidates, fault_of
from tests.enterprise.proof.found import read_found, write_found
from tests.enterprise.proof.spoiling import KNOWN

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from tests.enterprise.proof.server import SpoiledStandIn

RED: Final = frozenset({Outcome.FAIL, Outcome.WARN})
MOST: Final = 60
"""So many faults are tried for one requirement."""


class Same:
    """What comes next is of the same module, so that only what is the test's own is torn down."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def listchain(self) -> list[Any]:
        """What stays set up."""
        return self._item.listchain()[:-1]


class Measuring:
    """A plugin of pytest that looks for faults which checks find.

    Args:
        server: the stand-in, which it makes wrong for one test at a time.
    """

    def __init__(self, server: SpoiledStandIn) -> None:
        self._server = server
        self._contract = load_contract()
        self._requirements = load_requirements()
        self._found: dict[str, dict[str, Any]] = read_found()
        self._fault: dict[str, Any] | None = None
        self._calls: dict[str, int] = {}
        # the stand-in does everything at once: what is not there after three seconds will not come
        short = {name: replace(budget, seconds=min(budget.seconds, 3.0)) for name, budget in load_budgets().items()}
        patch = pytest.MonkeyPatch()
        patch.setattr("conformance.fixtures.load_budgets", lambda: short)
        # nobody reads the scripts of what is meant to go wrong, and they take longer than the rest
        patch.setattr("conformance.showing.script_now", lambda *_: None)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Only what shows a must that no fault was found for yet."""
        items[:] = [item for item in items if self._missing(item)]

    def _missing(self, item: pytest.Item) -> list[str]:
        claimed = {str(i) for mark in item.iter_markers("requirement") for i in mark.args}
        musts = {i for i in claimed if self._requirements[i].verb is Verb.MUST}
        return sorted(musts - set(self._found))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run the test as it is, then with one fault after the other."""
        from _pytest.runner import runtestprotocol  # noqa: PLC0415 - what pytest itself does with an item

        if not self._missing(item):
            return True
        began = time.monotonic()
        outcomes = self._run(item, runtestprotocol, None)
        calls = self._calls
        good = [i for i in self._missing(item) if outcomes[i] == {Outcome.PASS}]
        tried: list[dict[str, Any]] = []
        for requirement in good:
            for fault in self._tries(requirement, calls):
                if requirement in self._found:
                    break
                if fault in tried:
                    continue
                tried.append(fault)
                seen = self._run(item, runtestprotocol, fault)
                red = [i for i in good if i not in self._found and seen[i] & RED]
                self._found |= dict.fromkeys(red, fault)
                write_found(dict.fromkeys(red, fault))
        item.session._setupstate.teardown_exact(nextitem)  # no public way: the module may end now
        left = self._missing(item)
        bad = {i: sorted(outcomes[i]) for i in left if i not in good}
        name, seconds = item.nodeid.rpartition("::")[2], time.monotonic() - began
        sys.stdout.write(f"\n{name}: left {left}, not green {bad}, {len(tried)} tries, {seconds:.0f} s\n")
        sys.stdout.flush()
        return True

    def _tries(self, requirement: str, calls: Mapping[str, int]) -> list[dict[str, Any]]:
        """What is tried: first what the same law of another kind found, then the rest."""
        kind = self._kind(requirement)
        alike = [i for i in self._found if (i[:-3], i[-1]) == (requirement[:-3], requirement[-1])]
        known = [
            {**self._found[i], "operation": self._found[i]["operation"].replace(self._kind(i), kind)} for i in alike
        ]
        first = [fault for n, fault in enumerate(known) if fault not in known[:n]]
        rest = candidates(self._requirements[requirement], self._contract, calls)
        return [*first[:3], *(fault for fault in rest if fault not in first)][:MOST]

    def _kind(self, requirement: str) -> str:
        return self._requirements[requirement].operations[0].rpartition(".")[0]

    def _run(self, item: Any, protocol: Any, fault: dict[str, Any] | None) -> dict[str, set[Outcome]]:
        state = item.config.stash[STATE]
        KNOWN[:] = [tuple(c.secrets()) for c in state.worker.wire.credentials.values()]
        self._fault = fault
        item._initrequest()
        protocol(item, nextitem=Same(item), log=False)
        self._fault = None
        seen: dict[str, set[Outcome]] = defaultdict(set)
        for observation in state.worker.recorder.observations:
            seen[observation.requirement].add(observation.outcome)
        return seen

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(self) -> Generator[None, object, object]:
        """The stand-in is wrong while the test itself runs, and right while its fixtures are made."""
        self._server.spoiled.fault = None if self._fault is None else fault_of(self._fault)
        try:
            return (yield)
        finally:
            self._calls = dict(self._server.spoiled.calls)
            self._server.spoiled.fault = None
