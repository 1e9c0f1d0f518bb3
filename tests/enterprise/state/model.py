"""What the façade knows, and what the function of an operation is given."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.contract import SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from tests.enterprise.facade.callers import BELOW_MANAGER, Callers, Roles
from tests.enterprise.facade.refusals import Refusal, not_found
from tests.enterprise.facade.requests import Reader
from tests.enterprise.state.people import People
from tests.enterprise.state.shapes import Shapes
from tests.enterprise.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.facade.upstream import Upstream
    from tests.enterprise.state.community import Community
    from tests.enterprise.state.store import Item

SERVED: dict[str, Callable[[Call], Any]] = {}
LOGGED = 5000
# among settings: when their object was made
BORN = ""


def serves(*operations: str) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """The decorated function answers these operations: with a body, or with an :class:`Answer`."""

    def keep(function: Callable[[Call], Any]) -> Callable[[Call], Any]:
        for operation in operations:
            SERVED[operation] = function
        return function

    return keep


@dataclass(frozen=True, slots=True)
class Answer:
    """A success that is not the first documented one, or none of JSON."""

    status: int
    body: Any = None


class Model:
    """The state of the stand-in.

    Attributes:
        settings: what an organisation or a project is set to beyond what the real server keeps, by kind and identity.
        log: the activity log, oldest first.
        lock: held while an operation is answered.
    """

    def __init__(self, community: Community, upstream: Upstream) -> None:
        self.contract = load_contract()
        self.resources = load_resources()
        self.schemas = SchemaChecker(self.contract)
        self.community = community
        self.upstream = upstream
        self.store = Store(community.born)
        self.roles = Roles()
        self.callers = Callers(upstream, community, self.roles)
        self.settings: dict[tuple[str, int], dict[str, Any]] = {}
        self.people = People(community, self.store, self.callers, self.settings)
        self.shapes = Shapes(self.contract, self.people.expand)
        self.reader = Reader(self.contract, self.schemas, self.shapes)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOGGED)
        self.lock = threading.RLock()

    def set(self, kind: str, identity: int) -> dict[str, Any]:
        """What an object of the real server is set to besides; ``project:metric`` is a set of its own."""
        born = self.community.born(kind.partition(":")[0], identity) or ""
        kept = self.settings.setdefault((kind, identity), {BORN: born})
        if kept.get(BORN) != born:
            kept.clear()
            kept[BORN] = born
        return kept

    def settings_of(self, kind: str, identity: int) -> dict[str, Any]:
        """The same, to look at."""
        return {k: v for k, v in self.set(kind, identity).items() if k != BORN}


@dataclass(slots=True, kw_only=True)
class Call:
    """One request to an operation, read by the contract.

    Attributes:
        path: values of the path's parameters.
        query: values of the query's parameters that were given.
        body: an object in most cases; empty where none was sent.
    """

    model: Model
    operation: Operation
    caller: Caller
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Objects that only Enterprise has."""
        return self.model.store

    @property
    def community(self) -> Community:
        """Facts of the real server."""
        return self.model.community

    @property
    def organization(self) -> int:
        """The caller's organisation."""
        return self.caller.organization or 0

    @property
    def project(self) -> int:
        """The project that the path names."""
        return int(self.path.get("project_pk", self.path.get("id", 0)))

    def item(self, kind: str, identity: Any) -> Item:
        """An object that the request names; 404 where there is none."""
        number = int(identity) if isinstance(identity, str) and identity.isascii() and identity.isdigit() else identity
        found = self.store.get(kind, number)
        if found is None:
            raise not_found(kind.replace("_", " "))
        return found

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the real server in the caller's name; what it refuses is refused."""
        response = self.model.upstream.ask(method, path, self.caller.carried, body)
        if response.status_code >= 500:
            raise RuntimeError(f"{method} {path} of the real server: {response.status_code}")
        if response.status_code >= 300:
            raise Refusal(response.status_code, _detail(response.content))
        return response.json() if response.content else None

    def sees_project(self, project: int) -> bool:
        """Annotators and reviewers see the projects that they are members of."""
        if self.caller.role not in BELOW_MANAGER:
            return True
        return self.model.people.is_project_member(project, self.caller.id)


def _detail(content: bytes) -> str:
    try:
        return str(json.loads(content).get("detail", ""))
    except (ValueError, AttributeError):
        return ""
