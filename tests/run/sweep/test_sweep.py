"""What a killed run left is removed, and nothing else: not even what has the number of something that was ours."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.cli import main
from conformance.naming import RunId
from conformance.run.sweep.command import remove
from conformance.run.sweep.finding import Findings, find
from conformance.wire.safety.journal import FOLDER, Intended, Journal, Memory, Remembered, read_journals
from tests.wire.conftest import FakeTransport, make_wire, response, transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.wire import Wire
    from conformance.wire.messages import RawRequest, RawResponse

__all__ = ["make_wire", "transport"]  # fixtures

RUN = "20260501-100000-ab12"
THEN = "2026-05-01T10:00:01Z"
UNTIL = "2026-05-01T10:05:00+00:00"


class Server:
    """A target with projects and accounts; ``broken`` projects can't be deleted."""

    def __init__(
        self,
        projects: dict[int, dict[str, Any]],
        *,
        broken: tuple[int, ...] = (),
        users: dict[int, dict[str, Any]] | None = None,
    ) -> None:
        self.projects = projects
        self.users = users or {}
        self.broken = broken

    def __call__(self, request: RawRequest) -> RawResponse:
        parts = urlsplit(request.url)
        lists: dict[str, Any] = {
            "/api/users/": [{"id": i, **u} for i, u in self.users.items()],
            "/api/current-user/whoami": {"id": 1},
        }
        if parts.path in lists:
            return response(200, lists[parts.path])
        if parts.path == "/api/projects/":
            page = int(parse_qs(parts.query)["page"][0])
            every = [{"id": i, **p} for i, p in sorted(self.projects.items())]
            shown = every[(page - 1) * 2 : page * 2]
            more = len(every) > page * 2
            return response(200, {"count": len(every), "next": "more" if more else None, "results": shown})
        found = re.fullmatch(r"/api/(projects|users)/(\d+)/", parts.path)
        assert found is not None, request
        held, number = (self.projects if found[1] == "projects" else self.users), int(found[2])
        if number not in held:
            return response(404, {"detail": "Not found."})
        if request.method != "DELETE":
            return response(200, {"id": number, **held[number]})
        if number in self.broken:
            return response(500, {"detail": "no"})
        del held[number]
        return response(204)


def project(title: str, created: str = THEN) -> dict[str, Any]:
    return {"title": title, "created_at": created}


def ours(number: int, created: str = THEN) -> Remembered:
    return Remembered(kind="project", identity=str(number), created=created)


def about_to(name: str, kind: str = "project") -> Intended:
    return Intended(kind=kind, name=name, sent=THEN)


class Sweeper:
    """Looks for what the run left, and removes it."""

    def __init__(self, make: Callable[..., Wire], transport: FakeTransport) -> None:
        self._make = make
        self._transport = transport

    def __call__(
        self, server: Server, *left: Remembered, intended: tuple[Intended, ...] = (), removing: bool = True
    ) -> Findings:
        self._transport.answer = server
        wire = self._make(disposable=False)
        run = RunId.parse(RUN)
        assert run is not None
        memory = Memory(target="http://target.test", left=left, intended=intended, open=intended, until=UNTIL)
        findings = find(wire, memory, run)
        if removing:
            remove(wire, findings)
        return findings


@pytest.fixture
def sweep(make_wire: Callable[..., Wire], transport: FakeTransport) -> Sweeper:
    return Sweeper(make_wire, transport)


def test_what_the_journal_names_is_removed(sweep: Sweeper) -> None:
    server = Server({1: project("any title"), 2: project("somebody's")})
    assert [str(one) for one in sweep(server, ours(1)).ours] == [f"project 1 'any title', created {THEN}"]
    assert set(server.projects) == {2}


def test_what_the_run_was_about_to_make_is_found_on_every_page(sweep: Sweeper) -> None:
    names = [f"scenario {RUN}-gw0-{n}" for n in (3, 5)]
    server = Server({n: project(f"scenario {RUN}-gw0-{n}") for n in range(1, 8)})
    found = sweep(server, intended=tuple(map(about_to, names)))
    assert [one.identity for one in found.ours] == ["3", "5"]
    assert sorted(server.projects) == [1, 2, 4, 6, 7]


