"""The temporary folders of running servers, and the clearing away of those that nobody owns any more."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from conformance.target.embedded.errors import UnusableSettings

if sys.platform != "win32":
    import fcntl

_LOCK_SUFFIX = ".lock"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where one server keeps its things; all of it goes with the server."""

    root: Path

    @property
    def data(self) -> Path:
        """Label Studio's data directory: the database, uploads, exports."""
        return self.root / "data"

    @property
    def files(self) -> Path:
        """The root of what local-files storages may see."""
        return self.root / "files"

    @property
    def home(self) -> Path:
        """The server's home folder, empty."""
        return self.root / "home"

    @property
    def tmp(self) -> Path:
        """The server's temporary folder."""
        return self.root / "tmp"

    @property
    def ready_file(self) -> Path:
        """Where the launcher says on which port it listens."""
        return self.root / "ready.json"

    def create(self) -> None:
        """Make the folders, except for the data directory."""
        for folder in (self.root, self.files, self.home, self.tmp):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


class Instance:
    """A folder with a lock beside it; as long as somebody holds the lock, nobody clears the folder away."""

    def __init__(self, root: Path, descriptor: int) -> None:
        self.folders = Folders(root)
        self.lock_descriptor = descriptor
        """An open ``flock``; whoever inherits the descriptor (the supervisor does) holds the lock as well."""

    @classmethod
    def create(cls, below: Path) -> Instance:
        """Make a new one below the folder ``below``."""
        while True:
            root = below / f"instance-{secrets.token_hex(4)}"
            descriptor = _take_lock(root.with_name(root.name + _LOCK_SUFFIX), wait=True)
            if descriptor is not None:
                break
        instance = cls(root, descriptor)
        instance.folders.create()
        return instance

    def remove(self) -> None:
        """Remove the folder and give up the lock; twice does no harm."""
        shutil.rmtree(self.folders.root, ignore_errors=True)
        if self.lock_descriptor >= 0:
            self.folders.root.with_name(self.folders.root.name + _LOCK_SUFFIX).unlink(missing_ok=True)
            os.close(self.lock_descriptor)
            self.lock_descriptor = -1


def instance_root(given: Path | None) -> Path:
    """Return the folder for instances, made if need be and readable by nobody else.

    Raises:
        UnusableSettings: Somebody else owns it (the system's temporary folder is everybody's).
    """
    root = given.absolute() if given is not None else Path(tempfile.gettempdir()) / f"ls-conformance-{os.getuid()}"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = root.lstat()
    if root.is_symlink() or status.st_uid != os.getuid():
        raise UnusableSettings(
            f"{root} belongs to somebody else", hint="remove it, or choose another folder for instances"
        )
    return root


def clear_stale(below: Path) -> int:
    """Remove the instances whose owner is gone (killed together with its supervisor); returns how many."""
    cleared = 0
    for lock in below.glob(f"instance-*{_LOCK_SUFFIX}"):
        descriptor = _take_lock(lock, wait=False)
        if descriptor is None:
            continue
        Instance(lock.with_name(lock.name.removesuffix(_LOCK_SUFFIX)), descriptor).remove()
        cleared += 1
    return cleared


def _take_lock(path: Path, *, wait: bool) -> int | None:
    """Lock the file at ``path``, made if need be; None when somebody else has it, or has just removed it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        if os.path.samestat(os.fstat(descriptor), os.stat(path)):  # noqa: PTH116 - samestat wants it
            return descriptor
    os.close(descriptor)
    return None
