"""Exports, downloads and uploads: what is in the file is not what is kept."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tests.faults.messages import Answered, value_of
from tests.faults.rooms.answers import how_of
from tests.faults.rooms.making import act, answers, change, requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.messages import Asked, Call


Rows: TypeAlias = "list[list[str]]"


def format_of(call: Call) -> str:
    return call.request.parameter("exportType") or call.request.parameter("export_type") or "JSON"


def is_of(call: Call, formats: list[str] | None) -> bool:
    return formats is None or format_of(call) in formats


def _zipped(content: bytes, how: Callable[[str, bytes], bytes | None]) -> bytes:
    """The archive with each file changed; None leaves it out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = how(entry.filename, old.read(entry))
            if data is not None:
                new.writestr(entry.filename, data)
    return out.getvalue()


def each_file(answered: Answered, how: Callable[[str, bytes], bytes | None]) -> Answered:
    """The answer with its file, or each of its archive, changed."""
    body = answered.plain
    if body[:2] == b"PK":
        return answered.with_body(_zipped(body, how))
    changed = how("", body)
    return answered if changed is None else answered.with_body(changed)


def json_of(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


@answers
def export_json(
    call: Call, answered: Answered, *, field: str, how: str, formats: list[str] | None = None, **given: Any
) -> Answered:
    """In exported JSON a field is otherwise.

    Args:
        call: the request.
        answered: the answer.
        field: see :func:`tests.faults.rooms.making.change`.
        how: one of :data:`tests.faults.rooms.answers.HOWS`.
        formats: only in these.
        given: arguments of the way.
    """

    def changed(name: str, data: bytes) -> bytes:
        value = json_of(data) if name in {"", "result.json"} or name.endswith(".json") else None
        if value is None:
            return data
        return json.dumps(change(value, field, how_of(how, given)), ensure_ascii=False).encode()

    return each_file(answered, changed) if is_of(call, formats) else answered


@answers
def export_loses(call: Call, answered: Answered, *, which: int = -1, formats: list[str] | None = None) -> Answered:
    """One task is not exported: an element of the list, a line of the table, a file of the archive."""
    if not is_of(call, formats):
        return answered
    body = answered.plain
    value = json_of(body)
    if isinstance(value, list) and len(value) > 1:
        value.pop(which)
        return answered.with_json(value)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = sorted(n for n in archive.namelist() if "/" in n and not n.endswith("/"))
        gone = names[which] if len(names) > 1 else ""
        return answered.with_body(_zipped(body, lambda name, data: None if name == gone else data))
    return _table(answered, lambda rows: rows[: len(rows) - 1] if len(rows) > 2 else rows)


def _table(answered: Answered, how: Callable[[list[list[str]]], list[list[str]]]) -> Answered:
    kind = value_of(answered.headers, "content-type")
    if not any(word in kind for word in ("csv", "tsv", "tab-separated")):
        return answered
    separator = "," if "csv" in kind else "\t"
    text = answered.plain.decode()
    csv.field_size_limit(1 << 30)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(how(rows))
    return answered.with_body(out.getvalue().encode())


def _column(rows: Rows, name: str) -> int:
    return rows[0].index(name) if rows and name in rows[0] else -1


def _without_column(rows: Rows, column: str) -> Rows:
    at = _column(rows, column)
    return rows if at < 0 else [[c for n, c in enumerate(row) if n != at] for row in rows]


def _shifted(rows: Rows, _: str) -> Rows:
    return [rows[0], *[row[-1:] + row[:-1] for row in rows[1:]]] if rows else rows


def _empty(rows: Rows, column: str) -> Rows:
    at = _column(rows, column)
    return [[("" if n == at and i else c) for n, c in enumerate(row)] for i, row in enumerate(rows)]


def _neighbours(rows: Rows, column: str) -> Rows:
    at = _column(rows, column)
    if at >= 0 and len(rows) > 2:
        cells = [row[at] for row in rows[1:]]
        for row, cell in zip(rows[1:], cells[1:] + cells[:1], strict=True):
            row[at] = cell
    return rows


def _headless(rows: Rows, _: str) -> Rows:
    return rows[1:]


def _floats(rows: Rows, _: str) -> Rows:
    return [rows[0], *[[f"{c}.0" if c.isdigit() else c for c in row] for row in rows[1:]]] if rows else rows


def _one_line(rows: Rows, _: str) -> Rows:
    return [[" ".join(c.split("\n")) for c in row] for row in rows]


def _guarded(rows: Rows, _: str) -> Rows:
    return [[f"'{c}" if c[:1] in {"=", "+", "-", "@"} else c for c in row] for row in rows]


def _none(rows: Rows, _: str) -> Rows:
    return [rows[0], *[[c or "None" for c in row] for row in rows[1:]]] if rows else rows


TABLES: Final[dict[str, Callable[[Rows, str], Rows]]] = {
    "without_column": _without_column,
    "shifted": _shifted,
    "empty": _empty,
    "neighbours": _neighbours,
    "headless": _headless,
    "floats": _floats,
    "one_line": _one_line,
    "guarded": _guarded,
    "none": _none,
}


@answers
def table(call: Call, answered: Answered, *, how: str, column: str = "") -> Answered:
    """An exported table is otherwise: columns, header, cells; one of :data:`TABLES`."""
    del call
    return _table(answered, lambda rows: TABLES[how](rows, column))


@answers
def recoded(call: Call, answered: Answered, *, as_: str, formats: list[str] | None = None) -> Answered:
    """A file's text is in another encoding, or has other ends of lines, or a mark before it."""
    if not is_of(call, formats):
        return answered

    def changed(name: str, data: bytes) -> bytes:
        if name.startswith("images/"):
            return data
        value = json_of(data)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return data
        if value is not None and as_ not in {"crlf", "bom"}:
            text = json.dumps(value, ensure_ascii=False)
        if as_ == "crlf":
            return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        if as_ == "bom":
            return b"\xef\xbb\xbf" + data
        if as_ == "no_last_line_end":
            return text.rstrip("\n").encode()
        return text.encode(as_, "replace")

    return each_file(answered, changed)


@answers
def broken_archive(call: Call, answered: Answered, *, how: str = "checksum") -> Answered:
    """An archive that can't be opened whole, or whose files lie elsewhere."""
    del call
    body = answered.plain
    if body[:2] != b"PK":
        return answered
    if how == "checksum":
        at = len(body) // 3
        return answered.with_body(body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :])
    if how == "nested":
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
            for entry in old.infolist():
                new.writestr(f"export/{entry.filename}", old.read(entry))
        return answered.with_body(out.getvalue())
    return answered.with_body(body[:-22])


