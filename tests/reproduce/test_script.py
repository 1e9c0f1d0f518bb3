"""A failure of several steps comes with a script that shows it again, on any server, from nothing."""

from __future__ import annotations

import ast
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Observation, Outcome
from conformance.reproduce import Trace, is_script, script_name, script_now, way, write_script
from tests.properties.responder.server import KEY

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from conformance.wire import Exchange
    from tests.properties.responder.server import Responder
    from tests.reproduce.conftest import Desk

    Execute = Callable[[str, str], subprocess.CompletedProcess[str]]

TITLE = "A project of the scenario"


def rename(desk: Desk) -> None:
    """A scenario: a project is renamed, and read back."""
    project = desk.wire.call("projects.create", json={"title": TITLE}).json()
    desk.wire.call("projects.list")  # has nothing to do with it
    task = desk.wire.call("tasks.create", json={"project": project["id"], "data": {"text": "one"}}).json()
    desk.wire.call("tasks.get", id=task["id"])
    desk.wire.call("projects.update", id=project["id"], json={"title": "Renamed"})
    read = desk.wire.call("projects.get", id=project["id"])
    desk.show.equal("LS-PROJECT-002", expected="Renamed", got=read.json()["title"], exchange=read)


def test_a_failure_is_seen_again_from_nothing(
    desk: Callable[..., Desk], responder: Callable[..., Responder], execute: Execute
) -> None:
    failed = desk("patch-ignored")
    rename(failed)
    script = failed.script()
    again = responder("patch-ignored")
    again._numbers = 7000  # its ids are others
    done = execute(script, again.url)
    assert (done.returncode, done.stderr) == (1, "")
    assert "the failure is still there" in done.stdout
    assert ("project", "7001") not in again.objects, "what the script made is removed"


def test_a_server_that_does_it_right_is_told_from_one_that_does_not(
    desk: Callable[..., Desk], responder: Callable[..., Responder], execute: Execute
) -> None:
    failed = desk("patch-ignored")
    rename(failed)
    done = execute(failed.script(), responder().url)
    assert done.returncode == 0
    assert "it answers otherwise now" in done.stdout
    assert "'Renamed'" in done.stdout


def test_a_server_on_which_the_steps_fail_is_no_reproduction(
    desk: Callable[..., Desk], responder: Callable[..., Responder], execute: Execute
) -> None:
    failed = desk("patch-ignored")
    rename(failed)
    broken = responder(answer=lambda operation, answer: (500, {}) if operation.id == "tasks.create" else answer)
    for url in (broken.url, "http://127.0.0.1:9"):
        done = execute(failed.script(), url)
        assert (done.returncode, done.stderr) == (2, "")
        assert "not come so far" in done.stdout


def test_ids_have_names_and_keys_are_not_there(desk: Callable[..., Desk]) -> None:
    failed = desk("patch-ignored")
    rename(failed)
    script = failed.script()
    steps = script.partition("def steps")[2]
    numbers = {number for _, number in failed.server.objects}
    assert not [number for number in numbers if re.search(rf"\b{number}\b", steps)]
    assert "f'/api/projects/{project}/'" in steps
    assert "'project': project" in steps
    assert "projects/?" not in steps, "what has nothing to do with it is left out"
    assert KEY not in script
    assert failed.wire.base_url not in script
    assert "LS-PROJECT-002" in script
    ast.parse(script)


def test_what_fixtures_made_before_the_test_is_made_by_the_script(
    desk: Callable[..., Desk], responder: Callable[..., Responder], execute: Execute
) -> None:
    failed = desk("patch-ignored")
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    failed.wire.call("projects.create", json={"title": "by a fixture, for nobody"})
    failed.wire.call("projects.validate_label_config", id=project, json={"label_config": "<View/>"})
    failed.wire.past.begin_body()
    failed.wire.call("projects.create", json={"title": "of another test"})
    failed.wire.call("projects.update", id=project, json={"title": "by another test"})
    failed.wire.past.begin_test()
    failed.wire.past.begin_body()
    failed.wire.call("projects.update", id=project, json={"title": "Renamed"})
    read = failed.wire.call("projects.get", id=project)
    failed.show.equal("LS-PROJECT-002", expected="Renamed", got=read.json()["title"], exchange=read)
    script = failed.script()
    assert TITLE in script
    assert "/validate/" in script, "what fixtures did to it belongs to it"
    assert "another test" not in script
    assert "for nobody" not in script
    fresh = responder("patch-ignored")
    fresh._numbers = 900
    assert execute(script, fresh.url).returncode == 1


