"""A run that was stopped is gone on with: nothing is asked twice, and its report is that of an unbroken one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.report.document import load
from conformance.run.messages import PhaseMessage
from conformance.run.result.resuming import (
    FILE,
    CannotResume,
    Phase,
    check_identity,
    check_tests,
    read_progress,
    write_phase,
)
from tests.report.samples import broken, ok
from tests.run.whole.judging import judge, told

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.report.document import Report
    from conformance.target import embedded

IDENTITY = {"suite": "0.1.0", "seed": 1}
MESSAGE = PhaseMessage(claimed=("LS-X-001",), observations=(ok("projects.get"), broken("tasks.list")))


def phase(test: str, when: str, outcome: str = "passed") -> Phase:
    return Phase(test=test, when=when, outcome=outcome, duration=0.5)


def write(folder: Path, *phases: Phase) -> None:
    for number, one in enumerate(phases):
        write_phase(folder, IDENTITY, one, MESSAGE if one.when == "call" else None, at=number * 1.5)


def test_only_finished_tests_are_kept(tmp_path: Path) -> None:
    write(tmp_path, phase("a", "setup"), phase("b", "setup"), phase("a", "call"), phase("a", "teardown"))
    write(tmp_path, phase("b", "call"), phase("c", "setup"))
    with (tmp_path / FILE).open("a") as out:
        out.write('{"phase": {"test": "b", "when": "teard')
    progress = read_progress(tmp_path)
    was, kept = progress.identity, progress.told
    assert was == IDENTITY
    assert progress.seconds == 4.5
    assert kept == {"a": [(phase("a", "setup"), None), (phase("a", "call"), MESSAGE), (phase("a", "teardown"), None)]}


def test_what_was_known_of_a_test_that_is_begun_anew_is_dropped(tmp_path: Path) -> None:
    write(tmp_path, phase("a", "setup"), phase("a", "call", "failed"))
    write(tmp_path, phase("a", "setup"), phase("a", "call"), phase("a", "teardown"))
    kept = read_progress(tmp_path).told
    assert [p.outcome for p, _ in kept["a"]] == ["passed", "passed", "passed"]


def test_another_run_is_not_gone_on_with(tmp_path: Path) -> None:
    check_identity(tmp_path, IDENTITY, IDENTITY)
    with pytest.raises(CannotResume) as problem:
        check_identity(tmp_path, IDENTITY, {**IDENTITY, "seed": 2})
    assert problem.value.cause == "seed was 1, and is 2"
    with pytest.raises(CannotResume):
        read_progress(tmp_path / "nothing")
    with pytest.raises(CannotResume):
        check_tests(tmp_path, ["a", "b"], ["a"])


def stopped(whole: Path, folder: Path, *, teardowns: int) -> Path:
    """What a run leaves that is killed behind so many tests, in the middle of the next."""
    folder.mkdir()
    kept: list[str] = []
    for line in (whole / FILE).read_text().splitlines(keepends=True):
        kept.append(line)
        ended = sum(json.loads(one).get("phase", {}).get("when") == "teardown" for one in kept[1:])
        if ended == teardowns and json.loads(line)["phase"]["when"] == "call":
            break
        if ended > teardowns:
            kept.pop()
            break
    (folder / FILE).write_text("".join(kept) + '{"phase": {"te')
    return folder


def shown(report: Report) -> dict[str, Any]:
    return {test.id: (test.outcome, test.tally) for test in report.tests}


@pytest.mark.embedded
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_the_report_equals_an_unbroken_one(
    server: embedded.EmbeddedServer, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    whole = load(judge(server, tmp_path / "whole", *workers))
    folder = stopped(tmp_path / "whole", tmp_path / "stopped", teardowns=3)
    finished = read_progress(folder).told
    before = (folder / FILE).read_text()
    judge(server, tmp_path / "unused", f"--resume={folder}", *workers)
    resumed = load(folder / "conformance.json")
    assert len(finished) == 3
    assert told(resumed) == told(whole)
    assert shown(resumed) == shown(whole)
    assert resumed.end.verdict == whole.end.verdict
    assert resumed.header.plan == whole.header.plan
    # nothing was asked twice
    added = [json.loads(line) for line in (folder / FILE).read_text().removeprefix(before).splitlines()[1:]]
    assert not {line["phase"]["test"] for line in added if "phase" in line} & set(finished)
