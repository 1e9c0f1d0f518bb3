"""JSON answers that know what was read of them, so that whoever stumbles over one can say over what.

A test reads an answer as it reads any list or dictionary. A name or an index that is not there raises
:class:`AnswerLacks`, which says where. Whatever else a test then does with what it read (adds to null, takes the
length of a number) raises what it raises in Python: :func:`last_read` tells what the test had in hand.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final, Protocol, SupportsIndex, TypeAlias, overload

from conformance.contract.load import escape
from conformance.errors import ConformanceError

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, ValuesView

    from conformance.contract import Operation
    from conformance.wire.messages import RawRequest, RawResponse

Place: TypeAlias = "tuple[Place, str | int] | None"
"""Where in an answer: the container's place, and the name or index in it; None for the whole."""
ANY: Final = "*"
SHORT: Final = 80


class Answered(Protocol):
    """What a value knows of the exchange that it was read from."""

    @property
    def operation(self) -> Operation | None:
        """Which one of the contract it is."""

    @property
    def request(self) -> RawRequest:
        """What was sent."""

    @property
    def response(self) -> RawResponse | None:
        """What came."""

    @property
    def status(self) -> int:
        """Of the response; 0 where none came."""

    @property
    def content_type(self) -> str:
        """Of the response, without parameters."""

    @property
    def text(self) -> str:
        """The response's body."""

    def plain(self) -> Any:
        """The body as JSON of plain lists and dictionaries."""

    def brief(self) -> str:
        """The exchange in a line."""


class AnswerLacks(ConformanceError, KeyError, IndexError, TypeError, ValueError):
    """An answer does not hold what a client reads of it.

    It is each of the errors that a plain value would raise, for those who expect one.

    Attributes:
        exchange: the one with the answer.
        pointer: JSON pointer of what is missing, or odd; empty for the whole body.
        expected: what would have done.
        got: what is there.
    """

    code = "answer-lacks"

    def __init__(self, exchange: Answered, pointer: str, *, expected: str, got: str) -> None:
        operation = exchange.operation.id if exchange.operation else exchange.request.url
        where = f"at {pointer}" if pointer else "as its body"
        super().__init__(
            f"The answer of {operation} lacks something {where}: expected {expected}, got {got}.",
            cause=exchange.brief(),
        )
        self.exchange = exchange
        self.pointer = pointer
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        return self.message  # a KeyError shows its argument's repr


class _Latest:
    """What was read last, of which answer; of one process."""

    read: tuple[Answered, Place] | None = None


def forget() -> None:
    """A test begins: nothing was read yet."""
    _Latest.read = None


def last_read() -> tuple[Answered, str] | None:
    """The answer, and the pointer into it, that was read last; None where none was."""
    if _Latest.read is None:
        return None
    exchange, place = _Latest.read
    return exchange, pointer_of(place)


def pointer_of(place: Place) -> str:
    """A place as JSON pointer."""
    parts: list[str] = []
    while place is not None:
        place, key = place
        parts.append(f"/{escape(str(key))}")
    return "".join(reversed(parts))


def answer(exchange: Answered) -> Any:
    """The body of an exchange as a value that knows what was read of it.

    Raises:
        AnswerLacks: it is no JSON.
    """
    _Latest.read = (exchange, None)
    try:
        value = exchange.plain()
        return _Reader(exchange).take(value, None)
    except RecursionError:
        raise AnswerLacks(exchange, "", expected="a JSON value", got="one that is nested too deep to be read") from None
    except ValueError as problem:
        got = f"{exchange.status} {exchange.content_type or 'without a type'}, {exchange.text[:SHORT]!r}"
        raise AnswerLacks(exchange, "", expected="a JSON value", got=got) from problem


class _Reader:
    """Makes the values of one answer."""

    __slots__ = ("exchange",)

    def __init__(self, exchange: Answered) -> None:
        self.exchange = exchange

    def take(self, value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return AnswerObject({k: self.take(v, (place, k)) for k, v in value.items()}, self, place)
        if isinstance(value, list):
            return AnswerList([self.take(v, (place, n)) for n, v in enumerate(value)], self, place)
        return value

    def read(self, place: Place) -> None:
        _Latest.read = (self.exchange, place)

    def lacks(self, place: Place, expected: str, value: object) -> AnswerLacks:
        return AnswerLacks(self.exchange, pointer_of(place), expected=expected, got=told(value))


class AnswerObject(dict[str, Any]):
    """An object of an answer."""

    __slots__ = ("_place", "_reader")

    def __init__(self, value: dict[str, Any], reader: _Reader, place: Place) -> None:
        super().__init__(value)
        self._reader = reader
        self._place = place

    def __getitem__(self, key: str) -> Any:
        self._reader.read((self._place, key))
        try:
            return super().__getitem__(key)
        except (KeyError, TypeError):
            what = "a list" if isinstance(key, int | slice) else "something"
            raise self._reader.lacks((self._place, str(key)), what, NOTHING) from None

    def get(self, key: str, default: Any = None) -> Any:
        """As of any dictionary."""
        self._reader.read((self._place, key))
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """As of any dictionary."""
        if key not in self and not default:
            return self[key]
        self._reader.read((self._place, key))
        return super().pop(key, *default)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override] # dict_items is what it is, and has no public name
        """As of any dictionary."""
        self._reader.read((self._place, ANY))
        return super().items()

    def values(self) -> ValuesView[Any]:  # type: ignore[override] # likewise
        """As of any dictionary."""
        self._reader.read((self._place, ANY))
        return super().values()

    def __iter__(self) -> Iterator[str]:
        # whoever goes through it took it for a list: what comes out are names, of which nothing can be read
        self._reader.read(self._place)
        return super().__iter__()

    def __copy__(self) -> dict[str, Any]:
        return dict(super().items())

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {k: copy.deepcopy(v, memo) for k, v in super().items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes get the value, not what was read of it."""
        return dict, (dict(super().items()),)


class AnswerList(list[Any]):
    """A list of an answer."""

    __slots__ = ("_place", "_reader")

    def __init__(self, value: list[Any], reader: _Reader, place: Place) -> None:
        super().__init__(value)
        self._reader = reader
        self._place = place

    @overload
    def __getitem__(self, index: SupportsIndex) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice):
            self._reader.read((self._place, ANY))
            return super().__getitem__(index)
        self._reader.read((self._place, index if isinstance(index, int) else str(index)))
        try:
            return super().__getitem__(index)
        except IndexError:
            expected = f"at least {index.__index__() + 1 if index.__index__() >= 0 else -index.__index__()} elements"
            raise self._reader.lacks(self._place, expected, self) from None
        except TypeError:
            raise self._reader.lacks(self._place, f"an object with {index!r}", self) from None

    def __iter__(self) -> Iterator[Any]:
        self._reader.read((self._place, ANY) if self else self._place)
        return super().__iter__()

    def pop(self, index: SupportsIndex = -1) -> Any:
        """As of any list."""
        if not self:
            return self[index]
        return super().pop(index)

    def index(self, value: Any, *where: SupportsIndex) -> int:
        """As of any list."""
        try:
            return super().index(value, *where)
        except ValueError:
            raise self._reader.lacks(self._place, f"a list with {told(value)}", self) from None

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [copy.deepcopy(v, memo) for v in super().__iter__()]

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes get the value, not what was read of it."""
        return list, (list(super().__iter__()),)


NOTHING: Final = object()
"""What stands where nothing is."""


def told(value: object) -> str:
    """A value, briefly."""
    if value is NOTHING:
        return "nothing"
    text = repr(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"
