"""Runs faults on lanes: each with a server of its own, one fault after the other, as many lanes as asked for."""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.contract import SPEC
from conformance.contract.tables.resources import load_resources
from conformance.errors import ConformanceError
from conformance.judge.plan import NodeResult
from conformance.report.document import load
from conformance.report.document.errors import ReportError
from tests.faults.kills import Baseline, Kill, kill
from tests.faults.lanes.choosing import MOST_SECONDS, Planned, plan, that_speak_of
from tests.faults.lanes.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from conformance.report.document import Report
    from tests.faults.loading import Fault

LONGEST_RUN: Final = 30.0
"""Seconds of tests in one run, at most, unless one fault needs more."""
ALONE: Final = 75.0
"""The same where there is one lane only: a run costs half a minute before its first test on a busy machine."""
LONGER: Final = 6
"""So many times the seconds are given to a fault that no test noticed: whether a whole run would tell it."""
_WAYS: Final = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run: the faults that it has (none for the baseline), each with its tests; all tests; and a name."""

    name: str
    faults: Mapping[Fault, tuple[str, ...]]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of it."""

    job: Job
    seconds: float
    met: dict[str, tuple[int, int]]
    report: Report | None
    trouble: str = ""


class LanesEnded(ConformanceError):
    """No server is left to run faults in front of."""

    code = "lanes-ended"


def whole_plan(*options: str) -> tuple[Planned, ...]:
    """The plan, collected in a process of its own: collecting leaves much behind."""
    ours, theirs = _WAYS.Pipe(duplex=False)

    def collect() -> None:
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115, PTH123 - for the rest of the process
        theirs.send(plan(*options))

    process = _WAYS.Process(target=collect)
    process.start()
    planned: tuple[Planned, ...] = ours.recv()
    process.join()
    return planned


def run(jobs: Sequence[Job], folder: Path, *, lanes: int = 2, lane: type[Lane] = Lane) -> Iterator[Done]:
    """Run jobs, and hand out each as it ends."""
    waiting: Any = _WAYS.SimpleQueue()
    finished: Any = _WAYS.SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)
    lanes = min(lanes, len(jobs))
    for _ in range(lanes):
        waiting.put(None)
    processes = [
        _WAYS.Process(target=_lane, args=(lane, n, jobs, folder, waiting, finished), daemon=False) for n in range(lanes)
    ]
    for process in processes:
        process.start()
    left, open_lanes = len(jobs), lanes
    while left and open_lanes:
        position, seconds = finished.get()
        if position is None:
            open_lanes -= 1
            continue
        left -= 1
        yield _read(jobs[position], folder / jobs[position].name, seconds)
    for process in processes:
        process.join()
    if left:
        raise LanesEnded(
            f"{left} of {len(jobs)} runs were not made: every lane ended before.",
            hint=f"See {folder / 'logs'}; on a busy machine start again with --lanes 1: what was measured is kept.",
        )


def _lane(kind: type[Lane], number: int, jobs: Sequence[Job], folder: Path, waiting: Any, finished: Any) -> None:
    try:
        with kind(folder / "logs" / str(number)) as lane:
            while (position := waiting.get()) is not None:
                job = jobs[position]
                shutil.rmtree(folder / job.name, ignore_errors=True)
                finished.put((position, lane.run(job.faults, job.tests, folder / job.name)))
    finally:
        finished.put((None, 0.0))


