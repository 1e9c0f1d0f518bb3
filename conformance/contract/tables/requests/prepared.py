"""Minimal valid requests as data: ``spec/requests.yaml`` as immutable values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from conformance.contract.load import load_contract
from conformance.contract.reading import SPEC, ContractError, entry, read_table
from conformance.contract.tables.requests.minimal import minimal_json
from conformance.contract.tables.resources import load_resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.contract.model import Contract, Operation

_KEYS = frozenset(
    {
        "path",
        "query",
        "json",
        "form",
        "files",
        "pinned",
        "role",
        "needs",
        "wants",
        "after",
        "restore",
        "restore_by",
        "alone",
    }
)
DEFAULT_ROLE = "default"
# one boundary for all, so that the same run sends the same bytes
MULTIPART = {"Content-Type": "multipart/form-data; boundary=conformance-boundary"}
NOTHING: Any = type("Nothing", (), {"__repr__": lambda _: "NOTHING", "__deepcopy__": lambda self, _: self})()
"""No body at all; None is a body (``null``)."""


class Pairs(list[Any]):
    """The names and values of a form, where a body is a JSON value otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The minimal valid request of one operation, with references still in it.

    Attributes:
        pinned: body fields that keep their value whatever else is varied.
        needs: references that must resolve although the request does not name them.
        wants: the same, but it does without where they don't: objects that give an answer something to show.
        after: operations that have to have been called before.
        restore: operation that shows what this one changes for everybody; what it shows is written back after a test.
        restore_by: operation that writes it back; None for this one.
        alone: field that makes sense with others only → those; null for one that is not to be varied.
        derived: nobody wrote the body down: the schema alone says that it is valid.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = NOTHING
    form: Mapping[str, Any] | None = None
    files: Mapping[str, Any] | None = None
    pinned: tuple[str, ...] = ()
    role: str = DEFAULT_ROLE
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    restore: str | None = None
    restore_by: str | None = None
    derived: bool = False
    alone: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """How to make an object of a kind that no operation is there to create.

    Attributes:
        operation: what to call.
        template: what to send.
        at: where the answer holds the identities of what was made.
    """

    operation: str
    template: Template
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request with every reference resolved, as :meth:`conformance.wire.Wire.call` takes it."""

    operation: str
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    json: Any = NOTHING
    form: Mapping[str, Any] | None = None
    files: Mapping[str, tuple[str, str, str]] | None = None
    role: str = DEFAULT_ROLE

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments for ``Wire.call(operation, ...)``, the path values apart."""
        given: dict[str, Any] = {"role": self.role}
        if self.query:
            given["query"] = self.query
        if self.json is not NOTHING:
            given["json"] = self.json
        if self.form is not None:
            given["data"] = self.form
        if self.files is not None:
            given["files"] = self.files
            given["headers"] = MULTIPART
        return given


@dataclass(frozen=True, kw_only=True)
class RequestTable:
    """All templates, written and derived; operations that need nothing have an empty one.

    Attributes:
        texts: what ``$text.<name>`` stands for.
        fields: body fields that name an object which no request makes, and the reference that they get.
        parameters: query parameters of which a schema does not say which values make sense, and one that does.
        makers: kind → how to make one, for kinds without a create operation.
    """

    texts: Mapping[str, str]
    fields: Mapping[str, str]
    templates: Mapping[str, Template]
    makers: Mapping[str, Maker] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, operation_id: str) -> Template:
        return self.templates.get(operation_id, _EMPTY)

    def references(self) -> Iterator[tuple[str, str]]:
        """Every ``$name`` with the operation whose template holds it."""
        for operation_id, template in self.templates.items():
            for part in (template.path, template.query, template.json, template.form, template.files):
                yield from ((operation_id, name) for name in names(part))
            yield from ((operation_id, name) for name in (*template.needs, *template.wants))


_EMPTY = Template()


def names(value: Any) -> Iterator[str]:
    """Every reference in a value, without its ``$``."""
    if isinstance(value, str) and value.startswith("$"):
        yield value[1:]
    elif isinstance(value, dict):
        for item in value.values():
            yield from names(item)
    elif isinstance(value, list):
        for item in value:
            yield from names(item)


@lru_cache(maxsize=4)
def load_requests(path: Path = SPEC / "requests.yaml") -> RequestTable:
    """Read the templates.

    Raises:
        ContractError: the file is malformed, or names an operation that the contract does not have.
    """
    contract = load_contract()
    data = read_table(path, "texts", "operations")
    fields = data.get("fields") or {}
    makers = {kind: dict(entry) for kind, entry in (data.get("kinds") or {}).items()}
    at = {}
    for kind, given in makers.items():
        with entry(path, f"kinds.{kind}"):
            at[kind] = (given.pop("operation"), given.pop("at"))
    entries = [*data["operations"].items(), *((at[kind][0], given) for kind, given in makers.items())]
    for operation_id, given in entries:
        named = {operation_id, *given.get("after", ()), *(given[k] for k in ("restore", "restore_by") if k in given)}
        for name in sorted(named - set(contract.operations)):
            raise ContractError(f"{path}: the contract has no operation {name}")
        unknown = set(given) - _KEYS
        if unknown:
            raise ContractError(f"{path}: {operation_id}: unknown keys {sorted(unknown)}; there are {sorted(_KEYS)}")
    templates = {o.id: _template(contract, o, data["operations"].get(o.id, {}), fields) for o in contract}
    return RequestTable(
        texts=data["texts"],
        fields=fields,
        parameters=data.get("parameters") or {},
        templates=templates,
        makers={
            kind: Maker(
                operation=at[kind][0], at=at[kind][1], template=_template(contract, contract[at[kind][0]], e, fields)
            )
            for kind, e in makers.items()
        },
    )


def _template(
    contract: Contract, operation: Operation, given: Mapping[str, Any], fields: Mapping[str, str]
) -> Template:
    json = given.get("json", NOTHING)
    derived = None
    if not given.keys() & {"json", "form", "files"}:
        derived = minimal_json(contract, load_resources(), fields, operation)
    return Template(
        path=given.get("path", {}),
        query=given.get("query", {}),
        json=json if derived is None else derived,
        form=given.get("form"),
        files=given.get("files"),
        pinned=tuple(given.get("pinned", ())),
        role=given.get("role", DEFAULT_ROLE),
        needs=tuple(str(n) for n in given.get("needs", ())),
        wants=tuple(str(n) for n in given.get("wants", ())),
        after=tuple(given.get("after", ())),
        restore=given.get("restore"),
        restore_by=given.get("restore_by"),
        derived=derived is not None,
        alone=given.get("alone", {}),
    )
