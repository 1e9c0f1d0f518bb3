"""Roles and operations: each may do what the table says, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.tables.raw import enterprise_authorization
from conformance.outcomes import NotMeasured, Unsupported
from conformance.scenarios.accounts import (
    CODES,
    credentials,
    organization_of,
    set_role,
    shown_token,
    signed_up,
    with_role,
)
from conformance.scenarios.enterprise.people import removed
from conformance.world import World
from conformance.world.keys import LEGACY_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import Services

pytestmark = pytest.mark.destructive

TABLE = enterprise_authorization()
REFUSED = (401, 403, 404)
OUTSIDE = "other organisation"
FORM = "LS-GRANT-015"
OTHER = "other"
"""The role that a key of another organisation is given under: ``--roles other=KEY``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the table.

    Attributes:
        row: the operation and what goes into the call.
        expected: ``allowed``, ``refused``, or a status.
        requirement: what it shows.
    """

    role: str
    row: dict[str, Any]
    expected: str | int
    requirement: str

    @property
    def statuses(self) -> tuple[str | int, ...]:
        """How it may be refused: what a body names and is not to be seen may be told as a wrong value."""
        if self.expected != "refused":
            return (self.expected,)
        return REFUSED if "path" in self.row or self.role != OUTSIDE else (*REFUSED, 400)

    def parameter(self) -> Any:
        """As a parameter of the test, with the requirements that it shows as a marker."""
        shown = [self.requirement] if self.expected == "allowed" else [self.requirement, FORM]
        return pytest.param(self, id=f"{self.role}-{self.row['operation']}", marks=pytest.mark.requirement(*shown))


# in another organisation these are no objects of ours
NOT_OURS = frozenset({"$new", "$me"})


def is_asked(role: str, row: Mapping[str, Any]) -> bool:
    """Return whether a row is about somebody: what names no object is about the organisation of whoever asks."""
    named = set(re.findall(r"\$\w+", str(row))) - NOT_OURS
    return role != OUTSIDE or bool(named)


CELLS = [
    Cell(role=role, row=row, expected=expected, requirement=requirement).parameter()
    for group, rows in TABLE["operations"].items()
    for row in rows
    for role, (expected, requirement) in TABLE["groups"][group].items()
    if is_asked(role, row)
]


class Stage:
    """What the rows are about: a world, and the people in it.

    Args:
        world: makes what the rows name.
        wire: the way to the target.
    """

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire
        organization = wire.call("organizations.get", id=organization_of(wire)).json()
        self._facts = {"$title": organization["title"], "$default_role": organization["default_role"]}
        self._joined: set[tuple[str, object, int]] = set()

    def resolve(self, value: Any) -> Any:
        """A value of the table with what it stands for."""
        if isinstance(value, dict):
            return {k: self.resolve(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        return self._facts[value] if isinstance(value, str) and value in self._facts else self._world.resolve(value)

    def join(self, user: int) -> None:
        """Put somebody into the project and the workspace."""
        with self._wire.unchecked():
            for kind, operation in (("project", "projects.members.add"), ("workspace", "workspaces.members.create")):
                place = self._world.get(kind)
                if (kind, place, user) not in self._joined:
                    self._wire.call(operation, id=place, json={"user": user}, expect=None)
                    self._joined.add((kind, place, user))

    def ask(self, row: Mapping[str, Any], role: str) -> Exchange:
        """Make the request of a row as somebody."""
        arguments = {name: self.resolve(row[name]) for name in ("query", "json") if name in row}
        path = self.resolve(row.get("path", {}))
        return self._wire.call(row["operation"], role=role, expect=None, **arguments, **path)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The roles of the table: the wire's name of each, and the account, where there is one."""

    known: Mapping[str, str]
    members: Mapping[str, int]

    def role(self, called: str) -> str:
        """Return who it is on the wire.

        Raises:
            Unsupported: the target has switched off the keys that can be replaced.
            NotMeasured: nobody named a key of another organisation.
        """
        if called == "revoked" and not self.known[called]:
            raise Unsupported(LEGACY_OFF)
        if called not in self.known:
            raise NotMeasured("needs a key of another organisation: --roles other=KEY")
        return self.known[called]


