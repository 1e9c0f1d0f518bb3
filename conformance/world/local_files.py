"""Folders that local-files storages of the target may see."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_LOCAL_FILES: Final = "the target serves no local files of this machine that were named (--local-files)"


@contextmanager
def local_folder(root: Path) -> Iterator[Path]:
    """An empty folder below the target's document root, gone afterwards with all that is in it.

    The target may run as somebody else, and has to write its exports there: everybody may.
    """
    place = root / f"conformance-{secrets.token_hex(6)}"
    place.mkdir()
    place.chmod(0o777)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
