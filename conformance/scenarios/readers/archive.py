"""Exports of several files: a ZIP archive."""

from __future__ import annotations

import io
import zipfile

MOST_BYTES = 64 * 2**20


class Unreadable(ValueError):
    """An export is not what its format says; the message tells in which way."""


def unpack(content: bytes) -> dict[str, bytes]:
    """Files of a ZIP by name, folders left out.

    Raises:
        Unreadable: it is none, it is damaged, or absurdly big.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [i for i in archive.infolist() if not i.is_dir()]
            if sum(i.file_size for i in files) > MOST_BYTES:
                raise Unreadable(f"a ZIP of more than {MOST_BYTES} bytes")
            return {i.filename: archive.read(i) for i in files}
    except (zipfile.BadZipFile, EOFError, OSError) as problem:
        raise Unreadable(f"no ZIP: {problem}; it begins with {content[:40]!r}") from problem