@pytest.fixture(scope="module")
def people(wire: Wire) -> People:
    """Everybody whom the table names."""
    with wire.key_at_risk():
        members = {called: with_role(wire, called) for called in ("administrator", "manager", "reviewer", "annotator")}
        idle = {called: signed_up(wire) for called in ("not activated", "deactivated")}
        for called, account in idle.items():
            wire.call("users.whoami", role=account.role)  # with a key that was good
            set_role(wire, account.id, CODES[called])
        revoked = with_role(wire, "manager")
        if revoked.legacy:
            fresh = wire.call("users.reset_token", role=revoked.role).json()["token"]
            wire.credentials[f"{revoked.role}-reset"] = credentials(wire, fresh or shown_token(wire.history[-1]))
        known = {
            "owner": "default",
            "anonymous": "anonymous",
            "removed": removed(wire).role,
            "revoked": revoked.role if revoked.legacy else "",
            **{called: account.role for called, account in {**members, **idle}.items()},
            **({OUTSIDE: OTHER} if OTHER in wire.credentials else {}),
        }
    return People(known=known, members={called: account.id for called, account in members.items()})


@pytest.fixture(scope="module")
def rows_world(wire: Wire, services: Services) -> Iterator[World]:
    world = World(wire, services)
    with world.scope():
        yield world


@pytest.fixture(scope="module")
def stage(rows_world: World, wire: Wire) -> Stage:
    """What most cells are about; made before the first."""
    for kind in ("project", "workspace", "task", "annotation", "user", "me", "organization"):
        rows_world.get(kind)
    return Stage(rows_world, wire)


@pytest.mark.parametrize("cell", CELLS)
def test_a_role_may_do_what_the_table_says(
    api: Wire, show: Show, stage: Stage, rows_world: World, people: People, cell: Cell
) -> None:
    role = people.role(cell.role)
    if cell.row.get("fresh"):
        with rows_world.scope():
            exchange = asked(Stage(rows_world, api), people, cell, role)
    else:
        exchange = asked(stage, people, cell, role)
    done = 200 <= exchange.status < 300 and not is_empty(exchange)
    allowed = cell.expected == "allowed"
    show(
        cell.requirement,
        200 <= exchange.status < 300 if allowed else not done,
        expected=f"{cell.role}: {cell.expected}",
        got=exchange.brief(),
        exchange=exchange,
        signature=f"{cell.row['operation']} HTTP {exchange.status}",
    )
    if not allowed:
        wanted = cell.statuses
        refused = exchange.status in wanted or 200 <= exchange.status < 300  # what was done is told above
        signature = f"HTTP {exchange.status}"
        show(FORM, refused, expected=wanted, got=exchange.brief(), exchange=exchange, signature=signature)


def asked(stage: Stage, people: People, cell: Cell, role: str) -> Exchange:
    """Make the request of a cell, as a member of project and workspace where somebody is one."""
    if cell.role in people.members:
        stage.join(people.members[cell.role])
    return stage.ask(cell.row, role)


def is_empty(exchange: Exchange) -> bool:
    """Return whether the answer is an empty list."""
    try:
        answer = exchange.json()
    except ValueError:
        return False
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]  # the activity log is a list with one page in it
    if isinstance(answer, dict):
        answer = next((answer[k] for k in ("results", "data") if k in answer), answer)
    return isinstance(answer, list) and not answer


@pytest.mark.requirement("LS-GRANT-016")
@pytest.mark.parametrize(
    "called", ["annotator", "reviewer", "not activated", "deactivated", "removed", "revoked", "anonymous"]
)
def test_what_was_refused_has_changed_nothing(
    api: Wire, show: Show, people: People, org: int, workspace: dict[str, Any], called: str
) -> None:
    who = people.role(called)
    before = api.call("workspaces.get", id=workspace["id"]).json()
    person = with_role(api, "annotator")
    answer = api.call("workspaces.update", id=workspace["id"], json={"title": "Taken over"}, role=who, expect=None)
    api.call("workspaces.delete", id=workspace["id"], role=who, expect=None)
    body = {"user_id": person.id, "role": "AD"}
    api.call("organizations.members.update", id=org, json=body, role=who, expect=None)
    now = api.call("workspaces.get", id=workspace["id"], expect=None)
    listed = api.call("organizations.members.list", id=org, query={"search": person.email}).json()
    got = [now.json()["title"] if now.ok else now.brief(), [item["role"] for item in listed["results"]]]
    show.equal("LS-GRANT-016", expected=[before["title"], ["AN"]], got=got, exchange=answer)
