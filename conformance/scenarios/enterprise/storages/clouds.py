"""The storages of ``spec/enterprise/storages.yaml``, each side of each kind as one thing to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.contract.tables.raw import enterprise_storages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.wire import Exchange, Wire
    from conformance.world import World

KINDS: Final = tuple(enterprise_storages()["kinds"])
SIDES: Final = ("import", "export")
CASES: Final = tuple((kind, side) for kind in KINDS for side in SIDES)
SECRET: Final = 2
"""The law about secrets: only those who have one are asked."""


def law(number: int) -> pytest.MarkDecorator:
    """Ask a law of every storage that it is for, by the fixture ``cloud``."""
    asked = [
        pytest.param(case, marks=pytest.mark.requirement(requirement(case, number)), id="-".join(case))
        for case in CASES
        if number != SECRET or enterprise_storages()["kinds"][case[0]].get("hidden")
    ]
    return pytest.mark.parametrize("cloud", asked, indirect=True)


def requirement(case: tuple[str, str], number: int) -> str:
    """The id of a law of a storage."""
    return f"LS-CLOUD-{CASES.index(case) + 1:02}{number}"


class Cloud:
    """Storages of one kind for one side of one project.

    Args:
        api: the way to the target.
        supply: what the table's names stand for.
        case: kind and side.
        project: that it belongs to.
    """

    def __init__(self, api: Wire, supply: World, case: tuple[str, str], project: int) -> None:
        kind, self.side = case
        self.case = case
        self.operations = f"{self.side}_storage.{kind}"
        self.project = project
        self._api = api
        self._supply = supply
        self._shared = enterprise_storages()["shared"]
        self._own = enterprise_storages()["kinds"][kind]
        self.hidden: tuple[str, ...] = tuple(self._own.get("hidden", ()))

    def requirement(self, number: int) -> str:
        """The id of a law of this storage."""
        return requirement(self.case, number)

    def body(self, project: int | None = None) -> dict[str, Any]:
        """Settings, none at its default."""
        settings = {**self._shared["body"], **self._shared[self.side], **self._own["body"]}
        told: dict[str, Any] = self._supply.resolve(settings)
        return {"project": project or self.project, **told}

    def alone(self) -> dict[str, Any]:
        """Other values of single settings."""
        told: dict[str, Any] = self._supply.resolve({**self._shared["alone"], **self._shared[f"alone_{self.side}"]})
        return told

    def made(self, project: int | None = None) -> tuple[dict[str, Any], Exchange]:
        """Create one; gives what was sent and the answer."""
        sent = self.body(project)
        return sent, self.call("create", json=sent)

    def call(self, method: str, *identity: object, **how: Any) -> Exchange:
        """Call an operation of it."""
        path: dict[str, Any] = {"id": identity[0]} if identity else {}
        return self._api.call(f"{self.operations}.{method}", **path, **how)

    def listed(self, project: int, **query: object) -> list[int]:
        """The ids of a project's storages of this kind."""
        return [item["id"] for item in self.call("list", query={"project": project, **query}).json()]

    def other_side(self) -> Cloud:
        """Storages of the same kind and project for the other side."""
        kind, side = self.case
        return Cloud(self._api, self._supply, (kind, next(one for one in SIDES if one != side)), self.project)

    def told(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is read back of what was sent."""
        return {name: value for name, value in sent.items() if name not in {*self.hidden, "token", "client_secret"}}

    def secrets_in(self, sent: Mapping[str, Any], answer: Exchange) -> list[str]:
        """The names of the secrets that an answer tells."""
        return [name for name in self.hidden if str(sent[name]) in answer.text]
