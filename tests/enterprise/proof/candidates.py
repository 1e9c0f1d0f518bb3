"""Which faults a requirement's check may find: tried in this order until one is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conformance.contract import load_contract
from conformance.judge.observation import Aspect
from tests.enterprise.proof.engine import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.contract import Contract, Operation
    from conformance.contract.tables.requirements import Requirement

DONE: Final = dict.fromkeys((400, 401, 403, 404, 409, 422), 200)
"""What was refused is answered like a success."""
OTHERWISE: Final = dict.fromkeys((401, 403, 404), 400)
"""A refusal tells another reason."""
BROKEN: Final = dict.fromkeys((200, 201, 204), 500)
"""What was done is answered like a failure."""
CLOSED: Final = dict.fromkeys((200, 201, 204), 403)
"""What was done is answered like a refusal."""
GONE: Final = {200: 404}
"""What is there is not found."""
SPOILED: Final = (
    *("short", "double", "grow", "reverse", "shift", "sink", "flip", "drift"),
    *("clear", "drop", "renumber", "void", "fill", "bytes"),
)
Written = dict[str, Any]


def candidates(requirement: Requirement, contract: Contract, calls: Mapping[str, int]) -> Iterator[Written]:
    """Faults as they are written down, the likeliest first.

    Args:
        requirement: whose check is to find them.
        contract: has its operations.
        calls: how often a test that shows it asks for each operation.
    """
    named = [contract.operations[name] for name in requirement.operations]
    asked = [o for o in named if o.id in calls] or named
    if requirement.aspect in {Aspect.STRICT, Aspect.SECURE}:
        for how in (
            {"turn": DONE},
            {"turn": OTHERWISE},
            {"role": "OW"},
            {"role": "OW", "turn": CLOSED},
            {"spoil": ["echo"]},
            {"tells": True},
        ):
            yield from ({"operation": o.id, **how} for o in asked)
    reads, writes = [o for o in asked if o.method == "GET"], [o for o in asked if o.method != "GET"]
    for o in asked:
        fields = _told(requirement, o)
        for some in [fields, *([f] for f in fields if len(fields) > 1)]:
            yield from ({"operation": o.id, "spoil": [name], "fields": some} for name in ("alter", "drop") if some)
    yield from ({"operation": o.id, "skip": 204 if o.method == "DELETE" else 200} for o in writes)
    yield from _spoiled(reads, ("alter", "empty"))
    yield from ({"operation": o.id, "ignore_query": ["*"]} for o in asked if _has_filters(o))
    # what goes well at first: else nobody comes as far as to what is shown
    lasts = [(o, calls.get(o.id, 0) - 1) for o in asked]
    yield from (late for o, last in lasts if last > 0 for late in _late(o, last))
    yield from ({"operation": o.id, "turn": turn} for o in writes for turn in (CLOSED, BROKEN))
    yield from (
        {"operation": o.id, **how} for o in reads for how in ({"turn": GONE}, {"turn": CLOSED}, {"stale": True})
    )
    yield from _of(writes, reads)
    yield from ({"operation": o.id, "says": dict.fromkeys(fields, 0.5)} for o in reads if (fields := _answered(o)))
    yield from _spoiled(reads, SPOILED)
    yield from _spoiled(writes, ("alter", "empty", "clear", "void", "renumber"))
    yield from (late for o, last in lasts for after in range(last - 1, 0, -1) for late in _late(o, after))
    yield from _beside([contract.operations[n] for n in calls if n and n not in requirement.operations])


def _late(operation: Operation, after: int) -> Iterator[Written]:
    late = {"operation": operation.id, "after": after}
    if operation.method == "GET":
        yield from ({**late, "spoil": [name]} for name in ("alter", "empty", "grow", "sink"))
        yield {**late, "turn": GONE}
    else:
        yield {**late, "repeats": True}
        yield {**late, "turn": CLOSED}
        yield {**late, "ignore_body": ["*"]}


def _beside(operations: Sequence[Operation]) -> Iterator[Written]:
    """What somebody else is wrong about: another list, or a write that the requirement takes for granted."""
    for operation in operations:
        if operation.method == "GET":
            yield from _spoiled([operation], ("alter", "empty"))
        else:
            yield {"operation": operation.id, "skip": 204 if operation.method == "DELETE" else 200}


def _told(requirement: Requirement, operation: Operation) -> list[str]:
    """The properties of an answer that a requirement names, in its statement or source."""
    words = set(re.findall(r"\w+", f"{requirement.statement} {requirement.source}"))
    return sorted(words & set(_answered(operation)))


def _answered(operation: Operation) -> list[str]:
    """The properties of an operation's good answers, at any depth."""
    answers = [m.schema for s in operation.success for m in operation.responses[s].content.values()]
    return sorted(set(_properties(answers, load_contract().document["components"]["schemas"], frozenset())))


def _properties(schema: Any, components: Mapping[str, Any], seen: frozenset[str]) -> Iterator[str]:
    """The names of all properties of a schema, and of what is in them."""
    if isinstance(schema, list):
        for one in schema:
            yield from _properties(one, components, seen)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            yield from _properties(components.get(name), components, seen | {name})
        properties = schema.get("properties")
        named = properties if isinstance(properties, dict) else {}
        yield from named
        for one in (*named.values(), *(part for part in schema.values() if part is not properties)):
            yield from _properties(one, components, seen)


def _has_filters(operation: Operation) -> bool:
    return operation.id.rpartition(".")[2] not in {"get", "retrieve", "create", "update"}


def _spoiled(operations: Sequence[Operation], names: Sequence[str]) -> Iterator[Written]:
    yield from ({"operation": o.id, "spoil": [name]} for o in operations for name in names)


def _of(writes: Sequence[Operation], reads: Sequence[Operation]) -> Iterator[Written]:
    """What an operation that writes may leave undone, or overdo."""
    for operation in writes:
        yield {"operation": operation.id, "ignore_body": ["*"]}
        if operation.method in {"PATCH", "PUT"}:
            yield {"operation": f"{operation.id} {operation.id.rpartition('.')[0]}.get", "overlay": True}
            yield {"operation": " ".join(o.id for o in (operation, *reads)), "overlay": True}
        yield from ({"operation": operation.id, how: by} for how in ("also", "instead") for by in (-1, 1))
        yield {"operation": operation.id, "repeats": True}
        yield {"operation": operation.id, "ignore_query": ["*"]}
        if operation.method == "POST":
            yield {"operation": operation.id, "twice": True}
            create = f"{operation.id.rpartition('.')[0]}.create"
            if create in load_contract().operations and create != operation.id:
                yield {"operation": operation.id, "besides": create}


def fault_of(written: Written) -> Fault:
    """A fault as it is written down."""
    parts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in written.items()}
    return Fault(**parts)
