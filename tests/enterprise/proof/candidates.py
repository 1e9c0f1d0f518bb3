"""Which faults a requirement's check may find: tried in this order until one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.judge.observation import Aspect
from tests.enterprise.proof.engine import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.contract import Contract, Operation
    from conformance.contract.tables.requirements import Requirement

DONE: Final = dict.fromkeys((400, 401, 403, 404, 409, 422), 200)
"""What was refused is answered like a success."""
BROKEN: Final = dict.fromkeys((200, 201, 204), 500)
"""What was done is answered like a failure."""
USUAL: Final = ("empty", "shift", "flip", "drift")
OTHERS: Final = ("short", "double", "reverse", "clear", "renumber", "void", "fill", "echo", "bytes")


def candidates(requirement: Requirement, contract: Contract) -> Iterator[dict[str, Any]]:
    """Faults as they are written down, the likeliest first."""
    operations = [contract.operations[name] for name in requirement.operations]
    reads, writes = [o for o in operations if o.method == "GET"], [o for o in operations if o.method != "GET"]
    if requirement.aspect in {Aspect.STRICT, Aspect.SECURE}:
        yield from ({"operation": o.id, "turn": DONE} for o in operations)
        yield from ({"operation": o.id, "role": "OW"} for o in operations)
    yield from ({"operation": o.id, "ignore_query": ["*"]} for o in operations if _has_filters(o))
    yield from ({"operation": o.id, "skip": 204 if o.method == "DELETE" else 200} for o in writes)
    yield from _spoiled(reads, USUAL)
    yield from _of(writes)
    yield from _spoiled(reads, OTHERS)
    yield from ({"operation": o.id, "turn": BROKEN} for o in writes)
    yield from _spoiled(writes, (*USUAL, "void", "renumber"))


def _has_filters(operation: Operation) -> bool:
    return operation.id.rpartition(".")[2] not in {"get", "retrieve", "create", "update"}


def _spoiled(operations: Sequence[Operation], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    yield from ({"operation": o.id, "spoil": [name]} for o in operations for name in names)


def _of(writes: Sequence[Operation]) -> Iterator[dict[str, Any]]:
    """What an operation that writes may leave undone, or overdo."""
    for operation in writes:
        yield from ({"operation": operation.id, "also": by} for by in (-1, 1))
        yield {"operation": operation.id, "ignore_body": ["*"]}
        if operation.method in {"PATCH", "PUT"}:
            yield {"operation": f"{operation.id} {operation.id.rpartition('.')[0]}.get", "overlay": True}


def fault_of(written: dict[str, Any]) -> Fault:
    """A fault as it is written down."""
    parts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in written.items()}
    return Fault(**parts)
