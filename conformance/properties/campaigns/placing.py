"""Finds the part of a valid request on which the server fails, so that two such parts are reported as two causes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.tables.requests.prepared import NOTHING
from conformance.wire.checking.deeds import VALID, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.properties.generation.adapter import GeneratedCase

_QUOTED: Final = re.compile(r"'(\w+)'")
MOST: Final = 64
"""So many parts are tried to be left out; of a larger request the rest is named as it is."""


def place_of(case: GeneratedCase, breaks: Callable[[GeneratedCase], bool]) -> str:
    """Return what the request has to hold so that the server breaks on it: ``with ids``.

    What the generator says of it stays where that is about the same part, and says how it is special. A body that is a
    list is told by what is in it.

    Args:
        case: a valid one on which the server broke.
        breaks: sends a case, and says whether the server breaks on it, too.
    """
    for name in sorted(optional_query(case))[:MOST]:
        less = replace(case, query={k: v for k, v in case.query.items() if k != name})
        case = less if breaks(less) else case
    if isinstance(case.body, Mapping):
        for name in sorted(optional_body(case))[:MOST]:
            less = replace(case, body={k: v for k, v in case.body.items() if k != name})
            case = less if breaks(less) else case
    parts = [*sorted(optional_query(case)), *_told_body(case)]
    if set(parts) & {case.parameter, *_QUOTED.findall(case.deed)}:
        return case.deed
    if not parts:
        empty = case.operation.body is not None and (case.body is NOTHING or not case.body)
        return "with an empty body" if empty else VALID
    return f"with {', '.join(parts)}"


def optional_query(case: GeneratedCase) -> set[str]:
    """The query parameters that need not be there."""
    required = {p.name for p in case.operation.parameters if p.location == "query" and p.required}
    return set(case.query) - required


def optional_body(case: GeneratedCase) -> set[str]:
    """The fields of the body that need not be there."""
    body = case.operation.body
    media = body.content.get(case.media_type or "") if body else None
    schema: Mapping[str, Any] = media.schema if media is not None and isinstance(media.schema, Mapping) else {}
    return set(case.body) - set(schema.get("required", ()))


def _told_body(case: GeneratedCase) -> list[str]:
    if isinstance(case.body, Mapping):
        return sorted(optional_body(case))
    if isinstance(case.body, list):
        kinds = {"list" if isinstance(item, tuple) else kind_of(item) for item in case.body}  # JSON has no tuples
        return [f"a list of {' and '.join(sorted(kinds)) or 'nothing'}"]
    return []
