"""How a function becomes one that the catalogue can name, and how it finds its place in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.faults.messages import Answered, Asked, Call

Act: TypeAlias = "Callable[..., Awaitable[Answered]]"
ACTS: Final[dict[str, Act]] = {}
TAUGHT: Final[dict[str, Callable[..., Any]]] = {}
"""What an act was made of, if it was: the function that has its arguments."""
WRAPPINGS: Final = ("results", "tasks", "items")
"""Where lists keep their elements."""


def act(function: Act) -> Act:
    """It does all of it: ``async def f(call, …) -> Answered``."""
    _named(function.__name__, function)
    return function


def _named(name: str, acting: Act) -> None:
    """Make an act known.

    Raises:
        ValueError: there is another one of this name, and the catalogue could mean either.
    """
    if name in ACTS:
        raise ValueError(f"two functions in tests/faults/rooms are called {name}")
    ACTS[name] = acting


def answers(function: Callable[..., Answered]) -> Callable[..., Answered]:
    """It changes successes: ``def f(call, answered, …) -> Answered``."""

    async def acting(call: Call, **given: Any) -> Answered:
        answered = await call.plain()
        return function(call, answered, **given) if answered.ok else answered

    _named(function.__name__, acting)
    TAUGHT[function.__name__] = function
    return function


def values(function: Callable[..., Any]) -> Callable[..., Any]:
    """It changes the JSON of successes: ``def f(call, value, …) -> value``."""

    async def acting(call: Call, **given: Any) -> Answered:
        answered = await call.plain()
        value = answered.json
        if not answered.ok or value is None:
            return answered
        return answered.with_json(function(call, value, **given))

    _named(function.__name__, acting)
    TAUGHT[function.__name__] = function
    return function


def requests(function: Callable[..., Asked]) -> Callable[..., Asked]:
    """It changes what is asked: ``def f(call, request, …) -> Asked``."""

    async def acting(call: Call, **given: Any) -> Answered:
        return await call.forward(function(call, call.request, **given))

    _named(function.__name__, acting)
    TAUGHT[function.__name__] = function
    return function


def objects(value: Any, *, name: str = "") -> Iterator[dict[str, Any]]:
    """The objects that an answer is about: itself, or the elements of its list."""
    if isinstance(value, list):
        for item in value:
            yield from objects(item, name=name)
    elif isinstance(value, dict):
        wrapped = next((value[w] for w in WRAPPINGS if isinstance(value.get(w), list)), None)
        if wrapped is not None and name not in value:
            yield from objects(wrapped, name=name)
        else:
            yield value


def change(value: Any, field: str, how: Callable[[Any], Any]) -> Any:
    """Change a field wherever it is: ``title``, ``data.text``, ``result.*.value.x``, ``data.**`` (all below it)."""
    first, *rest = field.split(".")
    for found in objects(value, name=first):
        _change(found, [first, *rest], how)
    return value


def _change(holder: Any, path: list[str], how: Callable[[Any], Any]) -> None:
    first, *rest = path
    if first == "*":
        keys: Any = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
    elif isinstance(holder, dict):
        keys = [first] if first in holder else ()
    else:
        keys = ()
    for key in keys:
        if not rest:
            holder[key] = how(holder[key])
        elif rest == ["**"]:
            holder[key] = leaves(holder[key], how)
        else:
            _change(holder[key], rest, how)


def leaves(value: Any, how: Callable[[Any], Any]) -> Any:
    """Change everything that holds nothing else."""
    if isinstance(value, dict):
        return {k: leaves(v, how) for k, v in value.items()}
    return [leaves(v, how) for v in value] if isinstance(value, list) else how(value)


def elements(value: Any) -> list[Any] | None:
    """The list that an answer is, or wraps; None where it is none."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return next((value[w] for w in WRAPPINGS if isinstance(value.get(w), list)), None)
    return None
