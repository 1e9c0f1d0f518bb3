"""Splits a plan into parts that take about as long. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def split(tests: Iterable[str], parts: int, durations: Mapping[str, float] | None = None) -> list[tuple[str, ...]]:
    """Spread tests over parts so that each takes about as long: longest first, to the part with least so far.

    Deterministic: the same tests and durations give the same parts, in whatever order the tests come.

    Args:
        tests: ids.
        parts: how many.
        durations: seconds by id where they were measured; the others count as the median of these.

    Raises:
        ValueError: fewer than one part.
    """
    if parts < 1:
        raise ValueError(f"{parts} parts: at least one is needed.")
    ids = sorted(set(tests))
    known = {i: s for i, s in (durations or {}).items() if i in set(ids)}
    ordered = sorted(known.values())
    usual = ordered[len(ordered) // 2] if ordered else 1.0
    loads = [0.0] * parts
    members: list[list[str]] = [[] for _ in range(parts)]
    for test in sorted(ids, key=lambda i: (-known.get(i, usual), i)):
        # of equally loaded parts the one with fewest tests: durations may all be 0
        part = min(range(parts), key=lambda p: (loads[p], len(members[p]), p))
        loads[part] += known.get(test, usual)
        members[part].append(test)
    return [tuple(sorted(m)) for m in members]


def parse_shard(text: str) -> tuple[int, int]:
    """``3/8`` as numbers.

    Raises:
        ValueError: it is no such text.
    """
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise ValueError(f"{text!r}: a part like 3/8 is expected.")
    return int(number), int(of)
