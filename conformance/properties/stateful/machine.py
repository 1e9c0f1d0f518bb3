"""Schemathesis' state machines, the second place that touches it (the other is ``generation/adapter.py``).

It chooses what comes next: which operation, with which answer's identities. What is sent, and what is to be thought of
the answer, is up to the :class:`~conformance.properties.stateful.walking.walk.Walk`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import hypothesis
import requests
import schemathesis
from hypothesis import strategies
from hypothesis.errors import Flaky, InvalidDefinition, Unsatisfiable
from hypothesis.stateful import initialize
from schemathesis.core.transport import Response
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.generation.stateful.control import TransitionController
from schemathesis.generation.stateful.state_machine import StepOutput, normalize_name

from conformance.properties.generation.adapter import SETTINGS
from conformance.properties.stateful.links import linked_document
from conformance.properties.stateful.step_policy import StepPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation
    from conformance.properties.stateful.families import Family
    from conformance.properties.stateful.walking.walk import Walk
    from conformance.wire import Exchange

# How often one operation may follow the answers of another in one history.
PER_SOURCE = 3


def explore(family: Family, walk: Walk, *, seed: str, steps: int, enough: Callable[[], bool] = lambda: False) -> None:
    """Let the family's machine choose the steps of one history; the same for the same seed and the same answers.

    Args:
        family: whose machine.
        walk: takes the steps.
        seed: of the choices.
        steps: as many are sent at most, looks apart.
        enough: asked before each step; the history ends there.

    Raises:
        Exception: whatever taking a step raised.
    """
    problems: list[BaseException] = []
    running: list[object] = []
    policy = StepPolicy(walk, steps)

    def take(machine: object, case: Any) -> Exchange | None:
        # Hypothesis may begin anew with what it did not like; one history is what was asked for
        running.append(machine)
        taken = walk.statistics["history-steps"]
        if problems or taken >= steps or enough() or machine is not running[0]:
            return None
        try:
            return walk.propose(_operation_id(case), _identities(case))
        except BaseException as problem:  # noqa: BLE001 - not for Hypothesis, which would repeat what raised it
            problems.append(problem)
            return None

    settings = hypothesis.settings(
        max_examples=1,
        stateful_step_count=steps * 2,  # some of them tell nothing and are not sent
        deadline=None,
        database=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    machine = hypothesis.seed(seed)(_machine(family, take, policy.allows))
    try:
        run_state_machine_as_test(machine, settings=settings)
    except (Unsatisfiable, Flaky, InvalidDefinition):
        # a history ends, too, where nothing is left that could be done; Hypothesis takes that for a mistake
        if not running:
            raise
    if problems:
        raise problems[0]


def transitions(family: Family) -> list[tuple[str, str, bool]]:
    """Every link of a family's machine: source and target as ``METHOD path``, and whether it was inferred."""
    found = _base(family)._transitions.operations  # noqa: SLF001 - the graph has no public name
    return [(link.source.label, link.target.label, link.is_inferred) for o in found.values() for link in o.outgoing]


@lru_cache(maxsize=128)
def _base(family: Family) -> Any:
    """A machine class of the family."""
    config = schemathesis.Config.from_dict({**SETTINGS, "generation": {**SETTINGS["generation"], "mode": "positive"}})
    return schemathesis.openapi.from_dict(linked_document(family), config=config).as_state_machine()


class _Control(TransitionController):
    """Schemathesis' limits, and the history's policy."""

    def __init__(self, machine: Any, family: Family, allows: Callable[[Operation], bool]) -> None:
        super().__init__(machine._transitions, machine._root_labels)  # noqa: SLF001 - as the machine makes its own
        self.max_operations_per_source = PER_SOURCE
        self._operations = {f"{o.method} {family.path(o)}": o for o in family.operations}
        self._allows = allows

    def allow_transition(self, source: str, target: str) -> bool:
        return self._allows(self._operations[target]) and super().allow_transition(source, target)

    def allow_root_transition(self, source: str, bundles: Any) -> bool:
        return self._allows(self._operations[source]) and super().allow_root_transition(source, bundles)


def _machine(
    family: Family, take: Callable[[object, Any], Exchange | None], allows: Callable[[Operation], bool]
) -> Any:
    base = _base(family)
    root = next(o for o in family.operations if o.id == family.root)
    start = normalize_name(f"RANDOM -> {root.method} {family.path(root)}")

    class Machine(base):  # type: ignore[misc,valid-type] # made at run time
        @initialize(number=strategies.integers(min_value=0, max_value=255))
        def begin(self, number: int) -> None:
            """Hypothesis tries the simplest history first, which is the same operation over and over: not that one."""
            hypothesis.assume(number > 0)

        def setup(self) -> None:
            self.control = _Control(self, family, allows)

        def step(self, input: Any) -> Any:  # noqa: A002 - the base class's name
            exchange = take(self, input.case)
            if exchange is None or exchange.response is None:
                return None
            response = _response(exchange)
            self.after_call(response, input.case)
            return StepOutput(response, input.case)

    # without this, operations would be tried with numbers that nobody has
    for rule in base.root_rules - {start}:
        setattr(Machine, rule, None)
    return Machine


def _operation_id(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])


def _identities(case: Any) -> dict[str, Any]:
    """Return what the case names by number: the machine's proposal."""
    body = case.body if isinstance(case.body, dict) else {}
    body = {k: v[0] if isinstance(v, list) and v else v for k, v in body.items()}
    return {**body, **(case.query or {}), **(case.path_parameters or {})}


def _response(exchange: Exchange) -> Response:
    """The exchange as links are followed from."""
    assert exchange.response is not None  # noqa: S101 - for the type checker
    headers: dict[str, list[str]] = {}
    for name, value in exchange.response.headers.multi_items():
        headers.setdefault(name, []).append(value)
    return Response(
        status_code=exchange.status,
        headers=headers,
        content=exchange.content,
        request=requests.Request(exchange.request.method, exchange.request.url).prepare(),
        elapsed=exchange.response.elapsed,
        verify=True,
    )
