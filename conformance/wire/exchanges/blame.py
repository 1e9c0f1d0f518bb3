"""Finds the answer that was wrong first: a wrong read may repeat what the answer to the write said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.json_equal import equal, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.wire.exchanges.exchange import Exchange

_DEEP: Final = 8
_WRITES: Final = frozenset({"POST", "PUT", "PATCH"})
Place = tuple[str, ...]


def at_fault(history: Iterable[Exchange], shown: Exchange, *, expected: object, got: object) -> Exchange:
    """The exchange to show for a value that is not the one that was written.

    Args:
        history: of the test, in order.
        shown: the answer that has the wrong value.
        expected: the value that was written.
        got: the value that came.

    Returns:
        The first write before it that was sent the one and answered the other, at one place of the body; where there
        is none, ``shown``.
    """
    if shown.request.method in _WRITES:
        return shown
    pairs = [pair for pair in _pairs(expected, got) if not equal(*pair)]
    for exchange in history:
        if exchange is shown:
            break
        if exchange.request.method in _WRITES and exchange.ok and any(_turned(exchange, *pair) for pair in pairs):
            return exchange
    return shown


def read_since(history: Iterable[Exchange], shown: Exchange | None) -> tuple[str, ...]:
    """The operations that read something from an exchange on, that one included: in whose answers a failure is seen."""
    if shown is None:
        return ()
    read: dict[str, None] = {}
    begun = False
    for exchange in history:
        begun = begun or exchange is shown
        if begun and exchange.operation is not None and exchange.operation.reads() and exchange.ok:
            read[exchange.operation.id] = None
    return tuple(read)


def _pairs(expected: Any, got: Any) -> Iterator[tuple[Any, Any]]:
    """What was compared: as a whole, and part by part, where several things were compared at once."""
    yield expected, got
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        yield from zip(expected, got, strict=True)
    elif isinstance(expected, dict) and isinstance(got, dict):
        yield from ((value, got[name]) for name, value in expected.items() if name in got)


def _turned(write: Exchange, expected: Any, got: Any) -> bool:
    try:
        sent = parse(write.request.content or b"")
    except (ValueError, RecursionError):
        return False
    told = write.object()
    if told is None:
        return False
    places = (place for place, value in _values(sent) if equal(expected, value))
    return any(equal(got, _at(told, place)) for place in places)


def _values(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Each value in an object, by the names that lead to it."""
    yield place, value
    if isinstance(value, dict) and len(place) < _DEEP:
        for name, held in value.items():
            yield from _values(held, (*place, name))


def _at(value: Any, place: Place) -> Any:
    for name in place:
        value = value.get(name, _NOTHING) if isinstance(value, dict) else _NOTHING
    return value


_NOTHING: Final = object()
