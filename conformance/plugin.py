"""The pytest hooks, thin: they decide when, ``conformance.run`` knows what."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition
from conformance.contract.requirements import load_requirements
from conformance.errors import ConformanceError, ExitCode
from conformance.fixtures import *  # noqa: F403 - fixtures are found by name in a plugin's module
from conformance.judge.deviations import Deviation, DeviationError
from conformance.judge.profiles import ProfileError
from conformance.judge.shards import split
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import Peers, PeerUnavailable
from conformance.peers.base import LOOPBACK
from conformance.report.document.errors import ReportError
from conformance.run.controller import Controller
from conformance.run.costs import load_costs
from conformance.run.failures import ConformanceFailure, excuse
from conformance.run.options import add_options, is_conformance_run, run_options, stderr, target_settings
from conformance.run.pacing import UNREACHED, Pacing, weight_of
from conformance.run.planning import PlannedTest, render_plan
from conformance.run.state import STATE, RunState
from conformance.run.testcase import explain, is_about
from conformance.run.worker import Worker, out_of_reach
from conformance.target.embedded import EmbeddedError
from conformance.wire import Refused, TargetLost, Unexpected
from conformance.wire.checks import route_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from conformance.judge import Observation
    from conformance.run.costs import Costs
    from conformance.run.options import RunOptions

# Raised by the target's behaviour or by what is missing here: a person needs no traceback of the suite.
EXPLAINED = (ConformanceFailure, ConformanceError)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of the suite."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """A plan is made in one process: no workers, but their number counts."""
    if config.option.plan:
        config.option.planned_workers = getattr(config.option, "numprocesses", None) or 1
        config.option.numprocesses, config.option.dist, config.option.tx = None, "no", []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Settle target and report folder before any other plugin asks where to write."""
    if config.option.collectonly or not is_conformance_run(config):
        return
    try:
        options = run_options(config)
        settings = target_settings(config)
    except ConformanceError as problem:
        raise pytest.UsageError(problem.render()) from None
    except ValueError as problem:
        raise pytest.UsageError(str(problem)) from None
    claimed_edition = Edition(settings.edition or Edition.COMMUNITY)
    state = RunState(options=options, settings=settings, edition=claimed_edition)
    config.stash[STATE] = state
    if options.plan:
        return
    is_worker = hasattr(config, "workerinput")
    state.works = is_worker or not getattr(config.option, "numprocesses", None)
    if not is_worker:
        state.controller = Controller(options, settings)
        config.pluginmanager.register(Collector(state.controller), "conformance-collector")


def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it is part of, and what preflight found."""
    state = node.config.stash.get(STATE, None)
    if state is None or state.controller is None:
        return
    node.workerinput["conformance"] = {
        "run_id": state.options.run_id,
        "report_dir": str(state.options.report_dir),
        "started": state.options.started,
        "facts": state.controller.facts,
        "began": state.controller.began,
        "accepted": [d.to_json() for d in state.controller.accepted],
    }


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Preflight in the controller, then let the worker's target start while tests are collected."""
    state = session.config.stash.get(STATE, None)
    if state is None or state.options.plan:
        return
    if state.controller is not None:
        try:
            state.controller.look_at_target(_progress(session.config))
            state.controller.settle_basis()
            state.controller.began = time.time()
        except (ProfileError, DeviationError) as problem:
            stderr(f"\n{problem}")
            pytest.exit("settings can't be used (see above)", returncode=ExitCode.USAGE)
        except ConformanceError as problem:
            stderr(f"\n{problem.render()}")
            pytest.exit("the target can't be judged (see above)", returncode=ExitCode.TARGET_UNUSABLE)
    given = getattr(session.config, "workerinput", {})
    facts = state.controller.facts if state.controller else given["conformance"]["facts"]
    if facts.get("edition") == Edition.ENTERPRISE:
        state.edition = Edition.ENTERPRISE
    budget = state.options.time_budget if state.options.depth == "deep" else None
    began = state.controller.began if state.controller else given["conformance"]["began"]
    state.pacing = Pacing(budget, time.monotonic() - (time.time() - began))
    if state.works:
        state.accepted = (
            state.controller.accepted
            if state.controller
            else tuple(map(Deviation.from_json, given["conformance"]["accepted"]))
        )
        name = given.get("workerid", "main")
        peers = Peers(
            log_dir=state.options.report_dir / "logs" / name,
            callback_host=state.settings.callback_host or LOOPBACK,
            without=out_of_reach(state.settings),
        )
        state.worker = Worker(state.options, state.settings, facts, peers, name)
        state.worker.begin()


