"""Which tests run alone where several workers share a target, and how many workers there are unasked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.contract import Edition, load_contract
from conformance.run.case import locking
from conformance.target.settings import TargetSettings
from conformance.wire.network.locks import SharedLock

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
    """How a test takes the lock."""
    found: list[str] = []
    for way in ("exclusive", "shared"):
        monkeypatch.setattr(SharedLock, way, lambda _, way=way: found.append(way))
    state = SimpleNamespace(works=True, edition=Edition.COMMUNITY, worker=SimpleNamespace(shared=shared))
    locking.lock_of(what, cast("RunState", state))
    return found[0] if found else "none"


@pytest.mark.parametrize(
    ("what", "way"),
    [
        (item("destructive"), "exclusive"),
        (item("alone"), "exclusive"),
        (item(operation="projects.list"), "exclusive"),
        (item(operation="users.whoami"), "exclusive"),
        (item(operation="tasks.get"), "shared"),
        (item(), "shared"),
        (item("destructive", workers=1), "none"),
    ],
)
def test_what_looks_at_or_changes_the_whole_instance_runs_alone(
    what: Any, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert taken(what, tmp_path, monkeypatch) == way


def test_a_worker_with_a_server_of_its_own_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(item("destructive"), None, monkeypatch) == "none"


@pytest.mark.parametrize(("url", "most"), [(None, locking.MOST_SERVERS), ("http://labels.example", 1)])
def test_at_a_server_that_is_not_ours_there_is_one_worker_unasked(
    url: str | None, most: int, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.setattr(locking, "target_settings", lambda _: TargetSettings(url=url, api_key="k" if url else None))
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert locking.workers_unasked(pytestconfig) == most
