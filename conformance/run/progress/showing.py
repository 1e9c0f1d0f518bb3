"""Listens to pytest in the process that has the terminal, and shows how far the run is instead of a row of dots."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol

import pytest
from rich.console import Console

from conformance.report.catalogue import load_catalogue
from conformance.run.messages import KEY, PhaseMessage
from conformance.run.plan.selection import known_costs
from conformance.run.progress.live import LiveProgress
from conformance.run.progress.plain import PlainProgress
from conformance.run.progress.standing import Standing
from conformance.run.progress.telling import teller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.judge.observation import Observation
    from conformance.run.controller import Controller


class Shown(Protocol):
    """A way to show how far the run is."""

    def show(self, elapsed: float) -> None:
        """Show it."""

    def close(self) -> None:
        """End showing."""


class ShowProgress:
    """The plugin; registered once per run, where pytest is asked neither for more nor for less than usual."""

    def __init__(self, controller: Controller, config: pytest.Config) -> None:
        """Listen, and show once tests end."""
        self._controller = controller
        self._config = config
        self._standing = Standing(load_catalogue().areas, self._accepted)
        self._shown: Shown | None = None
        self._began = 0.0

    def _accepted(self, observation: Observation) -> bool:
        return any(deviation.accepts(observation) for deviation in self._controller.accepted)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Settle the plan, where this process runs it."""
        self._plan([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Settle the plan, where workers run it (they all collect the same)."""
        self._plan(ids)

    def _plan(self, tests: Sequence[str]) -> None:
        if not tests:
            return
        self._standing.plan(tests, known_costs(self._controller.options).seconds(tests))
        if self._shown is None:
            self._began = time.monotonic()
            self._shown = self._open()

    def _open(self) -> Shown:
        if sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
            return LiveProgress(self._standing, Console(file=sys.stdout))
        return PlainProgress(self._standing, teller(self._config))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
        """Count as pytest does, but print no letter."""
        if not isinstance(report, pytest.TestReport):
            return None
        if hasattr(report, "wasxfail"):  # its failures are accepted
            return ("xfailed" if report.skipped else "xpassed"), "", ""
        if report.when == "call" or (report.when == "setup" and report.skipped):
            return report.outcome, "", ""
        return ("error", "", "") if report.failed else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count, and show."""
        told = getattr(report, KEY, None)
        if told is not None:
            message = PhaseMessage.from_json(told)
            self._standing.take(report.nodeid, message.observations, message.statistics.requests)
        if report.when == "teardown":
            self._standing.end(report.nodeid)
        if self._shown is not None:
            self._shown.show(time.monotonic() - self._began)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Make room for the last screen."""
        if self._shown is not None:
            self._shown.close()
