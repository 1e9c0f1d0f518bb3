"""Creates one object of a kind, or finds it where the server creates it by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from conformance.contract.places import at
from conformance.contract.tables.requests.prepared import MULTIPART
from conformance.errors import ConformanceError
from conformance.wire.checking.checks import reason
from conformance.world.importing import insert_import

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire import Exchange, Wire
    from conformance.world.importing import Insert
    from conformance.world.level import Identity, Supply


class CannotMake(ConformanceError):
    """An object could not be made.

    Attributes:
        by: the requirement that is in the way; empty where nothing is: the server just has none to show.
    """

    code = "cannot-make"

    def __init__(self, by: str, why: str) -> None:
        super().__init__(why)
        self.by = by


class Making:
    """Makes objects for a world, one at a time."""

    def __init__(self, world: Supply, wire: Wire, insert: Insert | None) -> None:
        self._world = world
        self._wire = wire
        self._resources = wire.resources
        self._insert = insert

    def make(self, kind: str) -> Identity:
        """Another object of this kind.

        Raises:
            CannotMake: the target does not let it be made.
            PeerUnavailable: it needs a service that is not to be had.
        """
        match kind:
            case "me":
                return self._read("users.whoami", "id")
            case "organization":
                return self._read("users.whoami", "active_organization")
            case "file":
                return self._upload()
            case "filename":
                name = str(self._read("files.get", "file", id=self._world.get("file")))
                return name.partition("upload/")[2] or name
            case "import":
                return self._import()
        create = self._resources.kinds[kind].create
        return self._found(kind) if create is None else self._created(kind, create)

    def _created(self, kind: str, operation_id: str) -> Identity:
        exchange = self._world.send(self._world.request(operation_id))
        if not exchange.ok:
            cannot(exchange)
        return _at(exchange, lambda data: data[self._resources.kinds[kind].identity])

    def _read(self, operation_id: str, key: str, **path: Any) -> Identity:
        exchange = self._wire.call(operation_id, expect=None, **path)
        if not exchange.ok:
            cannot(exchange)
        return _at(exchange, lambda data: data[key])

    def _found(self, kind: str) -> Identity:
        """The first that the server lists of what it makes by itself."""
        found = self._resources.kinds[kind].found
        if found is None:
            raise KeyError(f"no way to make a {kind}")
        listed = self._world.send(self._world.request(found))
        if not listed.ok:
            cannot(listed)
        try:
            identities = at(listed.json(), self._resources.kinds[kind].at)
        except ValueError:
            cannot(listed)
        if not identities:
            raise CannotMake("", f"{self._wire.contract[found]} shows no {kind}")
        return _identity(identities[0])

    def _upload(self) -> Identity:
        project = self._world.get("project")
        text = self._world.requests.texts["csv"]
        sent = self._wire.call(
            "projects.import_tasks",
            id=project,
            expect=None,
            files={"file": ("tasks.csv", text, "text/csv")},
            headers=MULTIPART,
        )
        if not sent.ok:
            cannot(sent)
        listed = self._wire.call("files.list", id=project, query={"all": "true"}, expect=None)
        return _at(listed, lambda data: data[0]["id"])

    def _import(self) -> Identity:
        if self._insert is None:
            return self._background_import()
        try:
            return insert_import(self._insert, int(self._world.get("project")))
        except LookupError as problem:
            raise CannotMake("tasks.create_many_status#success", str(problem)) from None

    def _background_import(self) -> Identity:
        """The import that the server names in its answer, if it imports in the background."""
        sent = self._world.send(self._world.request("projects.import_tasks"))
        if not sent.ok:
            cannot(sent)
        try:
            return _identity(sent.json()["import"])
        except (ValueError, KeyError, TypeError):
            raise CannotMake("", "the server imports within the request, and keeps no status of it") from None


def cannot(exchange: Exchange) -> NoReturn:
    """Say which operation is in the way.

    Raises:
        CannotMake: always.
    """
    by = exchange.operation.id if exchange.operation else "suite"
    why = f"{exchange.brief()}: {reason(exchange) if exchange.response else ''}"
    raise CannotMake(f"{by}#success", why)


def _at(exchange: Exchange, find: Callable[[Any], object]) -> Identity:
    try:
        return _identity(find(exchange.json()))
    except (ValueError, KeyError, TypeError, IndexError):
        cannot(exchange)


def _identity(value: object) -> Identity:
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value
    raise TypeError(f"no identity: {value!r}")