def _progress(config: pytest.Config) -> Any:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.write_line if reporter else stderr


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Name target and report folder, so that a typo shows."""
    state = config.stash.get(STATE, None)
    return [] if state is None or state.options.plan else header(state)


def header(state: RunState) -> list[str]:
    """What the run is about, in two lines."""
    url = state.settings.url or f"embedded Label Studio {state.options.embedded_version}"
    kept = "disposable" if state.settings.embedded or state.settings.disposable else "nothing of it is touched"
    return [
        f"target: {url} ({kept})",
        f"run: {state.options.run_id}, depth {state.options.depth}, seed {state.options.seed}",
    ]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All selection policy: destructive tests run last, and only where everything may be changed."""
    state = config.stash.get(STATE, None)
    if state is None:
        return
    disposable = state.settings.embedded or state.settings.disposable
    items.sort(key=lambda item: item.get_closest_marker("destructive") is not None)
    for item in items:
        if item.get_closest_marker("destructive") is not None and not disposable:
            item.add_marker(pytest.mark.skip(reason="may hurt the target: needs one that is disposable (--disposable)"))
    if state.options.shard is not None:
        whole = [item.nodeid for item in items]
        number, parts = state.options.shard
        mine = set(split(whole, parts, known_costs(state.options).seconds(whole))[number - 1])
        # no deselection in pytest's sense: nothing was left out by hand, other shards run the rest
        items[:] = [item for item in items if item.nodeid in mine]
        if state.controller is not None:
            state.controller.whole = tuple(whole)
        elif not state.options.plan:
            config.workeroutput["conformance-whole"] = whole  # type: ignore[attr-defined] # xdist adds it
    if state.controller is not None:
        state.controller.planned = {item.nodeid: claimed(item) for item in items}
    _pace(config, state, items)


def _pace(config: pytest.Config, state: RunState, items: list[pytest.Item]) -> None:
    """Divide the time of a deep run among its tests."""
    weights = {item.nodeid: weight for item in items if (weight := weight_of(item)) is not None}
    bounded = [item.nodeid for item in items if item.nodeid not in weights]
    costs = known_costs(state.options).seconds(bounded) if state.pacing.budget is not None else {}
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    state.pacing.share_out(weights, bounded, costs, workers=workers)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what a person left out."""
    if items and (state := items[0].config.stash.get(STATE, None)) is not None and state.controller is not None:
        state.controller.deselected += len(items)


def known_costs(options: RunOptions) -> Costs:
    """What tests take, as far as it is known."""
    try:
        return load_costs(options.measured, depth=options.depth)
    except ReportError as problem:
        raise pytest.UsageError(f"--measured: {problem}") from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Say what would run instead of running it."""
    state = session.config.stash.get(STATE, None)
    if state is None or not state.options.plan:
        return None
    tests = [PlannedTest(id=i.nodeid, skipped=i.get_closest_marker("skip") is not None) for i in session.items]
    _progress(session.config)(
        render_plan(
            header(state),
            tests,
            known_costs(state.options),
            workers=session.config.option.planned_workers,
            keeps=not state.settings.embedded,
        )
    )
    return True


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """The plan, as the workers collected it (they all collect the same)."""
    state = node.config.stash.get(STATE, None)
    if state is not None and state.controller is not None:
        state.controller.planned = dict.fromkeys(ids, ())


def _about(item: pytest.Item) -> Callable[[Observation], bool]:
    """Whether an observation is what the test is about."""
    marker = item.get_closest_marker("contract_rules")
    return partial(is_about, claimed=claimed(item), rules=None if marker is None else marker.args)


