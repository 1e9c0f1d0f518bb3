"""Reads a target for what a run left there: everything that is proven to be the run's, by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from conformance.errors import printable
from conformance.run.sweep.proof import Period, created, doubt, named, proven, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.naming import RunId
    from conformance.wire import Exchange, Wire
    from conformance.wire.safety.journal import Key, Memory, Remembered

LISTS: Final[Mapping[str, str]] = {
    "project": "projects.list",
    "user": "users.list",
    "workspace": "workspaces.list",
    "prompt": "prompts.list",
    "member_tag": "organizations.member_tags.list",
}
"""Kind → the operation that lists all of it."""
PAGE: Final = 100
MOST_PAGES: Final = 1000
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object that is there, and proven to be the run's."""

    kind: str
    identity: str
    name: str = ""
    created: str = ""
    parent: Key | None = None

    @property
    def key(self) -> Key:
        """Kind and identity."""
        return self.kind, self.identity

    def __str__(self) -> str:
        name = f" {printable(self.name, limit=80)!r}" if self.name else ""
        return f"{self.kind} {self.identity}{name}" + (f", created {self.created}" if self.created else "")


@dataclass(slots=True)
class Findings:
    """What a look at the target says.

    Attributes:
        ours: proven to be the run's; what goes away with one of them is not named by itself.
        gone: how many objects of the journal are not there any more.
        others: objects with a number of the journal that are not proven to be the run's, with the reason; left alone.
        unknown: what could not be found out.
    """

    ours: list[Found] = field(default_factory=list)
    gone: int = 0
    others: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def find(wire: Wire, memory: Memory, run: RunId) -> Findings:
    """Look for what the run left; nothing is changed.

    Args:
        wire: to the target.
        memory: what the run's journals say.
        run: whose objects to look for.

    Raises:
        TargetLost: the target is gone, or no longer takes the key.
    """
    findings = Findings()
    with wire.unchecked():
        skew = _skew(wire)
        period = Period.of(run, memory.until, skew=skew)
        known = {(r.kind, r.identity) for r in memory.left}
        for remembered in memory.left:
            if remembered.parent is None or remembered.parent not in known:
                _look(wire, remembered, run, period, findings)
        names = wanted(memory.intended, run, skew=skew)
        for kind in names:
            identity = wire.resources.kinds[kind].identity
            listed = (i for i in _listed(wire, kind, findings) if (kind, str(i.get(identity))) not in known)
            findings.ours += [_found(kind, str(i[identity]), i) for i in proven(kind, listed, names[kind], run)]
        nameless = Counter(i.kind for i in memory.open if i.name not in names.get(i.kind, ()))
        findings.unknown += [
            f"{kind}: {n} asked for without a name of the run's, and not answered or by an error of the server's; "
            "whether it was made is not known"
            for kind, n in nameless.items()
        ]
    return findings


def _skew(wire: Wire) -> timedelta:
    """Return how far the target's clock is ahead of ours; nothing where it does not say the time."""
    answer = wire.call("users.whoami", expect=None)
    date = answer.response.headers.get("date") if answer.response else None
    try:
        return parsedate_to_datetime(date) - datetime.now(UTC) if date else timedelta()
    except (ValueError, TypeError):
        return timedelta()


def _look(wire: Wire, remembered: Remembered, run: RunId, period: Period, findings: Findings) -> None:
    """Read an object that the journal names, and judge whether it is the one that the run made."""
    kind = wire.resources.kinds[remembered.kind]
    what = f"{remembered.kind} {remembered.identity}"
    if kind.read is None:
        findings.unknown.append(f"{what}: no operation shows it, so it is not known whether it is the run's")
        return
    operation = wire.contract[kind.read]
    values: dict[str, Any] = {operation.slots[-1]: remembered.identity}
    slots = wire.resources.slot_kinds(operation)
    values |= {s: remembered.parent[1] for s, k in slots.items() if remembered.parent and k == remembered.parent[0]}
    exchange = wire.call(kind.read, expect=None, **values)
    if exchange.status == _NOT_FOUND:
        findings.gone += 1
        return
    shown = exchange.object() if exchange.ok else None
    if shown is None:
        findings.unknown.append(f"{what}: it cannot be read ({exchange.brief()}), so it is not known whose it is")
        return
    why = doubt(remembered, shown, run, period)
    if remembered.parent is not None and why is None:
        belongs = shown.get(remembered.parent[0])
        if isinstance(belongs, int | str) and str(belongs) != remembered.parent[1]:
            why = "another object has this number now"
    if why is None:
        findings.ours.append(_found(remembered.kind, remembered.identity, shown, remembered.parent))
    else:
        findings.others.append(f"{what}: {why}")


def _found(kind: str, identity: str, shown: Mapping[str, Any], parent: Key | None = None) -> Found:
    return Found(kind=kind, identity=identity, name=named(kind, shown), created=created(shown), parent=parent)


def _listed(wire: Wire, kind: str, findings: Findings) -> Iterator[dict[str, Any]]:
    """Every object of a kind, page by page."""
    if kind not in LISTS:
        findings.unknown.append(f"{kind}: no operation lists it, so it is not known whether the last one was made")
        return
    for page in range(1, MOST_PAGES):
        exchange = wire.call(LISTS[kind], query={"page": page, "page_size": PAGE}, expect=None)
        items = _items(exchange)
        if items is None:
            # behind the last page there is none
            if page == 1:
                findings.unknown.append(f"{kind}: they cannot be listed ({exchange.brief()})")
            return
        yield from items
        if not isinstance(exchange.json(), dict) or not exchange.json().get("next"):
            return


def _items(exchange: Exchange) -> list[dict[str, Any]] | None:
    try:
        data = exchange.json() if exchange.ok else None
    except (ValueError, RecursionError):
        return None
    if isinstance(data, dict):
        data = data.get("results")
    return [i for i in data if isinstance(i, dict)] if isinstance(data, list) else None
