"""Builds things once, by one process at a time; a half-built one is never used.

What is built under the name ``key`` lies in a folder of its own (``key.<random>``); the *record* ``key.json``
beside it is written last, in one step, and says which folder counts. A folder that no record names is rubbish
of a build that was interrupted; the next one who builds clears it away.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from filelock import FileLock, Timeout

from conformance.processes.progress import HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.processes.progress import Progress

Record: TypeAlias = dict[str, Any]


def find(shelf: Path, key: str) -> tuple[Path, Record] | None:
    """Return the folder and the record of what was built as ``key``, or None."""
    try:
        record: Record = json.loads((shelf / f"{key}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    folder = shelf / str(record.get("folder"))
    return (folder, record) if folder.is_dir() else None


def find_or_build(
    shelf: Path,
    key: str,
    build: Callable[[Path], Record],
    *,
    usable: Callable[[Path, Record], bool],
    progress: Progress,
) -> tuple[Path, Record]:
    """Return what was built as ``key``; build it first if need be.

    Args:
        shelf: The folder for things of this kind.
        key: The name of this one.
        build: Builds it in the (new, empty) folder that it is given, and returns what the record shall say.
        usable: Whether what was found is still good.
        progress: Told when another process is building and this one waits.
    """
    if (found := find(shelf, key)) and usable(*found):
        return found
    shelf.mkdir(parents=True, exist_ok=True)
    with _locked(shelf / f"{key}.lock", key, progress):
        if (found := find(shelf, key)) and usable(*found):
            return found  # somebody else built it while we waited
        (shelf / f"{key}.json").unlink(missing_ok=True)
        for rubbish in shelf.glob(f"{key}.*"):
            if rubbish.is_dir():
                shutil.rmtree(rubbish, ignore_errors=True)
        folder = shelf / f"{key}.{secrets.token_hex(4)}"
        folder.mkdir()
        try:
            record = {**build(folder), "folder": folder.name}
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        partial = shelf / f"{key}.partial"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds credentials
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1)
        partial.replace(shelf / f"{key}.json")
        return folder, record


class _locked:  # noqa: N801 - reads as a function
    """Hold the lock at ``path``; says so every now and then while it waits."""

    def __init__(self, path: Path, what: str, progress: Progress) -> None:
        self._lock = FileLock(path)
        self._what = what
        self._progress = progress

    def __enter__(self) -> None:
        began = time.monotonic()
        while True:
            try:
                self._lock.acquire(timeout=HEARTBEAT if began < time.monotonic() else 0)
            except Timeout:
                elapsed = time.monotonic() - began
                self._progress(f"waiting for another process that prepares {self._what} ({elapsed:.0f} s)")
            else:
                return

    def __exit__(self, *_: object) -> None:
        self._lock.release()
