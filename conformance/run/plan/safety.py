"""Decides whether a test may run on a target: its safety class against ``--allow``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract import Operation
from conformance.contract.tables.safety import Safety, load_safety
from conformance.judge.observation import Observation, Outcome
from conformance.outcomes import NotMeasured

if TYPE_CHECKING:
    import pytest

    from conformance.target.settings import TargetSettings
    from conformance.wire import Recorder

MARKER = "safety"


class TooMuch(NotMeasured):
    """A test would do more to the target than may be done to it."""


def safety_of(item: pytest.Item) -> Safety:
    """The class of a test: as it says itself, or that of the operation that it is about.

    What says nothing makes things of its own, and changes and removes only those.
    """
    said = item.get_closest_marker(MARKER)
    if said is not None:
        return Safety.named(str(said.args[0]))
    hurts = [mark for mark in item.iter_markers("destructive") if not mark.kwargs.get("spared")]
    if hurts:
        return Safety.ADMIN
    operation = operation_of(item)
    return Safety.READ_ONLY if operation and load_safety().get(operation) is Safety.READ_ONLY else Safety.ADDITIVE


def operation_of(item: pytest.Item) -> str | None:
    """The operation that a generated test is about; None for a scenario."""
    given = getattr(item, "callspec", None)
    values = given.params if given is not None else {}
    for name in ("operation", "enterprise_operation"):
        if isinstance(operation := values.get(name), Operation):
            return operation.id
    example = getattr(values.get("example"), "operation", None)
    return str(example) if example is not None else None


def rules_of(item: pytest.Item) -> tuple[str, ...]:
    """The rules that a generated test is bound to."""
    marker = item.get_closest_marker("contract_rules")
    binding = marker.kwargs.get("binding") if marker is not None else None
    return binding.rules if binding is not None else ()


def note_unmeasured(item: pytest.Item, problem: BaseException | None, recorder: Recorder) -> None:
    """Record what a generated test that is not run on a target that is only read leaves unmeasured, and why."""
    operation, rules = operation_of(item), rules_of(item)
    if not isinstance(problem, TooMuch) or operation is None:
        return
    for rule in rules[:1]:
        recorder.observe(
            Observation(
                requirement=f"{operation}#{rule}",
                outcome=Outcome.NOT_MEASURED,
                operation=operation,
                rule=rule,
                message=str(problem),
                signature=str(problem)[:80],
            )
        )


def refuse(item: pytest.Item, settings: TargetSettings) -> None:
    """End a test that does more to a target than may be done to it.

    Raises:
        NotMeasured: says what the test would do.
    """
    needed = safety_of(item)
    # what hurts a whole instance was taken out of the plan; what is below only ever touches what the run made
    if settings.read_only and needed is not Safety.READ_ONLY:
        raise TooMuch(f"It is {needed.label}, and the target is only read (--read-only).")
