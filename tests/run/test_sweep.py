"""What a killed run left is removed, and nothing else: not even what has the number of something that was ours."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.cli import main
from conformance.run.sweep import Swept, sweep
from conformance.wire.journal import FOLDER, Journal, Memory, Remembered
from tests.wire.conftest import FakeTransport, make_wire, response, transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse

__all__ = ["make_wire", "transport"]  # fixtures

RUN = "20260501-100000-ab12"
THEN = "2026-05-01T10:00:00Z"


class Server:
    """A target with projects; ``broken`` ones can't be deleted."""

    def __init__(self, projects: dict[int, dict[str, Any]], *, broken: tuple[int, ...] = ()) -> None:
        self.projects = projects
        self.broken = broken
        self.deleted: list[str] = []

    def __call__(self, request: RawRequest) -> RawResponse:
        parts = urlsplit(request.url)
        if parts.path == "/api/projects/":
            page = int(parse_qs(parts.query)["page"][0])
            every = [{"id": i, **p} for i, p in sorted(self.projects.items())]
            shown = every[(page - 1) * 2 : page * 2]
            more = len(every) > page * 2
            return response(200, {"count": len(every), "next": "more" if more else None, "results": shown})
        if parts.path == "/api/users/":
            return response(200, [])
        found = re.fullmatch(r"/api/projects/(\d+)/", parts.path)
        number = int(found[1]) if found else 0
        if number not in self.projects:
            return response(404, {"detail": "Not found."})
        if request.method != "DELETE":
            return response(200, {"id": number, **self.projects[number]})
        if number in self.broken:
            return response(500, {"detail": "no"})
        self.deleted.append(parts.path)
        del self.projects[number]
        return response(204)


def project(title: str, created: str = THEN) -> dict[str, Any]:
    return {"title": title, "created_at": created}


def ours(number: int, created: str = THEN) -> Remembered:
    return Remembered(kind="project", identity=str(number), created=created)


@pytest.fixture
def swept(make_wire: Callable[..., Wire], transport: FakeTransport) -> Callable[..., tuple[Swept, Server]]:
    def do(server: Server, *left: Remembered, **more: bool) -> tuple[Swept, Server]:
        transport.answer = server
        wire = make_wire(disposable=False)
        return sweep(wire, Memory(target="http://target.test", left=left), RUN, **more), server

    return do


def test_what_the_journal_names_is_removed(swept: Callable[..., tuple[Swept, Server]]) -> None:
    done, server = swept(Server({1: project("any title"), 2: project("somebody's")}), ours(1))
    assert done.removed == ["project 1 'any title'"]
    assert set(server.projects) == {2}
    assert done.left == []


def test_what_carries_the_runs_id_is_found_on_every_page(swept: Callable[..., tuple[Swept, Server]]) -> None:
    named = {n: project(f"scenario {RUN}-gw0-{n}" if n % 2 else f"theirs {n}") for n in range(1, 8)}
    done, server = swept(Server(named))
    assert sorted(server.projects) == [2, 4, 6]
    assert len(done.removed) == 4


def test_a_number_that_is_somebody_elses_by_now_is_left_alone(swept: Callable[..., tuple[Swept, Server]]) -> None:
    done, server = swept(Server({1: project("new", created="2026-06-01T00:00:00Z")}), ours(1))
    assert set(server.projects) == {1}
    assert done.kept == ["project 1: another object has this number now"]
    assert done.removed == []


def test_children_of_what_is_not_ours_any_more_are_left_alone(
    swept: Callable[..., tuple[Swept, Server]],
    transport: FakeTransport,
) -> None:
    child = Remembered(kind="task", identity="5", parent=("project", "1"))
    swept(Server({1: project("new", created="2026-06-01T00:00:00Z")}), ours(1), child)
    assert not [r for r in transport.sent if r.method == "DELETE"]


def test_children_go_with_their_parent(swept: Callable[..., tuple[Swept, Server]], transport: FakeTransport) -> None:
    child = Remembered(kind="task", identity="5", parent=("project", "1"))
    done, _ = swept(Server({1: project("mine")}), ours(1), child)
    assert [r.url for r in transport.sent if r.method == "DELETE"] == ["http://target.test/api/projects/1/"]
    assert done.left == []


def test_what_is_gone_already_is_counted(swept: Callable[..., tuple[Swept, Server]]) -> None:
    done, _ = swept(Server({}), ours(1))
    assert (done.gone, done.removed, done.left) == (1, [], [])


def test_a_dry_run_removes_nothing(swept: Callable[..., tuple[Swept, Server]]) -> None:
    done, server = swept(Server({1: project("mine")}), ours(1), dry_run=True)
    assert done.removed == ["project 1 'mine'"]
    assert set(server.projects) == {1}


def test_a_broken_delete_is_told_and_the_rest_still_goes(swept: Callable[..., tuple[Swept, Server]]) -> None:
    done, server = swept(Server({1: project("a"), 2: project("b")}, broken=(2,)), ours(1), ours(2))
    assert set(server.projects) == {2}
    assert done.left == ["project 2"]


def test_an_account_needs_a_disposable_target(
    make_wire: Callable[..., Wire],
    transport: FakeTransport,
) -> None:
    user = {"id": 9, "email": f"throwaway-{RUN}-x@example.com"}

    def answer(request: RawRequest) -> RawResponse:
        path = urlsplit(request.url).path
        if request.method == "DELETE":
            return response(204)
        return response(200, [user] if path == "/api/users/" else {"results": [], "next": None})

    transport.answer = answer
    refused = sweep(make_wire(disposable=False), Memory(), RUN)
    assert len(refused.left) == 1
    assert "user 9: Not sent" in refused.left[0]
    assert sweep(make_wire(disposable=True), Memory(), RUN).removed == [f"user 9 'throwaway-{RUN}-x@example.com'"]


KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("run_id", "target", "said"),
    [(RUN, "http://127.0.0.1:9", "judged http://elsewhere"), ("a", "http://127.0.0.1:9", "no id of a run")],
)
def test_numbers_of_another_target_mean_nothing_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], run_id: str, target: str, said: str
) -> None:
    Journal(tmp_path / FOLDER / "main.jsonl", run_id=RUN, target="http://elsewhere").made("project", "1", None, None)
    folder = ["--report-dir", str(tmp_path)]
    assert main(["sweep", "--run-id", run_id, *folder, "--target", target, "--api-key", KEY]) == 4
    assert said in capsys.readouterr().err
    assert json.loads((tmp_path / FOLDER / "main.jsonl").read_text().split("\n")[1])["made"] == "project"


def test_without_a_target_there_is_nothing_to_sweep(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABEL_STUDIO_URL", raising=False)
    assert main(["sweep", "--run-id", RUN]) == 4
    assert "went with its run" in capsys.readouterr().err


def test_a_target_that_is_not_there_is_told_on_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--report-dir", str(tmp_path)]
    assert main(["sweep", "--run-id", RUN, *folder, "--target", "http://127.0.0.1:9", "--api-key", KEY]) == 6
    assert "127.0.0.1:9" in capsys.readouterr().err