def _read(job: Job, folder: Path, seconds: float) -> Done:
    path = folder / "met.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    met = {name: (int(number), int(acted)) for name, number, acted in (line.split(" ") for line in lines)}
    try:
        return Done(job=job, seconds=seconds, met=met, report=load(folder / "conformance.json"))
    except ReportError as problem:
        said = (folder / "output.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return Done(job=job, seconds=seconds, met=met, report=None, trouble=said[-1] if said else str(problem))


def suite_digest() -> str:
    """Names the suite as it is: another one needs another baseline."""
    root = SPEC.parent
    digest = hashlib.sha256()
    for place in ("conformance", "spec"):
        for path in sorted((root / place).rglob("*")):
            if path.suffix in {".py", ".yaml", ".json"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def baseline(
    faults: Sequence[Fault],
    planned: Sequence[Planned],
    folder: Path,
    *,
    lanes: int = 2,
    lane: type[Lane] = Lane,
) -> Baseline:
    """What is told of the real server through the proxy; kept until the suite changes."""
    kept = folder / f"baseline-{suite_digest()}.json"
    before = Baseline.read(kept)
    needed = {test for fault in faults for test in that_speak_of(_reach(fault), planned)}
    tests = [p.id for p in planned if p.id in needed - set(before.tests)]
    if not tests:
        return before
    parts = [tuple(tests[n::lanes]) for n in range(lanes)]
    jobs = [Job(name=f"baseline-{n}", faults={}, tests=part) for n, part in enumerate(parts) if part]
    for done in run(jobs, folder / "runs", lanes=lanes, lane=lane):
        if done.report is None:
            raise RuntimeError(f"the run without a fault gave no result: {done.trouble}")
        before.take(done.report)
    before.write(kept)
    return before


def batches(
    faults: Sequence[Fault],
    planned: Sequence[Planned],
    *,
    most: float,
    longest: float = LONGEST_RUN,
    name: str = "run",
) -> list[Job]:
    """Faults whose tests have nothing in common share a run; a long run is no use to the other lane.

    What may lock everybody out shares none: what its neighbours' tests then say would be told of them.
    """
    seconds = {p.id: p.seconds for p in planned}
    place = {p.id: n for n, p in enumerate(planned)}
    of = {fault: tuple(that_speak_of(_reach(fault), planned, most=most)) for fault in faults}
    shared: list[dict[Fault, tuple[str, ...]]] = []
    # a run that names no test is one of the whole plan
    for fault in sorted((f for f in faults if of[f]), key=lambda f: (-sum(seconds[t] for t in of[f]), f.id)):
        mine = set(of[fault])
        cost = sum(seconds[t] for t in mine)
        for batch in () if _locks_out(fault) else shared:
            theirs = {t for tests in batch.values() for t in tests}
            fits = not theirs & mine and sum(seconds[t] for t in theirs) + cost <= longest
            if fits and not any(map(_locks_out, batch)):
                batch[fault] = of[fault]
                break
        else:
            shared.append({fault: of[fault]})
    return [
        Job(
            name=f"{name}-{n}",
            faults=batch,
            tests=tuple(sorted({t for tests in batch.values() for t in tests}, key=place.__getitem__)),
        )
        for n, batch in enumerate(shared)
    ]


def _locks_out(fault: Fault) -> bool:
    hazards = load_resources().hazards
    return any(name in hazards and not hazards[name].spared for name in fault.operations)


def kills(
    faults: Sequence[Fault],
    planned: Sequence[Planned],
    before: Baseline,
    folder: Path,
    *,
    lanes: int = 2,
    most: float = MOST_SECONDS,
    tell: Callable[[Kill], None] = lambda _: None,
    lane: type[Lane] = Lane,
) -> list[Kill]:
    """Run each fault against the tests that speak of its operations; what no test noticed, against more of them."""
    found = dict[str, Kill]()
    for name, seconds in (("run", most), ("longer", most * LONGER)):
        left = [fault for fault in faults if fault.id not in found or found[fault.id].unnoticed]
        jobs = batches(left, planned, most=seconds, name=name, longest=LONGEST_RUN if lanes > 1 else ALONE)
        for one in _killed(jobs, planned, before, folder, lanes=lanes, lane=lane):
            found[one.fault] = one
            tell(one)
    for fault in (f for f in faults if f.id not in found):  # no test speaks of its operations
        found[fault.id] = Kill(fault=fault.id)
        tell(found[fault.id])
    return [found[fault.id] for fault in faults]


def _killed(
    jobs: Sequence[Job],
    planned: Sequence[Planned],
    before: Baseline,
    folder: Path,
    *,
    lanes: int,
    lane: type[Lane],
) -> Iterator[Kill]:
    others = [NodeResult(id=p.id, outcome="passed", operations=tuple(sorted(p.operations))) for p in planned]
    for done in run(jobs, folder / "runs", lanes=lanes, lane=lane):
        share = round(done.seconds / len(done.job.faults), 1)
        for fault, tests in done.job.faults.items():
            met, acted = done.met.get(fault.id, (0, 0))
            if done.report is None:
                yield Kill(fault=fault.id, met=met, acted=acted, trouble=done.trouble, seconds=share)
            else:
                yield kill(fault, done.report, before, tests=tests, met=met, acted=acted, seconds=share, others=others)


def _reach(fault: Fault) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*fault.operations, *fault.expect)))