@pytest.mark.parametrize(
    "theirs",
    [
        project(f"scenario {RUN}-gw0-1", created="2026-05-01T10:04:00Z"),  # not when it was asked for
        project(f"scenario {RUN}-gw0-1", created="2026-04-30T10:00:00Z"),  # before it
        project(f"scenario {RUN}-gw0-1 (copy)"),
        project(f"about scenario {RUN}-gw0-1"),
        {"title": f"scenario {RUN}-gw0-1"},  # nothing says when
    ],
)
def test_what_only_looks_like_the_runs_is_left_alone(sweep: Sweeper, theirs: dict[str, Any]) -> None:
    server = Server({1: theirs})
    assert sweep(server, intended=(about_to(f"scenario {RUN}-gw0-1"),)).ours == []
    assert set(server.projects) == {1}


def test_what_a_server_made_twice_for_one_request_is_found_beside_what_it_told(sweep: Sweeper) -> None:
    name = f"scenario {RUN}-1"
    server = Server({1: project(name, created="2026-05-01T10:00:00Z"), 2: project(name), 3: project("theirs")})
    found = sweep(server, ours(2), intended=(about_to(name),))
    assert [one.identity for one in found.ours] == ["2", "1"]
    assert set(server.projects) == {3}


@pytest.mark.parametrize("name", ["Production labels Q4", "20260501", RUN, "", f"x {RUN}"])
def test_an_intent_without_a_name_of_the_runs_is_told_and_names_nothing(sweep: Sweeper, name: str) -> None:
    server = Server({1: project(name), 2: project("Production labels Q4")})
    found = sweep(server, intended=(about_to(name),))
    assert found.ours == []
    assert "whether it was made is not known" in found.unknown[0]
    assert set(server.projects) == {1, 2}


def test_a_number_that_is_somebody_elses_by_now_is_left_alone(sweep: Sweeper) -> None:
    server = Server({1: project("new", created="2026-05-01T10:00:02Z")})
    found = sweep(server, ours(1))
    assert found.others == ["project 1: another object has this number now"]
    assert (found.ours, set(server.projects)) == ([], {1})


def test_what_was_made_after_the_run_is_left_alone(sweep: Sweeper) -> None:
    later = "2026-06-01T00:00:00Z"
    server = Server({1: project("new", created=later)})
    found = sweep(server, ours(1, created=later))
    assert "not during the run" in found.others[0]
    assert set(server.projects) == {1}


def test_a_number_alone_proves_nothing(sweep: Sweeper) -> None:
    server = Server({1: project("somebody's"), 2: project(f"main {RUN}-2")})
    found = sweep(server, ours(1, created=""), ours(2, created=""))
    assert found.others == ["project 1: nothing proves that it is the run's"]
    assert set(server.projects) == {1}


def test_children_of_what_is_not_ours_any_more_are_left_alone(sweep: Sweeper, transport: FakeTransport) -> None:
    child = Remembered(kind="task", identity="5", parent=("project", "1"))
    sweep(Server({1: project("new", created="2026-06-01T00:00:00Z")}), ours(1), child)
    assert not [r for r in transport.sent if r.method == "DELETE"]


def test_children_go_with_their_parent(sweep: Sweeper, transport: FakeTransport) -> None:
    child = Remembered(kind="task", identity="5", parent=("project", "1"))
    assert len(sweep(Server({1: project("mine")}), ours(1), child).ours) == 1
    assert [r.url for r in transport.sent if r.method == "DELETE"] == ["http://target.test/api/projects/1/"]


def test_what_is_gone_already_is_counted(sweep: Sweeper) -> None:
    found = sweep(Server({}), ours(1))
    assert (found.gone, found.ours) == (1, [])


def test_a_look_removes_nothing_and_names_what_a_sweep_removes(sweep: Sweeper) -> None:
    projects = {n: project(f"scenario {RUN}-{n}") for n in range(1, 6)}
    intended = (about_to(f"scenario {RUN}-4"),)
    server = Server(dict(projects))
    listed = sweep(server, ours(1), ours(2), intended=intended, removing=False)
    assert set(server.projects) == set(projects)
    swept = sweep(server, ours(1), ours(2), intended=intended)
    assert listed.ours == swept.ours
    assert set(projects) - set(server.projects) == {int(one.identity) for one in listed.ours} == {1, 2, 4}