def test_what_nobody_remembers_the_making_of_keeps_its_id(desk: Callable[..., Desk]) -> None:
    failed = desk()
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    failed.wire.past.begin_test()
    failed.wire.call("projects.get", id=project)
    failed.wire.past.begin_body()
    failed.wire.past.begin_test()
    read = failed.wire.call("projects.get", id=project)
    failed.show("LS-PROJECT-002", holds=False, expected="", got="", exchange=read)
    (told,) = [o for o in failed.wire.recorder.observations if o.outcome is Outcome.FAIL]
    assert told.script is None


def test_an_id_that_was_given_twice_is_that_of_the_newer_object(desk: Callable[..., Desk]) -> None:
    failed = desk("patch-ignored")
    first = failed.wire.call("projects.create", json={"title": "the older one"}).json()["id"]
    failed.wire.call("projects.delete", id=first)
    failed.server._numbers -= 1
    second = failed.wire.call("projects.create", json={"title": "the newer one"}).json()["id"]
    assert first == second
    read = failed.wire.call("projects.get", id=second)
    failed.show("LS-PROJECT-002", holds=False, expected="", got="", exchange=read)
    steps = failed.script().partition("def steps")[2]
    assert re.search(r"project_2 = s3.pick\('/id'\)(?s:.)*/api/projects/\{project_2\}/", steps)


def test_one_request_that_needs_nothing_is_told_by_its_curl_line(desk: Callable[..., Desk]) -> None:
    failed = desk()
    whoami = failed.wire.call("users.whoami")
    failed.show("LS-USER-001", holds=False, expected="", got="", exchange=whoami)
    (told,) = [o for o in failed.wire.recorder.observations if o.outcome is Outcome.FAIL]
    assert told.script is None
    assert told.evidence is not None
    assert told.evidence.curl.startswith("curl")


def test_a_reader_gets_a_few_lines_and_the_name_of_the_script(desk: Callable[..., Desk]) -> None:
    failed = desk("patch-ignored")
    rename(failed)
    (told,) = [o for o in failed.wire.recorder.observations if o.script]
    curl, pointer = way(told).split("\n")
    assert curl.startswith("curl")
    assert pointer.endswith(f"scripts/{script_name(told)}")
    assert way(replace(told, script="curl one\ncurl two")) == "curl one\ncurl two"
    assert way(replace(told, script=None)) == curl
    assert way(replace(told, script=None, evidence=None)) == ""


def test_a_pass_has_no_script(desk: Callable[..., Desk]) -> None:
    right = desk()
    rename(right)
    assert [o.script for o in right.wire.recorder.observations if o.requirement == "LS-PROJECT-002"] == [None]


def test_what_was_sent_at_the_same_time_is_sent_at_the_same_time(desk: Callable[..., Desk], execute: Execute) -> None:
    failed = desk()
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    for _ in range(3):
        failed.wire.call("tasks.create", json={"project": project, "data": {"text": "the same"}})
    listed = failed.wire.call("tasks.list", query={"project": project})
    at = [10.0, 20.0, 20.5, 20.9, 30.0]  # seconds; each answer takes one
    sent = [taking_a_second(e, since=t) for e, t in zip(failed.wire.history, at, strict=True)]
    failed.wire.history.clear()
    failed.wire.history.extend(sent)
    failed.show("LS-CONCURRENCY-001", holds=False, expected="", got="", exchange=listed)
    script = failed.script()
    (group,) = re.findall(r"s2, s3, s4 = together\((.*?)\n    \)", script, flags=re.DOTALL)
    assert group.count("lambda: send('POST', '/api/tasks/'") == 3
    assert execute(script, failed.server.url).returncode == 1


def taking_a_second(exchange: Exchange, *, since: float) -> Exchange:
    assert exchange.response is not None
    return replace(exchange, started=since, response=replace(exchange.response, elapsed=1.0))


BODIES = [
    pytest.param(b'{"project": %d, "data": {"text": "a\\ud83db"}}', id="half a surrogate pair"),
    pytest.param(b'{"project": %d, "data": {"text": "gr\xf6\xdfer"}}', id="no UTF-8"),
    pytest.param(b'{"project": %d, "data": {"text": "\\u0000"}, "n": 1e2}', id="a number in another form"),
    pytest.param(b'{"project": %d, "data": {"text": "' + b"a" * 5000 + b'"}}', id="long"),
    pytest.param(b'{"project": %d, "data": {"text": "{x} \\"q\\" \\\\ {{y}}"}}', id="braces and quotes"),
    pytest.param(b'{"project": %d', id="broken"),
]


