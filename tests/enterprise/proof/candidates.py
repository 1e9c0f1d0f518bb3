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
BROKEN: Final = dict.fromkeys((200, 201, 204), 500)
"""What was done is answered like a failure."""
CLOSED: Final = dict.fromkeys((200, 201, 204), 403)
"""What was done is answered like a refusal."""
USUAL: Final = ("alter", "empty", "shift", "flip", "drift")
OTHERS: Final = ("short", "double", "reverse", "clear", "drop", "renumber", "void", "fill", "echo", "bytes")
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
    yield from _likely(requirement, asked)
    yield from (late for o in asked for late in _late(o, calls))
    beside = [contract.operations[name] for name in calls if name and name not in requirement.operations]
    for o in beside:
        if o.method == "GET":
            yield from _spoiled([o], ("alter", "empty"))
        else:
            yield {"operation": o.id, "skip": 204 if o.method == "DELETE" else 200}


def _likely(requirement: Requirement, operations: Sequence[Operation]) -> Iterator[Written]:
    """What an operation that the requirement speaks of may get wrong."""
    reads, writes = [o for o in operations if o.method == "GET"], [o for o in operations if o.method != "GET"]
    if requirement.aspect in {Aspect.STRICT, Aspect.SECURE}:
        yield from ({"operation": o.id, "turn": DONE} for o in operations)
        yield from ({"operation": o.id, "role": "OW"} for o in operations)
        yield from ({"operation": o.id, "spoil": ["echo"]} for o in operations)
    for operation in reads:
        fields = _told(requirement, operation)
        yield from ({"operation": operation.id, "spoil": [n], "fields": fields} for n in ("alter", "drop") if fields)
        if _has_filters(operation):
            yield {"operation": operation.id, "ignore_query": ["*"]}
    yield from ({"operation": o.id, "skip": 204 if o.method == "DELETE" else 200} for o in writes)
    yield from _spoiled(reads, USUAL)
    yield from _of(writes)
    for operation in writes:
        fields = _told(requirement, operation)
        yield from ({"operation": operation.id, "spoil": ["alter"], "fields": fields} for _ in fields[:1])
    yield from ({"operation": o.id, "stale": True} for o in reads)
    yield from ({"operation": o.id, "turn": turn} for o in writes for turn in (BROKEN, CLOSED))
    yield from _spoiled(reads, OTHERS)
    yield from _spoiled(writes, (*USUAL, "clear", "void", "renumber"))


def _late(operation: Operation, calls: Mapping[str, int]) -> Iterator[Written]:
    """What goes well at first: else nobody comes as far as to what is shown."""
    for after in range(calls.get(operation.id, 0) - 1, 0, -1):
        late = {"operation": operation.id, "after": after}
        if operation.method == "GET":
            yield from ({**late, "spoil": [name]} for name in ("alter", "empty", "double"))
        else:
            yield {**late, "repeats": True}
            yield {**late, "turn": BROKEN}
            yield {**late, "ignore_body": ["*"]}


def _told(requirement: Requirement, operation: Operation) -> list[str]:
    """The properties of an answer that a requirement names, in its statement or source."""
    words = set(re.findall(r"\w+", f"{requirement.statement} {requirement.source}"))
    answers = [m.schema for s in operation.success for m in operation.responses[s].content.values()]
    return sorted(words & set(_properties(answers, load_contract().document["components"]["schemas"], frozenset())))


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


def _of(writes: Sequence[Operation]) -> Iterator[Written]:
    """What an operation that writes may leave undone, or overdo."""
    for operation in writes:
        yield {"operation": operation.id, "ignore_body": ["*"]}
        if operation.method in {"PATCH", "PUT"}:
            yield {"operation": f"{operation.id} {operation.id.rpartition('.')[0]}.get", "overlay": True}
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
