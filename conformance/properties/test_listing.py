"""Lists: filters, pages, order; and that looking changes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.places import at
from conformance.contract.tables.rules import load_rules
from conformance.properties.judging.comparing import same, show, stable
from conformance.properties.judging.recording import nothing_to_do
from conformance.properties.registry import shows
from conformance.wire.checking.checks import METHOD_NOT_ALLOWED

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import Prepared
    from conformance.properties.judging.recording import Check
    from conformance.wire import Exchange, Wire
    from conformance.world import World

_SHARED: Final = re.compile(r"\bpublic\b|\bs-maxage\b", re.IGNORECASE)
OBJECTS = 5
PAGE_SIZES = (1, 2, 100)
MOST_PAGES = 60


@shows("safe", "unshared")
def test_safe(operation: Operation, whole_world: World, check: Check) -> None:
    """The same GET twice gives the same answer, to whom it is for."""
    with check.prerequisites():
        prepared = whole_world.request(operation.id)
    first, second = whole_world.send(prepared), whole_world.send(prepared)
    if not first.ok:
        nothing_to_do(f"it answers no success: {first.brief()}")
    if whole_world.read_only and not same(_stable(first), _stable(second)):
        # somebody else may have written meanwhile
        first, second = whole_world.send(prepared), whole_world.send(prepared)
    one, other = _stable(first), _stable(second)
    if operation.id in load_rules().parts_told_by and isinstance(one, dict) and isinstance(other, dict):
        one, other = ({k: v for k, v in body.items() if k in one and k in other} for body in (one, other))
    equal = first.status == second.status and same(one, other)
    check(
        holds=equal,
        message=f"{operation} was sent twice, with nothing in between, and answered differently.",
        expected=show(_stable(first)),
        got=show(_stable(second)),
        signature="differs",
        exchange=second,
    )
    if not operation.secured:
        return
    offered = first.response.headers.get("cache-control", "") if first.response is not None else ""
    check(
        rule="unshared",
        holds=not _SHARED.search(offered),
        message=f"{operation} lets every cache on the way keep what was answered to somebody's key.",
        expected="neither public nor s-maxage in Cache-Control",
        got=f"Cache-Control: {offered}",
        signature="shared",
        exchange=first,
    )


@shows("head", depth="gate")
def test_head(operation: Operation, whole_world: World, wire: Wire, check: Check) -> None:
    """HEAD has the status and the type that GET has; or it is refused, as any method that is not served."""
    with check.prerequisites():
        prepared = whole_world.request(operation.id)
    get = whole_world.send(prepared)
    if not get.ok:
        nothing_to_do(f"it answers no success: {get.brief()}")
    head = wire.send(replace(get.request, method="HEAD", headers=_own(get)), role=prepared.role)
    if head.response is None or get.response is None:
        return
    sizes = {e.response.headers.get("content-length", "") for e in (get, head) if e.response is not None}
    same_size = len(sizes - {"", "0"}) <= 1 or operation.id in load_rules().parts_told_by
    check(
        holds=(head.status, head.content_type) == (get.status, get.content_type) and same_size
        if head.status != METHOD_NOT_ALLOWED
        else "GET" in head.response.headers.get("allow", ""),
        message=f"{operation} answers HEAD otherwise than GET.",
        expected=f"{get.status} {get.content_type}, or 405 with Allow",
        got=f"{head.status} {head.content_type}",
        signature=f"HTTP {head.status}" if head.status != get.status else "other headers",
        exchange=head,
    )


def _own(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """Headers without those that the wire adds."""
    added = {"authorization", "user-agent", "x-request-id"}
    return tuple((n, v) for n, v in exchange.request.headers if n.lower() not in added)


@shows("filter")
def test_filter(operation: Operation, fresh_world: World, wire: Wire, check: Check) -> None:
    """A list that is filtered by an object holds what hangs on it, and nothing else."""
    world = fresh_world
    for name, rule in load_rules().filters[operation.id].items():
        kind = rule["kind"]
        with check.prerequisites():
            other = None if wire.read_only else world.get(kind)
            if other is not None:
                world.forget(wire.resources.root(kind).name)
            mine = world.get(kind)
            prepared = world.request(operation.id)
            exchange = world.send(prepared)
        if not exchange.ok:
            nothing_to_do(f"it answers no success: {exchange.brief()}")
        wanted = prepared.query.get(name, prepared.path.get(name))
        elements = [e for e in at(exchange.json(), rule["at"]) if isinstance(e, dict)]
        identity = wire.resources.kinds[kind].identity
        strangers = [e for e in elements if rule["field"] in e and str(e[rule["field"]]) != str(wanted)]
        found = [e.get(identity) for e in elements]
        if wire.read_only and not elements:
            nothing_to_do("the list is empty, and the target is only read")
        check(
            # on a target that is only read, what was named may be on another page
            holds=(mine in found or wire.read_only) and other not in found and not strangers,
            message=f"{operation} with {name}={wanted} does not hold exactly what belongs to it.",
            expected=f"{kind} {mine}, and {f'not {other}' if other is not None else 'nothing of others'}",
            got=f"{identity}s {show(found)}",
            signature=f"filter {name}",
            exchange=exchange,
        )


def _several(world: World, kind: str, *, read_only: bool) -> list[Any]:
    """Objects that a list has to show: made for it, or what is there."""
    if read_only:
        return [world.get(kind)]
    made = []
    for _ in range(OBJECTS):
        made.append(world.get(kind))
        if len(made) < OBJECTS:
            world.renew(kind)
    return made


@shows("pages", depth="gate")
def test_pages(operation: Operation, fresh_world: World, wire: Wire, check: Check) -> None:
    """Pages of any size hold every object once, and the total does not change."""
    world, rule = fresh_world, load_rules().paged[operation.id]
    with check.prerequisites():
        made = _several(world, rule["make"], read_only=wire.read_only)
        prepared = world.request(operation.id)
    for size in PAGE_SIZES:
        pages = _leaf_through(operation, wire, prepared, size)
        if not pages.hold(made) and wire.read_only:
            # somebody else may have written meanwhile
            pages = _leaf_through(operation, wire, prepared, size)
        check(
            holds=pages.hold(made),
            message=f"The pages of {operation} with page_size={size} do not hold every object exactly once.",
            expected=f"each of {show(made)} once, a total of {len(set(pages.seen) | set(made))}",
            got=f"ids {show(pages.seen)}, totals {sorted(pages.totals)}",
            signature=pages.wrong(made),
            exchange=pages.last,
        )


@dataclass(slots=True)
class _Pages:
    """What the pages of a list showed.

    Attributes:
        seen: identities, in their order.
        totals: each number of objects that a page told.
        last: the last answer.
        cut: there were more pages than a test looks at.
    """

    seen: list[Any] = field(default_factory=list)
    totals: set[Any] = field(default_factory=set)
    last: Exchange | None = None
    cut: bool = False

    def hold(self, made: list[Any]) -> bool:
        """Return whether each object is listed once, and all pages give the same, right total."""
        once = len(self.seen) == len(set(self.seen)) and len(self.totals) == 1
        return once and (self.cut or (not set(made) - set(self.seen) and self.totals == {len(self.seen)}))

    def wrong(self, made: list[Any]) -> str:
        """How they do not: what is shown twice in place of another is out of order, what is nowhere is lost."""
        lost, twice = set(made) - set(self.seen), len(self.seen) > len(set(self.seen))
        if lost and not twice:
            return "pages: some are lost"
        return "pages: some are there twice" if twice and not lost else "pages"


def _leaf_through(operation: Operation, wire: Wire, prepared: Prepared, size: int) -> _Pages:
    rule, pages = load_rules().paged[operation.id], _Pages()
    for page in range(1, MOST_PAGES):
        query = {**prepared.query, "page": page, "page_size": size}
        pages.last = wire.call(operation.id, query=query, expect=None, **prepared.path)
        if not pages.last.ok:
            return pages
        elements = at(pages.last.json(), rule["at"])
        pages.totals.update(at(pages.last.json(), rule["total"]))
        pages.seen += [e.get("id") for e in elements if isinstance(e, dict)]
        most = max([t for t in pages.totals if isinstance(t, int)], default=0)
        if len(elements) < size or len(pages.seen) >= most:
            # there may be one more page with nothing on it, and none that shows once more what was seen
            beyond = wire.call(operation.id, query={**query, "page": page + 1}, expect=None, **prepared.path)
            again = at(beyond.json(), rule["at"]) if beyond.ok else []
            pages.seen += [e.get("id") for e in again if isinstance(e, dict)]
            return pages
    pages.cut = True
    return pages


@shows("order", depth="gate")
def test_order(operation: Operation, fresh_world: World, wire: Wire, check: Check) -> None:
    """Ascending and descending order are the reverse of each other."""
    world = fresh_world
    rule = load_rules().ordered[operation.id]
    with check.prerequisites():
        _several(world, rule["make"], read_only=wire.read_only)
        prepared = world.request(operation.id)
    orders: list[list[Any]] = []
    for ordering in (rule["field"], f"-{rule['field']}"):
        query = {**prepared.query, "ordering": ordering}
        exchange = wire.call(operation.id, query=query, expect=None, **prepared.path)
        if not exchange.ok:
            nothing_to_do(f"it answers no success: {exchange.brief()}")
        orders.append([e.get(rule["field"]) for e in at(exchange.json(), rule["at"]) if isinstance(e, dict)])
    up, down = orders
    ordered = up == in_order(up) and down == in_order(down)[::-1]
    if wire.read_only:
        # what is there may fill more than a page: each end of it is in order
        holds = ordered and bool(up)
    else:
        whole = down == up[::-1] or (len(down) == len(up) and any(one not in up for one in down))
        holds = ordered and whole and len(up) >= OBJECTS
    check(
        holds=holds,
        message=f"{operation} does not order by {rule['field']}.",
        expected=f"{show(in_order(up))} and its reverse",
        got=f"{show(up)} and {show(down)}",
        signature="order",
        exchange=exchange,
    )


def in_order(values: list[Any]) -> list[Any]:
    """The values from the smallest up; what is no number, which a server may tell as well, comes first."""
    return sorted(values, key=lambda value: value if isinstance(value, int) else -1)


def _stable(exchange: Exchange) -> Any:
    """The body without what changes by itself."""
    try:
        return stable(exchange.json())
    except ValueError:
        return None if "json" in exchange.content_type else exchange.content_type
