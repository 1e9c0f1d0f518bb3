"""CSV and TSV (RFC 4180), by the standard library."""

from __future__ import annotations

import csv
import io

from conformance.scenarios.readers.archive import Unreadable


def read_table(content: bytes, *, delimiter: str = ",") -> list[dict[str, str]]:
    """Rows by column name.

    Raises:
        Unreadable: not UTF-8, no header, a column twice, or a row of another length than the header.
    """
    try:
        text = content.decode("utf-8-sig")
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Unreadable(f"no table: {problem}") from problem
    if not header or len(set(header)) != len(header):
        raise Unreadable(f"the header names no column, or one twice: {header}")
    uneven = next((row for row in rows if len(row) != len(header)), None)
    if uneven is not None:
        raise Unreadable(f"a row of {len(uneven)} cells under a header of {len(header)}: {uneven}")
    return [dict(zip(header, row, strict=True)) for row in rows]
