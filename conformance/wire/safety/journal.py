"""What a run creates, on disk line by line: a run that is killed can still be cleaned up after (``sweep``).

Before a request leaves that makes something of its own, its intent is written; after the answer, what was made, or that
nothing was. A run that is killed in between leaves an intent that nothing closes.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conformance.errors import ExitCode, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FOLDER = "created"
"""Within the report folder; one file per worker."""

Key = tuple[str, str]


class Journal:
    """Appends to a file what the ledger learns. A line is on its way to the disk before the next request is sent.

    Args:
        path: the file; it and its folder are made when there is something to write.
        run_id: of the run; a file of another run is not taken for this one's.
        target: URL of the target: what is an object of ours there may be somebody else's elsewhere.
    """

    def __init__(self, path: Path, *, run_id: str, target: str) -> None:
        self._path = path
        self._head = {"run": run_id, "target": target}
        self._file: int | None = None

    def intend(self, ref: str, kind: str, name: str) -> None:
        """Note what the next request is to make; ``name`` is empty where it bears none of the run's."""
        self._write({"intent": ref, "kind": kind, "name": name[:200], "sent": _now()})

    def void(self, ref: str) -> None:
        """Note that nothing came of an intent."""
        self._write({"void": ref})

    def made(self, kind: str, identity: str, parent: Key | None, created: object, ref: str = "") -> None:
        """Note an object; ``created`` is the time of its creation, as the target gave it, ``ref`` its intent."""
        line: dict[str, Any] = {"made": kind, "id": identity}
        if parent is not None:
            line["parent"] = list(parent)
        if isinstance(created, str):
            line["at"] = created[:80]
        if ref:
            line["of"] = ref
        self._write({**line, "noted": _now()})

    def gone(self, kind: str, identity: str) -> None:
        """Note that an object is gone."""
        if self._file is not None:
            self._write({"gone": kind, "id": identity})

    def _write(self, line: Mapping[str, object]) -> None:
        text = json.dumps(line) + "\n"
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            text = json.dumps(self._head) + "\n" + text
        # one write per line: what another thread of the worker writes meanwhile stays in one piece, too
        os.write(self._file, text.encode("ascii"))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An object that a journal says is still there.

    Attributes:
        created: the time of its creation, as the target gave it; empty if it gave none.
    """

    kind: str
    identity: str
    parent: Key | None = None
    created: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """A request that was about to leave when the journal ends, or whose answer told nothing.

    Attributes:
        name: what the object is called if it was made; empty where that is no name of the run's.
        sent: when, by the clock of the machine that ran the suite.
    """

    kind: str
    name: str
    sent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the journals of one run say.

    Attributes:
        target: URL of the target; empty where there is no journal.
        left: objects that were made and not removed, in the order in which they were made.
        intended: all intents but those of which nothing came: servers were seen to make two of what they tell one of.
        open: those of which nobody knows what came.
        until: when something was last intended or made, ISO 8601, by the clock of the machine that ran the suite.
    """

    target: str = ""
    left: tuple[Remembered, ...] = field(default=())
    intended: tuple[Intended, ...] = field(default=())
    open: tuple[Intended, ...] = field(default=())
    until: str = ""


class JournalError(InputError):
    """A journal that can't be used; the message names the file."""

    code = "journal"


class NoRecord(JournalError):
    """There is no journal of the run."""

    code = "no-record"
    exit_code = ExitCode.NO_RECORD


@dataclass(slots=True)
class _Replayed:
    run_id: str
    targets: set[str] = field(default_factory=set)
    left: dict[Key, Remembered] = field(default_factory=dict)
    intended: dict[str, Intended] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    until: str = ""


def read_journals(folder: Path, run_id: str) -> Memory:
    """Read what the workers of a run left in its report folder.

    A last line that was cut off by the end of the process is passed over.

    Args:
        folder: the report folder.
        run_id: of the run.

    Raises:
        JournalError: a file is of another run, of several targets, or holds something else.
    """
    told = _Replayed(run_id)
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
            _replay([json.loads(line) for line in lines[:-1] if line], told)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise JournalError(f"{path}: is no journal of the run {run_id} ({problem}).") from None
    if len(told.targets) > 1:
        raise JournalError(f"{folder}: its journals are of several targets: {', '.join(sorted(told.targets))}.")
    return Memory(
        target=told.targets.pop() if told.targets else "",
        left=tuple(told.left.values()),
        intended=tuple(told.intended.values()),
        open=tuple(i for ref, i in told.intended.items() if ref in told.open),
        until=told.until,
    )


def _replay(data: Iterable[Mapping[str, Any]], told: _Replayed) -> None:
    for line in data:
        if "run" in line:
            if line["run"] != told.run_id:
                raise ValueError(f"it is of the run {line['run']}")
            told.targets.add(str(line["target"]))
        elif "intent" in line:
            sent = str(line["sent"])
            told.intended[line["intent"]] = Intended(kind=line["kind"], name=line["name"], sent=sent)
            told.open.add(line["intent"])
            told.until = max(told.until, sent)
        elif "void" in line:
            told.intended.pop(line["void"], None)
            told.open.discard(line["void"])
        elif "gone" in line:
            _drop(told.left, (line["gone"], line["id"]))
        else:
            parent = line.get("parent")
            told.until = max(told.until, str(line.get("noted", "")))
            told.open.discard(line.get("of", ""))
            told.left[line["made"], line["id"]] = Remembered(
                kind=line["made"],
                identity=line["id"],
                parent=(parent[0], parent[1]) if parent else None,
                created=line.get("at", ""),
            )


def _drop(left: dict[Key, Remembered], gone: Key) -> None:
    """Forget an object and what hung on it: its number may be somebody else's by now."""
    left.pop(gone, None)
    for key in [key for key, remembered in left.items() if remembered.parent == gone]:
        _drop(left, key)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
