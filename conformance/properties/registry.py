"""Which test shows which rule: said once, by the decorator on the test, and read by everybody who asks.

A new rule: an entry in ``spec/rules.yaml``, and below this folder a test that is bound to it::

    @shows("read-back", depth="gate")
    def test_read_back(operation: Operation, world: World, wire: Wire, check: Check) -> None:
        with check.prerequisites():
            created = world.send(world.request(operation.id))
        check(holds=..., message=..., expected=..., got=..., signature=..., exchange=created)

There is one such test per operation that the rule applies to, and it records under the rule's name.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

from conformance.contract.tables.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conformance.contract import Operation

T = TypeVar("T", bound="Callable[..., None]")
MARKER: Final = "contract_rules"
ANY: Final[tuple[str, ...]] = ()
"""For ``about``: the test fails for whatever rule it sees broken."""
EVERY_RESPONSE: Final = (
    "offered",
    "answered",
    "whole",
    "valid-never-fails",
    "no-server-error",
    "status",
    "content-type",
    "response-schema",
    "error-body",
)
"""Rules that the wire checks on every response, whichever test sent the request."""
BETWEEN: Final = ("told-alike",)
"""Rules that the wire checks between answers about one object, whichever tests sent the requests."""
CLIENT: Final = ("official-client-reads", "official-client-types")
"""Rules that the official client shows, as it reads every kind of answer that any test gets."""
READABLE: Final = "readable"
"""The rule that any test may find broken: it could not go on with what it read."""
_READING: Final = "conformance/wire/exchanges/answers.py"
_WITNESS: Final = "conformance/witness/witness.py"
_WIRE: Final = "conformance/wire/checking/checks.py"
_TELLINGS: Final = "conformance/wire/checking/tellings.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A test and the rules that it shows.

    Attributes:
        rules: the first one decides which operations the test is about, and is what it records unless it names another.
        depth: the least ``--depth`` at which it runs.
        every_operation: it is about all operations.
        test: ``conformance/properties/test_writing.py::test_read_back``.
    """

    rules: tuple[str, ...]
    depth: str
    every_operation: bool
    test: str

    def is_about(self, operation: Operation) -> bool:
        """Return whether the test is made for the operation."""
        rules = load_rules()
        return self.every_operation or rules.applies(rules[self.rules[0]], operation)


_BINDINGS: dict[str, Binding] = {}


def shows(
    *rules: str, depth: str = "quick", about: Iterable[str] | None = None, every_operation: bool = False
) -> Callable[[T], T]:
    """Bind a test to the rules of ``spec/rules.yaml`` that it shows.

    Args:
        rules: their ids; there is a test per operation that the first one applies to.
        depth: the least ``--depth`` at which the test is worth what it costs.
        about: the test fails also for these rules, which are shown elsewhere; :data:`ANY` for every rule.
        every_operation: about all operations, whatever the rules apply to.

    Raises:
        KeyError: there is no such rule.
    """
    for rule in rules:
        load_rules()[rule]

    def bind(function: T) -> T:
        binding = Binding(rules=rules, depth=depth, every_operation=every_operation, test=_name(function))
        _BINDINGS[binding.test] = binding
        fails_for = () if about == ANY else (*rules, *(about or ()))
        marked: T = pytest.mark.contract_rules(*fails_for, binding=binding)(function)
        return marked

    return bind


def binding_of(function: Callable[..., Any]) -> Binding | None:
    """Return what a test shows; None for a test that is bound to no rule."""
    return _BINDINGS.get(_name(function))


def _name(function: Callable[..., Any]) -> str:
    path = Path(inspect.getfile(function)).resolve().relative_to(_ROOT)
    return f"{path.as_posix()}::{function.__name__}"


_FOLDER: Final = Path(__file__).resolve().parent
_ROOT: Final = _FOLDER.parents[1]


@lru_cache(maxsize=1)
def bindings() -> tuple[Binding, ...]:
    """Every test that shows rules."""
    for module in pkgutil.walk_packages([str(_FOLDER)], "conformance.properties."):
        if module.name.rpartition(".")[2].startswith("test_"):
            importlib.import_module(module.name)
    return tuple(_BINDINGS[name] for name in sorted(_BINDINGS))


def checked_by(rule: str) -> Iterator[str]:
    """Where a rule is checked: tests, and the wire for what it looks at in every response."""
    if rule in EVERY_RESPONSE:
        yield f"{_WIRE} (every response)"
    if rule in BETWEEN:
        yield f"{_TELLINGS} (answers about one object)"
    if rule in CLIENT:
        yield f"{_WITNESS} (every kind of answer of success)"
    if rule == READABLE:
        yield f"{_READING} (every answer that a test reads)"
    yield from (binding.test for binding in bindings() if rule in binding.rules)
