"""Answers that say something else than is so."""

from __future__ import annotations

import copy
import html
import json
import re
import struct
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.faults.rooms.making import act, change, elements, objects, values

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.messages import Answered, Call

_TIME: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def _text(how: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda v: how(v) if isinstance(v, str) else v


def _number(how: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda v: how(v) if isinstance(v, int | float) and not isinstance(v, bool) else v


HOWS: Final[dict[str, Callable[..., Callable[[Any], Any]]]] = {
    "null": lambda: lambda _: None,
    "to": lambda value: lambda _: copy.deepcopy(value),
    "text": lambda: lambda v: v if v is None else str(v),
    "in_list": lambda: lambda v: [v],
    "rounded": lambda digits: _number(lambda v: round(v, digits) if digits else int(v)),
    "plus": lambda amount: _number(lambda v: v + amount),
    "times": lambda factor: _number(lambda v: v * factor),
    "negated": lambda: lambda v: not v if isinstance(v, bool) else v,
    "trimmed": lambda: _text(str.strip),
    "lowered": lambda: _text(str.lower),
    "titled": lambda: _text(lambda v: v[:1].upper() + v[1:].lower()),
    "raised": lambda: _text(str.upper),
    "cut": lambda length: _text(lambda v: v[:length]),
    "escaped": lambda: _text(html.escape),
    "composed": lambda: _text(lambda v: unicodedata.normalize("NFD", v)),
    "ascii": lambda: _text(lambda v: v.encode("ascii", "replace").decode()),
    "basic": lambda: _text(lambda v: "".join(c if ord(c) < 0x10000 else "\ufffd" for c in v)),
    "garbled": lambda: _text(lambda v: v.encode().decode("latin-1")),
    "one_line": lambda: _text(lambda v: " ".join(v.split())),
    "replaced": lambda old, new: _text(lambda v: v.replace(old, new)),
    "reversed": lambda: lambda v: v[::-1] if isinstance(v, list) else v,
    "without_last": lambda: lambda v: v[:-1] if isinstance(v, list | str) else v,
    "without_first": lambda: lambda v: v[1:] if isinstance(v, list | str) else v,
    "doubled_last": lambda: lambda v: v + v[-1:] if isinstance(v, list) else v,
    "null_if_empty": lambda: lambda v: v or None if not isinstance(v, bool | int | float) else v,
    "empty_if_null": lambda: lambda v: "" if v is None else v,
    "zoneless": lambda: _text(lambda v: re.sub(r"(Z|[+-]\d\d:\d\d)$", "", v)),
    "to_seconds": lambda: _text(lambda v: re.sub(r"\.\d+(?=Z|[+-])", "", v)),
    "later": lambda hours: _text(lambda v: _later(v, hours)),
    "spaced": lambda: _text(lambda v: v.replace("T", " ", 1) if _TIME.match(v) else v),
    "canonical": lambda: _text(lambda v: unicodedata.normalize("NFC", v)),
    "compatible": lambda: _text(lambda v: unicodedata.normalize("NFKC", v)),
    "line_feeds": lambda: _text(lambda v: v.replace("\r\n", "\n")),
    "single": lambda: lambda v: struct.unpack("f", struct.pack("f", v))[0] if isinstance(v, float) else v,
    "double": lambda: lambda v: int(float(v)) if type(v) is int else v,
    "null_if_zero": lambda: _number(lambda v: v or None),
    "at_least_zero": lambda: _number(lambda v: max(v, 0)),
    "bit": lambda: lambda v: int(v) if isinstance(v, bool) else v,
    "sorted": lambda: lambda v: sorted(v) if isinstance(v, list) and all(isinstance(i, str) for i in v) else v,
    "written": lambda: lambda v: json.dumps(v) if isinstance(v, dict | list) else v,
    "nested_written": lambda: (
        lambda v: (
            {k: json.dumps(w) if isinstance(w, dict | list) else w for k, w in v.items()} if isinstance(v, dict) else v
        )
    ),
    "names_lowered": lambda: lambda v: {k.lower(): w for k, w in v.items()} if isinstance(v, dict) else v,
    "names_titled": lambda: lambda v: {k.title(): w for k, w in v.items()} if isinstance(v, dict) else v,
    "ends": lambda: lambda v: [*v[:-2], *v[-2:][::-1]] if isinstance(v, list) else v,
    "without_end": lambda end: _text(lambda v: v.removesuffix(end)),
    "without_nulls": lambda: lambda v: {k: w for k, w in v.items() if w is not None} if isinstance(v, dict) else v,
    "first_only": lambda: (
        lambda v: dict(list(v.items())[:1]) if isinstance(v, dict) else v[:1] if isinstance(v, list) else v
    ),
    "as_utc": lambda: _text(lambda v: re.sub(r"[+-]\d\d:\d\d$", "Z", v) if _TIME.match(v) else v),
    "milliseconds": lambda: _text(lambda v: re.sub(r"(\.\d{3})\d+(?=Z|[+-])", r"\1", v)),
    "epoch": lambda: _text(lambda v: datetime.fromisoformat(v).timestamp() if _TIME.match(v) else v),
}
"""What may become of a value."""


def _later(value: str, hours: float) -> str:
    if not _TIME.match(value):
        return value
    moved = datetime.fromisoformat(value) + timedelta(hours=hours)
    return moved.isoformat(timespec="microseconds").replace("+00:00", "Z")


def how_of(how: str, given: dict[str, Any]) -> Callable[[Any], Any]:
    """One of the ways, with its arguments."""
    return HOWS[how](**given)


@values
def shows(call: Call, value: Any, /, *, field: str, how: str, every: int = 1, but_first: int = 0, **given: Any) -> Any:
    """A field is shown otherwise than it is kept.

    Args:
        call: the request.
        value: the answer.
        field: see :func:`tests.faults.rooms.making.change`.
        how: one of :data:`HOWS`.
        every: in each so-manieth answer only.
        but_first: not in so many answers first.
        given: arguments of the way.
    """
    if call.number < but_first or (call.number + 1) % every:
        return value
    return change(value, field, how_of(how, given))


@values
def lacks(call: Call, value: Any, *, field: str) -> Any:
    """A field is not there."""
    del call
    *path, last = field.split(".")
    if not path:
        for found in objects(value, name=last):
            found.pop(last, None)
        return value
    return change(
        value, ".".join(path), lambda v: {k: w for k, w in v.items() if k != last} if isinstance(v, dict) else v
    )


@values
def renames(call: Call, value: Any, *, field: str, to: str) -> Any:
    """A field has another name."""
    del call
    for found in objects(value, name=field):
        if field in found:
            found[to] = found.pop(field)
    return value


@values
def swaps(call: Call, value: Any, *, field: str, other: str, within: str = "") -> Any:
    """Two fields have each other's value."""
    del call

    def swapped(v: Any) -> Any:
        if isinstance(v, dict) and field in v and other in v:
            v[field], v[other] = v[other], v[field]
        return v

    if within:
        return change(value, within, swapped)
    for found in objects(value, name=field):
        swapped(found)
    return value


@values
def adds(call: Call, value: Any, *, fields: dict[str, Any]) -> Any:
    """More is told than should be."""
    del call
    for found in objects(value):
        found.update(copy.deepcopy(fields))
    return value


@values
def wraps(call: Call, value: Any, *, under: str) -> Any:
    """The answer is wrapped once more."""
    del call
    return {under: value}


@values
def unwraps(call: Call, value: Any) -> Any:
    """A list comes without what is around it."""
    del call
    found = elements(value)
    return value if found is None else found


@values
def first_known(call: Call, value: Any, *, field: str) -> Any:
    """A field keeps for ever the value that was first seen of the object."""
    for found in objects(value, name=field):
        if field in found and "id" in found:
            found[field] = call.memory.setdefault((call.name, found["id"]), found[field])
    return value


@values
def of_the_one_before(call: Call, value: Any, *, field: str) -> Any:
    """A field has the value that the object shown before has."""
    for found in objects(value, name=field):
        if field in found:
            mine = copy.deepcopy(found[field])
            found[field] = call.memory.get(call.name, found[field])
            call.memory[call.name] = mine
    return value


@values
def as_was_sent(call: Call, value: Any, *, fields: list[str]) -> Any:
    """Echoes what was sent in place of what is kept."""
    sent = call.request.json
    if isinstance(sent, dict) and isinstance(value, dict):
        value |= {f: sent[f] for f in fields if f in sent}
    return value


@act
async def cached(call: Call, *, for_: int = 1_000_000, by_key: bool = True) -> Answered:
    """What was once answered is answered again, whatever happened since.

    Args:
        call: the request.
        for_: so many times.
        by_key: people do not see each other's.
    """
    who = next((v for k, v in call.request.headers if k == "authorization"), "") if by_key else ""
    place = (call.request.path, call.request.query, who)
    kept: tuple[Answered, int] | None = call.memory.get(place)
    if kept is not None and kept[1] < for_:
        call.memory[place] = (kept[0], kept[1] + 1)
        return kept[0]
    answered = await call.plain()
    if answered.ok:
        call.memory[place] = (answered, 0)
    return answered


@act
async def before_the_change(call: Call) -> Answered:
    """A change is done, and answered with the object as it was before."""
    before = await call.read(call.request.path)
    answered = await call.plain()
    return answered.with_json(before) if answered.ok and before is not None else answered


@act
async def the_one_before(call: Call) -> Answered:
    """Another object than the one that was asked for: the one that was asked for before it."""
    answered = await call.plain()
    if not answered.ok:
        return answered
    before = call.memory.get("last")
    call.memory["last"] = answered
    return before or answered
