"""The objects that tests need, made when they are asked for and made again when they are consumed."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.requests.prepared import NOTHING, Prepared, load_requests
from conformance.peers import PeerUnavailable
from conformance.wire import clean_up
from conformance.world.account import ROLE, Account, CannotSignUp
from conformance.world.level import Level
from conformance.world.making import CannotMake, Making, cannot
from conformance.world.present import Present
from conformance.world.restoring import restoring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from conformance.contract import Operation
    from conformance.contract.tables.requests.prepared import RequestTable, Template
    from conformance.contract.tables.resources import Resources
    from conformance.wire import Exchange, Wire
    from conformance.world.importing import Insert
    from conformance.world.level import Identity
    from conformance.world.services import Services

# What stays when a scope ends: not below a project, and the same for every test.
LASTING = frozenset({"organization", "me"})


class World:
    """Objects of one worker on one target.

    ``get("task")`` gives a task's identity; it makes a project first if there is none. Within :meth:`scope` everything
    is made anew, and removed when the scope ends. Making is not observed: a broken create operation shows in its own
    test, and elsewhere as :class:`CannotMake`.

    Args:
        wire: what to send through.
        services: facts of the loopback services.
        insert: writes into the embedded server's database; None for any other target.
        present: objects of a target that is only read, by kind: nothing is made there.
    """

    def __init__(
        self,
        wire: Wire,
        services: Services,
        *,
        insert: Insert | None = None,
        present: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._wire = wire
        self._services = services
        self._making = Making(self, wire, insert)
        self._present = Present(self, wire, present) if wire.read_only else None
        self._resources = wire.resources
        self._requests = load_requests()
        self._levels = [Level()]
        self._before: list[frozenset[tuple[str, str]]] = []
        self._account: Account | None = None
        self._no_account: CannotMake | None = None
        self._apart = ""
        """What the present request is about, where that has a project of its own."""
        self.made = 0
        """How many objects were made so far: who compares two moments has to know that the world stood still."""

    def get(self, kind: str) -> Identity:
        """The identity of an object of this kind, made if there is none.

        Raises:
            CannotMake: the target does not let it be made.
            PeerUnavailable: it needs a service that is not to be had.
        """
        known = (self._levels[0] if kind in LASTING else self._levels[-1]).identities
        key = f"{kind} of {self._apart}" if kind == "project" and self._apart else kind
        if key not in known:
            before, self._apart = self._apart, ""
            with self._wire.unchecked(), self._wire.key_at_risk():
                known[key] = self._found(kind)
            self._apart = before
            self.made += 1
        return known[key]

    def _found(self, kind: str) -> Identity:
        """An object of this kind: one that was made, or on a target that is only read, one that is there."""
        if self._present is None or kind in {*LASTING, "filename"}:
            return self._making.make(kind)
        identity = self._present.find(kind)
        # it is there; that it counts as the run's does no harm where nothing is sent that could touch it
        self._wire.ledger.adopt(kind, identity)
        return identity

    @property
    def wire(self) -> Wire:
        """What it sends through."""
        return self._wire

    @property
    def read_only(self) -> bool:
        """Whether nothing is created on the target."""
        return self._present is not None

    @property
    def requests(self) -> RequestTable:
        """The templates of valid requests."""
        return self._requests

    def known(self, kind: str) -> Identity | None:
        """The identity of an object of this kind, if there is one already."""
        lasting = self._levels[0].identities.get(kind) if kind in LASTING else None
        return self._levels[-1].identities.get(kind, lasting)

    def values(self, operation: Operation) -> dict[str, Identity]:
        """A value for each path parameter of an operation."""
        references = slot_references(operation, self._requests, self._resources)
        return {slot: self.resolve(reference) for slot, reference in references.items()}

    def provide(self, operation_id: str) -> None:
        """Make what an operation needs besides what its request names, and what its answer should have to show.

        Raises:
            CannotMake: the target does not let it be made.
            PeerUnavailable: it needs a service that is not to be had.
        """
        template = self._requests[operation_id]
        self._apart = self._area(operation_id)
        if template.role == ROLE:
            _ = self.account
        for need in template.needs:
            self.resolve(f"${need}")
        for before in template.after:
            self._once(before)
        for wish in () if self._present else template.wants:
            self._wish(wish)

    def _area(self, operation_id: str) -> str:
        """Return what an operation is about, where that has a project of its own."""
        area = operation_id.rpartition(".")[0]
        return area if area.partition(".")[0] in self._resources.apart else ""

    def _wish(self, name: str) -> None:
        """Make an object if it can be made; what can't is not tried again in the present scope."""
        level = self._levels[-1]
        if name in level.unavailable:
            return
        try:
            self.resolve(f"${name}")
        except (CannotMake, PeerUnavailable):
            level.unavailable.add(name)

    def _once(self, operation_id: str) -> None:
        """Call an operation, unless that was done in the present scope."""
        if operation_id in self._levels[-1].called:
            return
        with self._wire.unchecked(), self._wire.key_at_risk():
            exchange = self.send(self.request(operation_id))
        if not exchange.ok:
            cannot(exchange)
        self._levels[-1].called.add(operation_id)
        self.made += 1

    def request(self, operation_id: str, *, beside: str | None = None) -> Prepared:
        """A request that the operation should answer with its documented success.

        Args:
            operation_id: what to call.
            beside: an operation whose objects are meant, where these have a project of their own.
        """
        operation = self._wire.contract[operation_id]
        template = self._requests[operation_id]
        unknown = set(operation.slots) - set(slot_references(operation, self._requests, self._resources))
        if unknown:
            raise CannotMake("", f"nothing is known that {', '.join(sorted(unknown))} of {operation} could name")
        self.provide(operation_id)
        if beside is not None:
            self._apart = self._area(beside)
        return Prepared(
            operation=operation_id,
            path=self.values(operation),
            query=self.resolve(dict(template.query)),
            json=NOTHING if template.json is NOTHING else self.resolve(template.json),
            form=None if template.form is None else self.resolve(template.form),
            files=None if template.files is None else self._files(template),
            role=template.role,
        )

    def _files(self, template: Template) -> dict[str, tuple[str, str, str]]:
        return {
            name: (file["name"], str(self.resolve(file["text"])), file["type"])
            for name, file in (template.files or {}).items()
        }

    def send(self, prepared: Prepared, *, deed: str = "") -> Exchange:
        """Send a prepared request, whatever comes back, and note what it consumed.

        Args:
            prepared: the request.
            deed: what is special about it, where it is not to be accepted as it is.
        """
        exchange = self._wire.call(prepared.operation, expect=None, deed=deed, **prepared.arguments(), **prepared.path)
        self.note(exchange)
        return exchange

    def note(self, exchange: Exchange) -> None:
        """Forget what an exchange may have consumed."""
        operation = exchange.operation
        if operation is None or operation.reads():
            return
        gone = self._resources.deleted_by(operation.id)
        if gone is not None and operation.slots:
            named = exchange.path_values.get(operation.slots[-1], "")
            if exchange.response is None or any(level.holds(gone.name, named) for level in self._levels):
                self.forget(gone.name)
        consumed = self._resources.consumes.get(operation.id)
        if consumed is not None:
            self.forget(consumed)
        if operation.id == "users.reset_token" and exchange.ok and self._account is not None:
            self._account.renew()

    def forget(self, kind: str) -> None:
        """An object of this kind, and what hung on it, may be gone: make another one when asked."""
        for level in self._levels:
            level.forget(kind)
        if kind == "file":
            self.forget("filename")
        for child in self._resources.kinds.values():
            if child.parent == kind:
                self.forget(child.name)

    def renew(self, kind: str) -> None:
        """Make another object of this kind when asked, and leave the present one alone."""
        self._levels[-1].identities.pop(kind, None)

    def reset(self) -> None:
        """The target was made fresh: nothing of this world is left."""
        self._levels = [Level()]
        self._account = None
        self._services.forget()

    @contextmanager
    def scope(self) -> Iterator[None]:
        """A world of its own for the duration: what is made in it, by whomever, is removed at its end."""
        before = self._wire.ledger.mark()
        self._levels.append(Level())
        self._before.append(before)
        try:
            yield
        finally:
            self._levels.pop()
            self._before.pop()
            self._remove_but(before)

    def restoring(self, operation_id: str) -> AbstractContextManager[None]:
        """Write back, at the end, what an operation may change for everybody."""
        return restoring(self, self._wire, operation_id)

    def restart(self) -> None:
        """Remove what the present scope made; it goes on empty."""
        if self._before:
            self._levels[-1] = Level()
            self._remove_but(self._before[-1])

    def _remove_but(self, before: frozenset[tuple[str, str]]) -> None:
        account = {("user", str(self._account.user_id))} if self._account else set()
        clean_up(self._wire, but=before | account)

    @property
    def account(self) -> Account:
        """The throw-away account; it lives as long as the world.

        Raises:
            CannotMake: the target lets nobody sign up.
        """
        if self._present is not None:
            raise CannotMake("", "the target is only read: no account is made")
        if self._no_account is not None:
            raise self._no_account
        if self._account is None:
            try:
                with self._wire.unchecked(), self._wire.key_at_risk():
                    self._account = Account(self._wire)
            except CannotSignUp as problem:
                self._no_account = CannotMake("users.create#success", str(problem))
                raise self._no_account from None
        return self._account

    def close(self) -> None:
        """The world is not needed any more: no key of its account stays valid, whatever becomes of the account."""
        if self._account is not None:
            with self._wire.unchecked(), self._wire.key_at_risk(), suppress(CannotSignUp):
                self._account.no_token()

    def resolve(self, value: Any) -> Any:  # noqa: PLR0911 - one way per kind of reference
        """The value with every ``$name`` in it replaced."""
        if isinstance(value, dict):
            return {k: self.resolve(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        head, _, rest = value[1:].partition(".")
        match head:
            case "new":
                return self._wire.names.title("conformance")
            case "email":
                return self._wire.names.email("conformance")
            case "text":
                return self._requests.texts[rest]
            case "peer":
                return self._services.fact(rest)
            case "user" if rest == "token":
                return self._token()
            case "user" if rest == "no_token":
                return self.account.no_token()
            case _:
                return self.get(head)

    def _token(self) -> str:
        try:
            return self.account.personal_token()
        except CannotSignUp as problem:
            raise CannotMake("tokens.create#success", str(problem)) from None


def slot_references(operation: Operation, requests: RequestTable, resources: Resources) -> dict[str, Any]:
    """Path parameter → what it gets, as a reference; children first: what they hang on is then theirs."""
    given, kinds = requests[operation.id].path, resources.slot_kinds(operation)
    # whoever only looks at a user looks at the one behind the key: none has to be made for that
    named = {slot: "$me" if kind == "user" and operation.reads() else f"${kind}" for slot, kind in kinds.items()}
    return {slot: given.get(slot, named.get(slot)) for slot in reversed(operation.slots) if slot in {**given, **named}}
