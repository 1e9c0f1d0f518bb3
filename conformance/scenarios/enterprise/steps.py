"""Steps that several Enterprise areas take."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from conformance.scenarios.data.configs import region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.scenarios.accounts import Account
    from conformance.wire import Exchange, Wire

NOBODY: Final = 987654321
"""An id that nothing has."""
REFUSED: Final = (400, 403, 404, 409, 422)
CLOSED: Final = (401, 403, 404)


def choice(label: str) -> dict[str, Any]:
    """A region that chooses a label of the usual config (``Positive``, ``Negative``)."""
    return region("choices", [label], source="label", target="text")


def annotate_as(api: Wire, who: Account, task: Mapping[str, Any], label: str, **fields: object) -> dict[str, Any]:
    """Annotate a task as somebody; returns what the server says of the annotation."""
    body = {"result": [choice(label)], **fields}
    made: dict[str, Any] = api.call("annotations.create", id=task["id"], json=body, role=who.role).json()
    return made


def members_page(api: Wire, project: int, **query: object) -> Exchange:
    """The members of a project that a query finds, up to a hundred of them."""
    return api.call("projects.members.paginated.list", id=project, query={"page_size": 100, **query})


def explicit(api: Wire, project: int) -> list[int]:
    """The ids of those who were put into a project."""
    return ids(item for item in members_page(api, project).json()["results"] if not item["implicit_member"])


def table(exported: Exchange) -> list[list[str]]:
    """The rows of an exported table, its head first: sent as it is, or, as the contract has it, as a string of JSON."""
    text = exported.content.decode("utf-8-sig")
    with suppress(ValueError):
        told = json.loads(text)
        text = told if isinstance(told, str) else text
    return list(csv.reader(io.StringIO(text, newline="")))


def ids(items: Iterable[Mapping[str, Any]]) -> list[int]:
    """Their ids, in ascending order."""
    return sorted(int(item["id"]) for item in items)


def named(ids_: Iterable[int]) -> str:
    """Ids as a query takes them: separated by commas."""
    return ",".join(map(str, ids_))


def mentions(value: object, identity: int) -> bool:
    """Return whether an id is anywhere in a value whose form the contract leaves open."""
    if isinstance(value, dict):
        return any(mentions(one, identity) for one in value.values())
    if isinstance(value, list):
        return any(mentions(one, identity) for one in value)
    return value in (identity, str(identity)) and not isinstance(value, bool)
