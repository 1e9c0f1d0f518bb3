"""Repairs what a generated body has invalid by accident."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.contract.load import unescape
from conformance.contract.tables.requests.minimal import FORMATS
from conformance.properties.generation.binding import broken_properties

if TYPE_CHECKING:
    from conformance.contract import SchemaChecker
    from conformance.properties.generation.adapter import GeneratedCase

JSON = "application/json"
# Violations are told once per place, with list indices left out.
_ROUNDS = 3
_NAMED = re.compile(r"is not a '([a-z-]+)'$")


def mend(case: GeneratedCase, schemas: SchemaChecker) -> None:
    """Replace, in place, texts that are not of their format, but for what is broken on purpose."""
    media = case.operation.body.content.get(JSON) if case.operation.body else None
    if media is None or media.schema is None or case.media_type != JSON or not isinstance(case.body, dict | list):
        return
    broken = broken_properties(case)
    if case.broken == "body" and not broken:
        return
    for _ in range(_ROUNDS):
        wrong = [v for v in schemas.violations(media.pointer, case.body) if v.keyword == "format"]
        places = [(v.instance.strip("/").split("/"), v.message) for v in wrong]
        mended = [_put(case.body, place, message) for place, message in places if not broken & set(place)]
        if not any(mended):
            return


def _put(body: Any, place: list[str], message: str) -> bool:
    """Write a sample of the format that a violation's message names; False where none is known."""
    name = _NAMED.search(message)
    if name is None or name[1] not in FORMATS:
        return False
    holder = body
    for part in place[:-1]:
        holder = holder[int(part) if isinstance(holder, list) else unescape(part)]
    holder[int(place[-1]) if isinstance(holder, list) else unescape(place[-1])] = FORMATS[name[1]]
    return True
