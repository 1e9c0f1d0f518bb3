"""Keeps the run between hooks of the plugin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from conformance.contract import Edition
from conformance.run.time_budget import TimeBudget

if TYPE_CHECKING:
    from conformance.judge.deviations import Deviation
    from conformance.run.controller import Controller
    from conformance.run.options import RunOptions
    from conformance.run.worker import Worker
    from conformance.target.settings import TargetSettings


@dataclass(slots=True)
class RunState:
    """The run as one process sees it: a worker has no controller, and the controller of workers has no worker.

    Attributes:
        whole: node ids of the plan before it was split into shards; empty where it was not.
        deselected: how many tests a person left out.
        finished: node ids that an earlier part of the run finished: they are not run again.
        edition: of the target: what was claimed, or else what preflight found. It decides which tests there are.
    """

    options: RunOptions
    settings: TargetSettings
    worker: Worker = field(init=False)
    controller: Controller | None = None
    works: bool = False
    accepted: tuple[Deviation, ...] = ()
    whole: tuple[str, ...] = ()
    deselected: int = 0
    finished: frozenset[str] = frozenset()
    edition: Edition = Edition.COMMUNITY
    time_budget: TimeBudget = field(default_factory=lambda: TimeBudget(None, 0.0))


STATE = pytest.StashKey[RunState]()
