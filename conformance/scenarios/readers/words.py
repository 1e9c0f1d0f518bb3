"""Formats of text: CoNLL 2003 and the manifest of speech recognition."""

from __future__ import annotations

import json
from typing import Any

from conformance.scenarios.readers.archive import Unreadable, unpack

COLUMNS = 4


def read_conll(content: bytes) -> list[list[tuple[str, str]]]:
    """Sentences, each its tokens with their tag (``B-PER``, ``I-PER``, ``O``).

    Raises:
        Unreadable: it is no UTF-8, it does not begin with ``-DOCSTART-``, a line has not four columns, or an ``I-``
            follows nothing.
    """
    try:
        first, *lines = content.decode().splitlines() or [""]
    except UnicodeDecodeError as problem:
        raise Unreadable(f"no UTF-8: {problem}") from problem
    if not first.startswith("-DOCSTART-"):
        raise Unreadable(f"the first line is {first!r}")
    sentences: list[list[tuple[str, str]]] = [[]]
    for line in lines:
        if not line.strip():
            sentences.append([])
            continue
        parts = line.split(" ")
        if len(parts) != COLUMNS:
            raise Unreadable(f"not four columns: {line!r}")
        token, tag = parts[0], parts[-1]
        before = sentences[-1][-1][1] if sentences[-1] else "O"
        if tag.startswith("I-") and before[1:] != tag[1:]:
            raise Unreadable(f"{tag} of {token!r} continues nothing")
        sentences[-1].append((token, tag))
    return [sentence for sentence in sentences if sentence]


def spans_of(sentence: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The labelled spans of a sentence: label, and its tokens joined by spaces."""
    found: list[tuple[str, str]] = []
    for token, tag in sentence:
        if tag.startswith("B-"):
            found.append((tag[2:], token))
        elif tag.startswith("I-"):
            found[-1] = (found[-1][0], f"{found[-1][1]} {token}")
    return found


def read_manifest(content: bytes) -> list[dict[str, Any]]:
    """Entries of the manifest: a JSON object per line, with ``audio_filepath``, ``duration`` and ``text``.

    Raises:
        Unreadable: no manifest in the ZIP, or a line that is no such object.
    """
    files = {name: body for name, body in unpack(content).items() if name.endswith("manifest.json")}
    if len(files) != 1:
        raise Unreadable(f"expected one manifest in the ZIP, got {sorted(files)}")
    ((_, body),) = files.items()
    try:
        entries = [json.loads(line) for line in body.decode().splitlines() if line.strip()]
    except ValueError as problem:
        raise Unreadable(f"no JSON lines: {problem}") from problem
    incomplete = next((e for e in entries if not {"audio_filepath", "duration", "text"} <= set(e)), None)
    if incomplete is not None:
        raise Unreadable(f"an entry without path, duration or text: {incomplete}")
    return entries
