"""A disk that is full in the middle of a run, and is given room afterwards (Linux, as root)."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOM: Final = "64m"
MOUNT: Final = "/bin/mount"
UMOUNT: Final = "/bin/umount"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Let a folder be a disk of its own.

    Args:
        size: as ``mount`` writes it: ``900k``.

    Raises:
        subprocess.CalledProcessError: who runs this may not mount.
    """
    folder.mkdir(parents=True)
    subprocess.run([MOUNT, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run([UMOUNT, "--lazy", str(folder)], check=True)


def give_room(folder: Path) -> None:
    """Make the disk large enough."""
    subprocess.run([MOUNT, "-o", f"remount,size={ROOM}", str(folder)], check=True)
