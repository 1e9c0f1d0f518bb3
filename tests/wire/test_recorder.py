from __future__ import annotations

import pytest

from conformance.judge.observation import Observation, Outcome
from conformance.wire import Recorder


def failure(requirement: str) -> Observation:
    return Observation(requirement=requirement, outcome=Outcome.FAIL, signature="x")


def count_everything(recorder: Recorder) -> None:
    recorder.statistics.requests += 1
    recorder.statistics.elapsed["tasks.get"] = [250]
    recorder.timed("export", 1.5)
    recorder.note("examples", {"operation": "tasks.get"})


def count_everything_and_break_off(recorder: Recorder) -> None:
    count_everything(recorder)
    raise KeyError


def test_observations_are_kept_apart() -> None:
    recorder = Recorder()
    recorder.begin("a test")
    recorder.observe(failure("before"))
    with recorder.aside() as seen:
        recorder.observe(failure("within"))
        assert recorder.knows(failure("within"))
        assert not recorder.knows(failure("before"))
        with recorder.aside() as inner:
            recorder.observe(failure("deeper"))
    recorder.observe(failure("after"))
    assert [(o.requirement, o.test) for o in seen.failures()] == [("within", "a test")]
    assert [o.requirement for o in inner.observations] == ["deeper"]
    assert [o.requirement for o in recorder.failures()] == ["before", "after"]


def test_counts_times_and_notes_are_not_kept_apart() -> None:
    plain, aside = Recorder(), Recorder()
    count_everything(plain)
    with aside.aside():
        count_everything(aside)
    assert aside.drain_statistics() == plain.drain_statistics()


def test_nothing_is_lost_when_the_block_breaks_off() -> None:
    plain, aside = Recorder(), Recorder()
    count_everything(plain)
    with pytest.raises(KeyError), aside.aside():
        count_everything_and_break_off(aside)
    aside.observe(failure("after"))
    assert aside.drain_statistics() == plain.drain_statistics()
    assert [o.requirement for o in aside.observations] == ["after"]
