"""The pytest hooks, thin: they decide when, ``conformance.run`` knows what."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ExitCode
from conformance.outcomes import NotMeasured
from conformance.properties.campaigns.gaining import keep_examples
from conformance.report.renderings.terminal import UNLIMITED
from conformance.run.case.failures import ConformanceFailure
from conformance.run.case.locking import lock_of, workers_unasked
from conformance.run.case.phases import about, present, seen_through, tell
from conformance.run.messages import FOREIGN, KEY, EndMessage
from conformance.run.options import add_options, is_conformance_run
from conformance.run.ours import PACKAGE, is_ours
from conformance.run.plan.named import keep_chosen, settle_arguments
from conformance.run.plan.planning import PlannedTest, render_plan
from conformance.run.plan.safety import refuse
from conformance.run.plan.selection import known_costs, select
from conformance.run.plan.spec import refuse_absent, settle_spec
from conformance.run.progress.showing import ShowProgress
from conformance.run.progress.telling import teller
from conformance.run.result.leaks import SecretInArtefact
from conformance.run.result.writing import ReportUnwritable
from conformance.run.session import begin, header, new_state
from conformance.run.state import STATE
from conformance.run.time_budget import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from conformance.run.state import RunState

MARKERS = (
    "alone: runs beside no test of another worker at the same target",
    "requirement(*ids): the requirements that this scenario shows (spec/requirements/)",
    "contract_rules(*rules, binding): written by @shows; the test fails if one of these rules is broken (none: any)",
    "open_ended(weight): goes on for as long as a deep run has time; what it gets of that, beside others",
    "safety(name): how much it can do to a target (read-only, …), where that is not what its operation says",
    "destructive: can hurt the run or the whole instance; disposable targets only, runs last",
)
# what tests ask for by name
pytest_plugins = ("conformance.fixtures",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of the suite."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Names of requirements choose tests; a plan is made in one process: no workers, but their number counts."""
    settle_spec(config)
    settle_arguments(config)
    if config.option.plan:
        config.option.planned_workers = getattr(config.option, "numprocesses", None) or 1
        config.option.numprocesses, config.option.dist, config.option.tx = None, "no", []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Settle target and report folder before any other plugin asks where to write."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if config.option.collectonly or not is_conformance_run(config):
        return
    state = config.stash[STATE] = new_state(config, keep_examples)
    if state.controller is not None:
        config.pluginmanager.register(state.controller, "conformance-controller")
        if config.option.verbose == 0:
            config.pluginmanager.register(ShowProgress(state.controller, config), "conformance-progress")


def pytest_configure_node(node: Any) -> None:
    """Tell a worker which run it is part of, and what preflight found."""
    state = node.config.stash.get(STATE, None)
    if state is not None and state.controller is not None:
        node.workerinput[KEY] = state.controller.start_message().to_json()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Preflight in the controller, then let the worker's target start while tests are collected."""
    state = session.config.stash.get(STATE, None)
    if state is not None and not state.options.plan:
        begin(state, session.config, teller(session.config))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Name target and report folder, so that a typo shows."""
    state = config.stash.get(STATE, None)
    return [] if state is None or state.options.plan else header(state)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Tests have one id wherever they are collected: in the repository, from a wheel, beside other people's."""
    if PACKAGE not in module_path.parents or parent.config.rootpath == PACKAGE.parent:
        return None
    name = module_path.relative_to(PACKAGE.parent).as_posix()
    module: pytest.Module = pytest.Module.from_parent(parent, path=module_path, nodeid=name)
    return module


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Select and order."""
    keep_chosen(items, config)
    state = config.stash.get(STATE, None)
    if state is not None:
        select(items, state, workers=int(getattr(config, "workerinput", {}).get("workercount", 1)))


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what a person left out."""
    if items and (state := items[0].config.stash.get(STATE, None)) is not None:
        state.deselected += sum(map(is_ours, items))
        if state.controller is not None:  # workers tell theirs at their end
            state.controller.collected.planned.deselected = state.deselected


