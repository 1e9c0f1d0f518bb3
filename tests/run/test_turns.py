"""Which tests run alone where several workers share a target, and how many workers there are unasked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.contract import load_contract
from conformance.run.case import turns
from conformance.target.settings import TargetSettings
from conformance.wire.network.locks import Turns

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.run.state import RunState


def item(*marks: str, operation: str | None = None, workers: int = 2) -> Any:
    params = {"operation": load_contract()[operation]} if operation else {}
    return SimpleNamespace(
        config=SimpleNamespace(workerinput={"workercount": workers}),
        get_closest_marker=lambda name: name if name in marks else None,
        callspec=SimpleNamespace(params=params),
    )


def taken(what: Any, shared: Path | None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which turn a test takes."""
    found: list[str] = []
    for way in ("alone", "among_others"):
        monkeypatch.setattr(Turns, way, lambda _, way=way: found.append(way))
    state = SimpleNamespace(works=True, worker=SimpleNamespace(shared=shared))
    turns.turn_of(what, cast("RunState", state))
    return found[0] if found else "none"


@pytest.mark.parametrize(
    ("what", "turn"),
    [
        (item("destructive"), "alone"),
        (item("alone"), "alone"),
        (item(operation="projects.list"), "alone"),
        (item(operation="users.whoami"), "alone"),
        (item(operation="tasks.get"), "among_others"),
        (item(), "among_others"),
        (item("destructive", workers=1), "none"),
    ],
)
def test_what_looks_at_or_changes_the_whole_instance_runs_alone(
    what: Any, turn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert taken(what, tmp_path, monkeypatch) == turn


def test_a_worker_with_a_server_of_its_own_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(item("destructive"), None, monkeypatch) == "none"


@pytest.mark.parametrize(("url", "most"), [(None, turns.MOST_SERVERS), ("http://labels.example", 1)])
def test_at_a_server_that_is_not_ours_there_is_one_worker_unasked(
    url: str | None, most: int, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.setattr(turns, "target_settings", lambda _: TargetSettings(url=url, api_key="k" if url else None))
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert turns.workers_unasked(pytestconfig) == most
