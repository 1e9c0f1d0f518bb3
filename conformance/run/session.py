"""The beginning of a session: what the run is, whether the target can be judged, and what a worker needs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from conformance.contract import Edition
from conformance.contract.tables.safety import Safety
from conformance.errors import ConformanceError, ExitCode
from conformance.judge.claims.profiles import ProfileError
from conformance.judge.deviations import DeviationError
from conformance.peers import Peers
from conformance.peers.base import LOOPBACK
from conformance.run.controller import Controller
from conformance.run.messages import KEY, StartMessage
from conformance.run.options import run_options, stderr, target_settings
from conformance.run.result.resuming import read_progress
from conformance.run.state import RunState
from conformance.run.time_budget import TimeBudget
from conformance.run.worker import Worker, out_of_reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.run.controller import KeepExamples


def new_state(config: pytest.Config, keep_examples: KeepExamples) -> RunState:
    """Settle options and target.

    Args:
        config: of the session.
        keep_examples: see :class:`conformance.run.controller.Controller`.

    Raises:
        pytest.UsageError: something in them can't be used.
    """
    try:
        options = run_options(config)
        settings = target_settings(config)
    except ConformanceError as problem:
        raise pytest.UsageError(problem.render()) from None
    except ValueError as problem:
        raise pytest.UsageError(str(problem)) from None
    state = RunState(options=options, settings=settings, edition=Edition(settings.edition or Edition.COMMUNITY))
    if options.plan:
        return state
    is_worker = hasattr(config, "workerinput")
    state.works = is_worker or not getattr(config.option, "numprocesses", None)
    if not is_worker:
        state.controller = Controller(options, settings, keep_examples)
    if options.resume:
        _go_on(state)
    return state


def _go_on(state: RunState) -> None:
    """Take over what an earlier part of the run learned; a worker only has to know what is finished."""
    try:
        progress = read_progress(state.options.report_dir)
        if state.controller is not None:
            state.controller.resume(progress)
    except ConformanceError as problem:
        raise pytest.UsageError(problem.render()) from None
    state.finished = frozenset(progress.told)


def begin(state: RunState, config: pytest.Config, progress: Callable[[str], None]) -> None:
    """Preflight in the controller, then let the worker's target start while tests are collected.

    Args:
        state: of this process.
        config: of the session.
        progress: tells a person how far it is.
    """
    if state.controller is not None:
        _look_at_target(state.controller, progress)
        start = state.controller.start_message()
    else:
        start = StartMessage.from_json(config.workerinput[KEY])  # type: ignore[attr-defined] # xdist adds it
    if start.facts.get("edition") == Edition.ENTERPRISE:
        state.edition = Edition.ENTERPRISE
    budget = state.options.time_budget if state.options.depth == "deep" else None
    state.time_budget = TimeBudget(budget, time.monotonic() - (time.time() - start.began))
    state.accepted = start.accepted
    if state.works:
        name = getattr(config, "workerinput", {}).get("workerid", "main")
        peers = Peers(
            log_dir=state.options.report_dir / "logs" / name,
            callback_host=state.settings.callback_host or LOOPBACK,
            without=out_of_reach(state.settings, state.options.embedded_policy),
        )
        state.worker = Worker(state.options, state.settings, start.facts, peers, name)
        state.worker.begin()


def _look_at_target(controller: Controller, progress: Callable[[str], None]) -> None:
    """Ends the session where the target can't be judged, or not by this."""
    try:
        controller.look_at_target(progress)
        controller.settle_basis(progress)
        controller.began = time.time()
    except (ProfileError, DeviationError) as problem:
        stderr(f"\n{problem}")
        pytest.exit("settings can't be used (see above)", returncode=ExitCode.USAGE)
    except ConformanceError as problem:
        stderr(f"\n{problem.render()}")
        pytest.exit("the target can't be judged (see above)", returncode=ExitCode.TARGET_UNUSABLE)


KEPT = "what is there stays as it is; the run makes things of its own, changes them, and removes them"


READ = "only read: nothing but GET and HEAD is sent"


def header(state: RunState) -> list[str]:
    """Return what the run is about, in two lines."""
    url = state.settings.url or f"embedded Label Studio {state.options.embedded_version}"
    settings = state.settings
    kept = {Safety.ADMIN: "disposable", Safety.READ_ONLY: READ, Safety.ADDITIVE: KEPT}.get(
        settings.allow, f"{settings.allow.label} operations are allowed on what is there"
    )
    return [
        f"target: {url} ({kept})",
        f"run: {state.options.run_id}, depth {state.options.depth}, seed {state.options.seed}",
    ]