def _state_of(item: pytest.Item) -> RunState | None:
    """The run that a test is part of; None for the tests of other people."""
    return item.config.stash.get(STATE, None) if is_ours(item) else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Say what would run instead of running it."""
    state = session.config.stash.get(STATE, None)
    if state is None or not state.options.plan:
        return None
    tests = [
        PlannedTest(id=i.nodeid, skipped=i.get_closest_marker("skip") is not None) for i in session.items if is_ours(i)
    ]
    teller(session.config)(
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
        # what an earlier part of the run finished, workers do not collect
        known = state.controller.collected.planned.claims
        state.controller.collected.planned.claims = {**known, **{i: known.get(i, ()) for i in ids}}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """``-n auto``: servers of our own as there are cores, and one worker at any other target."""
    return workers_unasked(config) if is_conformance_run(config) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """What must not meet other workers' tests at one target runs alone."""
    state = _state_of(item)
    with nullcontext() if state is None else lock_of(item, state):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Start an empty record for the test, before anything else may skip it."""
    state = _state_of(item)
    if state is not None and state.works:
        state.worker.begin_test(item.nodeid)
        refuse(item, state.settings)
        refuse_absent(item)
        try:
            state.time_budget.check()
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
    state = _state_of(pyfuncitem)
    result = yield
    if state is not None and (failures := tuple(filter(about(pyfuncitem), state.worker.recorder.failures()))):
        raise ConformanceFailure(failures)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what went wrong, and send along what the controller is told."""
    report = yield
    state = _state_of(item)
    if state is None or not state.works:
        setattr(report, FOREIGN, not is_ours(item))
        return report
    problem = seen_through(call.excinfo.value if call.excinfo is not None else None, state.worker)
    message = tell(item, call.when, problem, state.worker)
    present(report, problem, item, state.accepted, message.observations if message else ())
    if message is not None:
        setattr(report, KEY, message.to_json())  # reports carry any JSON attribute to the controller
        if message.lost:
            item.session.shouldstop = "the target was lost"
        if call.when != "teardown":
            item.user_properties.append(("requirements", " ".join(sorted(state.worker.recorder.shown()))[:500]))
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Clean up, judge, write, and end with the exit code that says it."""
    state = session.config.stash.get(STATE, None)
    if state is None:
        return
    if state.options.plan and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = ExitCode.NOT_MEASURED  # as the run would
    controller = state.controller
    if state.works and hasattr(state, "worker"):
        ended = replace(state.worker.end(), whole=state.whole, deselected=state.deselected)
        if controller is None:
            session.config.workeroutput[KEY] = ended.to_json()  # type: ignore[attr-defined] # xdist adds it
        else:
            controller.collected.take_end(ended)
    if controller is None or exitstatus in {ExitCode.USAGE, ExitCode.TARGET_UNUSABLE}:
        return
    tell = teller(session.config) if session.config.option.verbose >= 0 else lambda _: None
    try:
        verdict = controller.finish(session.config, tell)
    except (SecretInArtefact, ReportUnwritable) as problem:
        teller(session.config)(problem.render())
        session.exitstatus = problem.exit_code
        return
    if exitstatus not in {ExitCode.INTERRUPTED, ExitCode.INTERNAL} or controller.collected.lost:
        session.exitstatus = verdict
    if controller.others_failed and session.exitstatus in {ExitCode.OK, ExitCode.NOT_MEASURED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - xdist's signature
    """Take what a worker left behind; one that died left nothing."""
    state = node.config.stash.get(STATE, None)
    told = getattr(node, "workeroutput", {}).get(KEY)
    if state is not None and state.controller is not None and told is not None:
        state.controller.collected.take_end(EndMessage.from_json(told))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One screen: what was measured, and what is broken."""
    state = config.stash.get(STATE, None)
    if state is None or state.controller is None or state.controller.report is None:
        return
    terminalreporter.section("conformance")
    writer = config.get_terminal_writer()
    # where no terminal is, nothing has to fit: a verdict that is cut is none
    width = writer.fullwidth if sys.__stdout__ is not None and sys.__stdout__.isatty() else UNLIMITED
    terminalreporter.write_line(state.controller.screen(width))


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """What ended the session before its first test was told, and not once more as an exception of pytest's."""
    state = config.stash.get(STATE, None)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and state is not None and state.controller is not None and state.controller.report is None:
        reporter._keyboardinterrupt_memo = None  # noqa: SLF001 - no public way