@answers
def shortened(call: Call, answered: Answered, *, at_least: int = 0, to: int = 0, by: int = 0) -> Answered:
    """A file that is larger than so much is shorter than it should be."""
    del call
    body = answered.plain
    if len(body) <= at_least:
        return answered
    return answered.with_body(body[:to] if to else body[:-by])


@requests
def other_format(call: Call, request: Asked, *, parameter: str, when: str, to: str) -> Asked:
    """Who asks for one format gets another."""
    del call
    changed = [(k, to if k == parameter and v == when else v) for k, v in request.parameters]
    return request.with_parameters(changed)


@act
async def named_file(call: Call, *, old: str, new: str) -> Answered:
    """The name of a file that is offered for download is another; patterns of :mod:`re`."""
    answered = await call.plain()
    name = value_of(answered.headers, "content-disposition")
    return answered.with_header("content-disposition", re.sub(old, new, name)) if name else answered


UPLOADS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "last_line": lambda data: re.sub(rb"\r?\n[^\n]*\n?$", b"\n", data) if data.count(b"\n") > 1 else data,
    "open_last_line": lambda data: data if data.endswith(b"\n") else data.rpartition(b"\n")[0] + b"\n",
    "unpadded": lambda data: re.sub(rb"(?m)(^|,)0+(\d+)(?=,|\r?$)", rb"\1\2", data),
    "lowered": lambda data: data.lower(),
    "latin": lambda data: data.decode("utf-8", "replace").encode("ascii", "replace"),
    "trimmed": lambda data: b"\n".join(b",".join(c.strip() for c in row.split(b",")) for row in data.split(b"\n")),
    "broken_lines": lambda data: re.sub(rb'"[^"]*"', lambda m: m[0].replace(b"\n", b'"\n"'), data),
}


@requests
def upload(call: Call, request: Asked, *, how: str) -> Asked:
    """An uploaded file is read otherwise: its last line, its ends of lines, its text, its name."""
    del call
    if b"filename=" not in request.body:
        return request
    boundary = request.body.split(b"\r\n", 1)[0]
    parts = request.body.split(boundary)
    changed = []
    for part in parts:
        head, found, content = part.partition(b"\r\n\r\n")
        if not found or b"filename=" not in head:
            changed.append(part)
            continue
        data = content[:-2]
        data = UPLOADS[how](data) if how in UPLOADS else data
        if how == "name":
            head = re.sub(
                rb'filename="([^"]*)"', lambda m: b'filename="' + m[1].lower().replace(b" ", b"_") + b'"', head
            )
        changed.append(head + found + data + content[-2:])
    if how == "first_file":
        changed = [p for n, p in enumerate(parts) if b"filename=" not in p or n == 1]
    return replace(request, body=boundary.join(changed))
