"""Records each phase of each test, so that ``--resume`` can go on with a run that stopped.

The file begins with what the run is; a phase is one line. A test counts as finished once its tear-down is there, and
is not run again; what is known of the others is dropped.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from conformance.errors import InputError
from conformance.run.messages import PhaseMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pytest

FILE = "progress.jsonl"
_TEARDOWN = "teardown"


class CannotResume(InputError):
    """A run can't be gone on with: it left nothing, or was another one."""

    code = "cannot-resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of one test, as pytest reported it.

    Attributes:
        test: node id.
        when: ``setup``, ``call`` or ``teardown``.
        outcome: ``passed``, ``failed`` or ``skipped``.
        duration: in seconds.
        expected: whether it was expected to fail.
    """

    test: str
    when: str
    outcome: str
    duration: float
    expected: bool = False

    @classmethod
    def of(cls, report: pytest.TestReport) -> Self:
        """The phase that a report is about."""
        return cls(
            test=report.nodeid,
            when=report.when or "",
            outcome=report.outcome,
            duration=report.duration,
            expected=hasattr(report, "wasxfail"),
        )


Told = tuple[Phase, PhaseMessage | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a run left when it was stopped.

    Attributes:
        identity: what the run was: see `check_identity`.
        told: node id -> the phases of each test that it finished.
        seconds: that it had lasted.
    """

    identity: Mapping[str, Any]
    told: Mapping[str, Sequence[Told]]
    seconds: float


def write_phase(
    folder: Path, identity: Mapping[str, Any], phase: Phase, message: PhaseMessage | None, *, at: float
) -> None:
    """Add a phase to what a run leaves; the first one begins the file.

    Args:
        folder: of the run's reports.
        identity: what the run is: see `check_identity`.
        phase: that ended.
        message: what the test told of it.
        at: seconds that the run had lasted.
    """
    path = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    line = {"at": round(at, 3), "phase": asdict(phase), "message": message.to_json() if message is not None else None}
    begin = [] if path.exists() else [{"run": dict(identity)}]
    with path.open("a", encoding="ascii") as out:
        out.writelines(json.dumps(part, ensure_ascii=True) + "\n" for part in [*begin, line])


def read_progress(folder: Path) -> Progress:
    """Read what a run left.

    Raises:
        CannotResume: there is nothing.
    """
    lines = list(_lines(folder / FILE))
    if not lines or "run" not in lines[0]:
        raise CannotResume(
            f"{folder}: there is no stopped run to continue.",
            hint=f"Name the report folder of a run that was stopped: it holds {FILE}.",
        )
    told: dict[str, list[Told]] = {}
    for line in lines[1:]:
        phase = Phase(**line["phase"])
        if phase.when == "setup":
            told[phase.test] = []  # begun anew: what an earlier part of the run knew of it was dropped
        message = PhaseMessage.from_json(line["message"]) if line["message"] is not None else None
        told.setdefault(phase.test, []).append((phase, message))
    return Progress(
        identity=lines[0]["run"],
        told={test: phases for test, phases in told.items() if phases[-1][0].when == _TEARDOWN},
        seconds=max((float(line.get("at", 0)) for line in lines[1:]), default=0.0),
    )


def mend_end(folder: Path) -> None:
    """End the line that a killed run did not end, so that the next one stands by itself."""
    path = folder / FILE
    if not path.read_bytes().endswith(b"\n"):
        with path.open("ab") as out:
            out.write(b"\n")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # cut short when the run was killed; what comes behind it is of a part that went on
            continue


def check_identity(folder: Path, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Make sure that the run that goes on is the one that stopped.

    Args:
        folder: of the run that stopped.
        was: what it was.
        now: what is to go on.

    Raises:
        CannotResume: they differ: one report would mix two.
    """
    other = [f"{name} was {was.get(name)}, and is {now.get(name)}" for name in now if was.get(name) != now.get(name)]
    if other:
        raise CannotResume(
            f"{folder}: this is another run than the one that stopped.",
            cause="; ".join(other),
            hint="Repeat the command of that run with --resume, or start a new run.",
        )


def check_tests(folder: Path, finished: Iterable[str], collected: Iterable[str]) -> None:
    """Make sure that the same tests were asked for.

    Raises:
        CannotResume: a test that was finished was not asked for this time.
    """
    missing = sorted(set(finished) - set(collected))
    if missing:
        raise CannotResume(
            f"{folder}: {len(missing)} tests that are finished there are not selected now.",
            cause=", ".join(missing[:3]),
            hint="Select the same tests as the stopped run.",
        )