def test_a_broken_delete_is_told_and_the_rest_still_goes(sweep: Sweeper, capsys: pytest.CaptureFixture[str]) -> None:
    server = Server({1: project("a"), 2: project("b")}, broken=(2,))
    sweep(server, ours(1), ours(2))
    assert set(server.projects) == {2}
    said = capsys.readouterr().out
    assert f"left project 2 'b', created {THEN}\n" in said
    assert "removed 1, left 1" in said


KEY = "0123456789abcdef0123456789abcdef01234567"


def swept(folder: Path, run_id: str, target: str = "http://127.0.0.1:9") -> int:
    return main(["sweep", "--run-id", run_id, "--report-dir", str(folder), "--target", target, "--api-key", KEY])


@pytest.mark.parametrize(
    "run_id",
    [
        "production",
        "customer",
        "20261125",
        "",
        "a",
        f"{RUN} ",
        f"x{RUN}",
        RUN.upper(),
        RUN[:-1],
        "20261340-100000-ab12",
    ],
)
def test_what_is_no_id_of_a_run_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], run_id: str) -> None:
    assert swept(tmp_path, run_id) == 4
    assert "is no id of a run" in capsys.readouterr().err


def test_without_a_journal_nothing_can_be_proven(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert swept(tmp_path, RUN) == 8
    assert "there is no journal" in capsys.readouterr().err


def test_numbers_of_another_target_mean_nothing_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Journal(tmp_path / FOLDER / "main.jsonl", run_id=RUN, target="http://elsewhere").made("project", "1", None, None)
    assert swept(tmp_path, RUN) == 4
    assert "judged http://elsewhere" in capsys.readouterr().err


def test_a_journal_of_another_run_is_not_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = "20260501-100000-ab13"
    Journal(tmp_path / FOLDER / "main.jsonl", run_id=other, target="http://127.0.0.1:9").void("x")
    assert swept(tmp_path, RUN) == 4
    assert f"it is of the run {other}" in capsys.readouterr().err


def test_an_intent_that_nothing_closes_is_remembered(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FOLDER / "main.jsonl", run_id=RUN, target="http://x")
    for number, name in enumerate(("made", "refused", "killed")):
        journal.intend(f"r{number}", "project", name)
    journal.made("project", "1", None, THEN, "r0")
    journal.void("r1")
    journal.close()
    memory = read_journals(tmp_path, RUN)
    assert [(i.kind, i.name) for i in memory.open] == [("project", "killed")]
    assert [(r.kind, r.identity) for r in memory.left] == [("project", "1")]


def test_without_a_target_there_is_nothing_to_sweep(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABEL_STUDIO_URL", raising=False)
    assert main(["sweep", "--run-id", RUN]) == 4
    assert "went with its run" in capsys.readouterr().err


def test_a_target_that_is_not_there_is_told_on_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Journal(tmp_path / FOLDER / "main.jsonl", run_id=RUN, target="http://127.0.0.1:9").void("x")
    assert swept(tmp_path, RUN) == 6
    assert "127.0.0.1:9" in capsys.readouterr().err


def test_the_journal_is_on_the_disk_before_the_request_leaves(
    make_wire: Callable[..., Wire], transport: FakeTransport, tmp_path: Path
) -> None:
    path = tmp_path / FOLDER / "main.jsonl"
    wire = make_wire(disposable=False)
    wire.ledger.journal = Journal(path, run_id=RUN, target="http://target.test")
    before: list[dict[str, Any]] = []

    def answer(_: RawRequest) -> RawResponse:
        before.extend(json.loads(line) for line in path.read_text().splitlines())
        raise KeyboardInterrupt

    transport.answer = answer
    with pytest.raises(KeyboardInterrupt):
        wire.call("projects.create", json={"title": f"main {RUN}-1"})
    assert [(line.get("intent") is not None, line.get("name")) for line in before[1:]] == [(True, f"main {RUN}-1")]