@pytest.mark.parametrize("body", BODIES)
def test_bodies_are_sent_as_they_were(desk: Callable[..., Desk], execute: Execute, body: bytes) -> None:
    failed = desk()
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    headers = {"Content-Type": "application/json"}
    answer = failed.wire.call("tasks.create", content=body % project, headers=headers, expect=None)
    failed.show("LS-TASK-001", holds=False, expected="", got="", exchange=answer)
    assert execute(failed.script(), failed.server.url).returncode == 1
    first, second = [sent for method, path, sent in failed.server.requests if (method, path) == ("POST", "/api/tasks/")]
    made = [number for kind, number in failed.server.objects if kind == "project"] + ["102", "103"]
    assert first == body % project
    assert second in {body % int(number) for number in made if number != str(project)}, "about a project of its own"


def test_files_are_sent_as_they_were(desk: Callable[..., Desk], execute: Execute) -> None:
    failed = desk()
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    files = {"file": ("größer.csv", b"text\r\n\xff\x00\r\n", "text/csv")}
    answer = failed.wire.call("projects.import_tasks", id=project, files=files, expect=None)
    failed.show("LS-IMPORT-010", holds=False, expected="", got="", exchange=answer)
    assert execute(failed.script(), failed.server.url).returncode == 1
    bodies = [sent for method, path, sent in failed.server.requests if path.endswith("/import")]
    assert len(bodies) == 2
    assert b"\xff\x00" in bodies[1]


def test_a_long_text_takes_no_time(desk: Callable[..., Desk]) -> None:
    failed = desk()
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    for character in ("a", "0", "é"):
        body = {"project": project, "data": {"text": character * (1 << 20)}}
        made = failed.wire.call("tasks.create", json=body)
    begun = time.monotonic()
    failed.show("LS-TEXT-009", holds=False, expected="", got="", exchange=made)
    assert time.monotonic() - begun < 10
    assert len(failed.script()) < 60_000


def test_addresses_of_peers_are_asked_of_the_reader(desk: Callable[..., Desk]) -> None:
    failed = desk()
    project = failed.wire.call("projects.create", json={"title": TITLE}).json()["id"]
    made = failed.wire.call("webhooks.create", json={"project": project, "url": "http://127.0.0.1:4711/inbox/abc"})
    failed.show("LS-WEBHOOK-001", holds=False, expected="", got="", exchange=made)
    script = failed.script()
    assert 'PEER_1 = os.environ.get("PEER_1", "http://127.0.0.1:4711/inbox/abc")' in script
    assert "'url': PEER_1" in script
    assert "PEER_1: addresses that the server talks to" in script


def test_each_failure_has_a_file_name_of_its_own() -> None:
    failures = [
        Observation(requirement=r, outcome=Outcome.FAIL, test=t, signature=s)
        for r in ("LS-TASK-001", "LS-TASK-002")
        for t in ("a", "b")
        for s in ("x", "y")
    ]
    names = {script_name(o) for o in failures}
    assert len(names) == len(failures)
    assert all(re.fullmatch(r"LS-TASK-\d{3}-[0-9a-f]{8}\.py", name) for name in names)
    assert not is_script(None)
    assert not is_script("curl -sS http://localhost/")


def test_a_later_failure_of_a_test_has_the_script_that_it_would_have_had_alone(desk: Callable[..., Desk]) -> None:
    failed = desk("patch-ignored")
    wire = failed.wire
    rename(failed)  # what was sent is read here, and what follows is added
    rename(failed)
    second = script_now(wire, wire.history[-1])
    alone = write_script(
        Trace(list(wire.history), 0, wire.resources),
        shown_by=wire.history[-1],
        base_url=wire.base_url,
        about="",
        redact=wire.redactor.text,
    )
    assert alone is not None
    assert second is not None
    assert second.partition("def steps()")[2] == alone.partition("def steps()")[2]


def test_exchanges_of_another_test_are_read_anew(desk: Callable[..., Desk]) -> None:
    wire = desk().wire
    wire.call("projects.list")
    sent = list(wire.history)
    trace = Trace(sent, 0, wire.resources)
    wire.call("projects.list")
    assert not trace.goes_on(list(wire.history)[1:], 0)
    assert not trace.goes_on(list(wire.history), 1)
    assert trace.goes_on(list(wire.history), 0)
    assert trace.exchanges == list(wire.history)