def claimed(item: pytest.Item) -> tuple[str, ...]:
    """The requirement ids that a test says it shows."""
    return tuple(dict.fromkeys(str(i) for mark in item.iter_markers("requirement") for i in mark.args))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Start an empty record for the test, before anything else may skip it."""
    state = item.config.stash.get(STATE, None)
    if state is not None and state.works:
        state.worker.begin_test(item.nodeid)
        try:
            state.pacing.check()
        except NotMeasured:
            state.worker.recorder.note(UNREACHED, f"{item.nodeid} was not begun")
            raise
    yield
    if state is not None and state.works:
        state.worker.begin_body()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A test that recorded a failure fails, after it came to its end.

    A test fails for what it is about; what the wire noticed on the way is in the result (and in the verdict) all the
    same, but a broken serializer shall not turn every test red.
    """
    state = pyfuncitem.config.stash.get(STATE, None)
    if state is None:
        return (yield)
    result = yield
    failures = tuple(filter(_about(pyfuncitem), state.worker.recorder.failures()))
    if failures:
        raise ConformanceFailure(failures)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what went wrong without a traceback, and send the observations along with the last report of a test."""
    report = yield
    state = item.config.stash.get(STATE, None)
    if state is None or not state.works:
        return report
    problem = call.excinfo.value if call.excinfo is not None else None
    if isinstance(problem, PeerUnavailable | Refused | Blocked) or (
        isinstance(problem, Unexpected) and route_missing(problem.exchange)
    ):
        # not to be had, or not to be done, on this target: neither passed nor failed, wherever it was raised;
        # what is in the way has a test of its own, and what it blocks is counted apart
        report.outcome = "skipped"
        report.longrepr = (str(item.path), (item.location[1] or 0) + 1, f"Skipped: {problem}")
    elif isinstance(problem, ConformanceFailure) and (known := excuse(problem, state.accepted)):
        # known and accepted: shown as an expected failure, and counted apart by the judge
        report.outcome = "skipped"
        report.wasxfail = known
        report.longrepr = str(problem)
    elif report.failed and isinstance(problem, EXPLAINED):
        report.longrepr = problem.render() if isinstance(problem, ConformanceError) else str(problem)
    recorder = state.worker.recorder
    if report.when == "call" or (report.when == "setup" and problem is not None):
        wire = None if isinstance(problem, EmbeddedError) else state.worker.wire
        skipped = isinstance(problem, pytest.skip.Exception) and not isinstance(problem, NotMeasured)
        told = NotMeasured(str(problem)) if skipped else problem
        explain(told, recorder=recorder, wire=wire, claimed=claimed(item), requirements=load_requirements())
        lost = problem.render() if isinstance(problem, TargetLost) else None
        if lost:
            item.session.shouldstop = "the target was lost"
        about = _about(item)
        sent = {
            "observations": [replace(o, incidental=not about(o)).to_json() for o in recorder.observations],
            "claimed": claimed(item),
            "open_ended": weight_of(item) is not None,
            "statistics": recorder.drain_statistics(),
            **({"lost": lost} if lost else {}),
        }
        report.conformance = sent  # type: ignore[attr-defined] # reports carry any JSON attribute to the controller
        item.user_properties.append(("requirements", " ".join(sorted(recorder.shown()))[:500]))
    elif report.when == "teardown":
        report.conformance = {  # type: ignore[attr-defined]
            "observations": [],
            "claimed": claimed(item),
            "statistics": recorder.drain_statistics(),
        }
    return report


class Collector:
    """Hands reports to the controller; a plugin of its own, since this hook is not told the configuration."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of one test."""
        self._controller.take(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Clean up, judge, write, and end with the exit code that says it."""
    state = session.config.stash.get(STATE, None)
    if state is None:
        return
    if state.options.plan and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = ExitCode.NOT_MEASURED  # as the run would
    if state.works and hasattr(state, "worker"):
        ended = state.worker.end()
        if state.controller is None:
            session.config.workeroutput["conformance"] = ended  # type: ignore[attr-defined] # xdist adds it
            return
        _take_end(state.controller, ended)
    controller = state.controller
    if controller is None or exitstatus in {ExitCode.USAGE, ExitCode.TARGET_UNUSABLE}:
        return
    verdict = controller.finish(session.config)
    if exitstatus not in {ExitCode.INTERRUPTED, ExitCode.INTERNAL} or controller.lost:
        session.exitstatus = verdict


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - xdist's signature
    """Take what a worker left behind."""
    state = node.config.stash.get(STATE, None)
    if state is not None and state.controller is not None:
        whole = getattr(node, "workeroutput", {}).get("conformance-whole", ())
        state.controller.whole = state.controller.whole or tuple(whole)
        _take_end(state.controller, getattr(node, "workeroutput", {}).get("conformance", {}))


def _take_end(controller: Controller, ended: dict[str, Any]) -> None:
    controller.left += ended.get("left", [])
    controller.take_statistics(ended.get("statistics", {}))
    if ended.get("announced") is not None:
        controller.announced = frozenset(ended["announced"])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One screen: what was measured, and what is broken."""
    state = config.stash.get(STATE, None)
    if state is None or state.controller is None or state.controller.report is None:
        return
    terminalreporter.section("conformance")
    terminalreporter.write_line(state.controller.screen(terminalreporter._tw.fullwidth))  # noqa: SLF001 - pytest has no public width
