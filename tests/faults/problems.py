"""What is wrong with an entry of the catalogue."""

from __future__ import annotations

import inspect
from dataclasses import replace

from tests.faults.loading import Fault, functions
from tests.faults.rooms.answers import HOWS
from tests.faults.rooms.making import TAUGHT


def problem_of(fault: Fault) -> str:
    """What of its arguments the function can't be called with; empty if nothing."""
    acting = functions()[fault.does]
    known = inspect.signature(TAUGHT.get(fault.does, acting)).parameters
    named = {n: p for n, p in known.items() if p.kind is p.KEYWORD_ONLY}
    missing = {n for n, p in named.items() if p.default is p.empty} - set(fault.given)
    rest = {k: v for k, v in fault.given.items() if k not in named}
    if missing or (rest and not any(p.kind is p.VAR_KEYWORD for p in known.values())):
        return f"missing {missing}, too many {rest}"
    if fault.does == "only_when":
        return problem_of(replace(fault, does=fault.given["does"], given=rest))
    if fault.does in {"shows", "keeps", "export_json"}:
        inspect.signature(HOWS[fault.given["how"]]).bind(**rest)
    return ""
