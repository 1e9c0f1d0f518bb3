"""Who may do what: the table in ``spec/authorization.yaml``, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition, load_contract
from conformance.contract.tables.raw import authorization
from conformance.contract.tables.rules import load_rules
from conformance.outcomes import Unsupported
from conformance.scenarios.accounts import credentials, full_member, organization_of, signed_up
from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.world.addresses import unused
from conformance.world.keys import LEGACY_OFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

TABLE = authorization()
REFUSED = (401, 403, 404)
GONE = "the key of somebody who was removed"
FORM = "LS-AUTHZ-012"
TOLD_ALONE = {"queue_done", "queue_left", "queue_total", "drafts", "draft_exists"}
"""Fields that tell of whoever asks."""
NOT_COMPARED = ("actions.list", "users.list", "files.list")
"""What may be done is another thing for each; people come and go while a run goes on; LS-IMPORT-048 is about files."""
LESSER = "lesser member"
"""Whom a member's refusals are asked of: where members have roles, an administrator may do much of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of the table.

    Attributes:
        row: the operation and what goes into the call.
        expected: ``allowed``, ``refused``, ``untouched``, or a status.
        requirement: what it shows.
    """

    role: str
    row: dict[str, Any]
    expected: str | int
    requirement: str

    def parameter(self) -> Any:
        """As a parameter of the test, with the requirements that it shows as a marker."""
        asks_form = self.expected not in {"allowed", "untouched"}
        shown = [self.requirement, FORM] if asks_form else [self.requirement]
        action = f"+{self.row['query']['id']}" if self.row["operation"] == "actions.create" else ""
        name = f"{self.role}-{self.row['operation']}{action}"
        return pytest.param(self, id=name, marks=pytest.mark.requirement(*shown))


CELLS = [
    Cell(role=role, row=row, expected=expected, requirement=requirement).parameter()
    for group, rows in TABLE["operations"].items()
    for row in rows
    for role, (expected, requirement) in TABLE["groups"][group].items()
]


class World(dict[str, Any]):
    """What the names of the table stand for; an object is made when its id is first asked for."""

    def __init__(self, wire: Wire, title: str) -> None:
        email = wire.names.email("conformance")
        super().__init__(title=title, label_config=TEXT_CHOICES, email=email, username=email.partition("@")[0])
        self._wire = wire

    def __missing__(self, name: str) -> Any:
        """Make an object, as the owner; the address is one that the target takes."""
        if name == "address":
            self[name] = address = unused(self._wire)
            return address
        recipe = TABLE["world"][name]
        made = asked(self._wire, recipe, self, "default", expect="success").json()[recipe.get("at", "id")]
        self[name] = number = int(made[0] if isinstance(made, list) else made)
        return number


def filled(value: Any, world: World) -> Any:
    """A value of the table with what it stands for in the place of names such as ``$project``."""
    if isinstance(value, dict):
        return {k: filled(v, world) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, world) for v in value]
    return world[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def asked(
    wire: Wire, row: dict[str, Any], world: World, role: str, *, expect: str | None = None, deed: str = ""
) -> Exchange:
    """Make the request of a row as somebody."""
    arguments: dict[str, Any] = {name: filled(row[name], world) for name in ("query", "json") if name in row}
    if "upload" in row:
        arguments["files"] = [("file", (name, text.encode(), "text/csv")) for name, text in row["upload"].items()]
    path = filled(row.get("path", {}), world)
    return wire.call(row["operation"], role=role, expect=expect, deed=deed, **arguments, **path)


@pytest.fixture(scope="module")
def world(wire: Wire, new_name: Callable[[str], str]) -> World:
    """What most cells are about; made as a whole before the first, since what a test makes goes away with it."""
    whole = World(wire, new_name("authorization"))
    for name in TABLE["world"]:
        _ = whole[name]
    return whole


@pytest.fixture(scope="module")
def roles(wire: Wire) -> dict[str, str]:
    """The roles of the table, as the wire knows them."""
    member, removed, revoked = full_member(wire), signed_up(wire), signed_up(wire)
    lesser = full_member(wire, called="annotator") if wire.resources.edition is Edition.ENTERPRISE else member
    organization = organization_of(wire)
    wire.call("users.whoami", role=removed.role)  # with a key that was good
    wire.call("organizations.members.delete", id=organization, user_pk=removed.id)
    if revoked.legacy:
        fresh = wire.call("users.reset_token", role=revoked.role).json()["token"]
        wire.credentials[f"{revoked.role}-reset"] = credentials(wire, fresh)
    replaced = revoked.role if revoked.legacy else ""
    return {
        "owner": "default",
        "member": member.role,
        LESSER: lesser.role,
        "removed": removed.role,
        "revoked": replaced,
        "anonymous": "anonymous",
        "elsewhere": "default",
    }


def known(roles: dict[str, str], role: str) -> str:
    """Return who it is on the wire.

    Raises:
        Unsupported: the target has switched off the keys that can be replaced.
    """
    if not roles[role]:
        raise Unsupported(LEGACY_OFF)
    return roles[role]


def gone_with_a_token(role: str, roles: dict[str, str]) -> bool:
    """Return whether the account was removed and has a personal access token only, since legacy tokens are off."""
    return role == "removed" and not roles["revoked"]


def is_empty(exchange: Exchange) -> bool:
    """Return whether the answer is an empty list."""
    try:
        answer = exchange.json()
    except ValueError:
        return False
    if isinstance(answer, dict):
        answer = next((answer[k] for k in ("results", "tasks") if k in answer), answer)
    return isinstance(answer, list) and not answer


@pytest.mark.parametrize("cell", CELLS)
def test_a_role_may_do_what_the_table_says(
    api: Wire, show: Show, world: World, roles: dict[str, str], new_name: Callable[[str], str], cell: Cell
) -> None:
    may_not = cell.role == "member" and cell.expected != "allowed"
    role = known(roles, LESSER if may_not else cell.role)
    objects = World(api, new_name("authorization")) if cell.row.get("fresh") else world
    still = cell.row.get("still")
    if still is not None:
        asked(api, still, objects, "default", expect="success")  # it is there before
    deed = "" if cell.expected == "allowed" else f"{cell.role}, who may not"
    exchange = asked(api, cell.row, objects, role, deed=GONE if gone_with_a_token(cell.role, roles) else deed)
    if still is not None:
        now = asked(api, still, objects, "default")
        show(
            cell.requirement,
            now.ok,
            expected=f"{still['operation']} succeeds as before",
            got=f"{now.brief()} after {exchange.brief()}",
            exchange=exchange,
            signature=f"{cell.row['operation']} touched it",
        )
    if cell.expected == "untouched":
        return
    succeeded = 200 <= exchange.status < 300
    done = succeeded and not is_empty(exchange)
    allowed = cell.expected == "allowed"
    show(
        cell.requirement,
        succeeded if allowed else not done,
        expected=f"{cell.role}: {cell.expected}",
        got=exchange.brief(),
        exchange=exchange,
        signature=f"{cell.row['operation']} HTTP {exchange.status}",
    )
    if not allowed:
        wanted = REFUSED if cell.expected == "refused" else (cell.expected,)
        refused = exchange.status in wanted or succeeded  # that something was done is told above
        signature = f"{cell.row['operation']} HTTP {exchange.status}"
        if gone_with_a_token(cell.role, roles):  # one cause for all operations
            signature = f"HTTP {exchange.status}: {GONE}"
        show(FORM, refused, expected=wanted, got=exchange.brief(), exchange=exchange, signature=signature)


def of_anybody(value: Any) -> Any:
    """An answer without what tells of whoever asks, and without what changes by itself."""
    if isinstance(value, list):
        return [of_anybody(v) for v in value]
    if not isinstance(value, dict):
        return value
    left_out = TOLD_ALONE | set(load_rules().volatile)
    return {k: of_anybody(v) for k, v in value.items() if k not in left_out}


@pytest.mark.requirement("LS-AUTHZ-014")
def test_a_member_reads_what_the_owner_reads(api: Wire, show: Show, world: World, roles: dict[str, str]) -> None:
    rows = [r for r in TABLE["operations"]["work"] if load_contract()[r["operation"]].method == "GET"]
    for row in rows:
        if row["operation"] in NOT_COMPARED:
            continue
        own, theirs = (asked(api, row, world, role) for role in ("default", roles["member"]))
        if not (own.ok and theirs.ok):
            continue  # whether it may be asked is another question
        if not own.content_type.endswith("json") or is_empty(own):
            continue
        expected, got = of_anybody(own.json()), of_anybody(theirs.json())
        show.equal("LS-AUTHZ-014", expected=expected, got=got, exchange=theirs, signature=row["operation"])


@pytest.mark.requirement("LS-AUTHZ-011")
@pytest.mark.parametrize("role", ["removed", "revoked", "anonymous"])
def test_what_was_refused_has_changed_nothing(
    api: Wire, show: Show, roles: dict[str, str], new_project: NewProject, role: str
) -> None:
    project = new_project(description="as it was")
    body = {"description": "changed"}
    who = known(roles, role)
    deed = GONE if gone_with_a_token(role, roles) else None
    exchange = api.call("projects.update", id=project["id"], json=body, role=who, expect=None, deed=deed)
    api.call("projects.delete", id=project["id"], role=who, expect=None, deed=deed)
    now = api.call("projects.get", id=project["id"], expect=None)
    got = now.json().get("description") if now.ok else now.brief()
    show.equal("LS-AUTHZ-011", expected="as it was", got=got, exchange=exchange)
