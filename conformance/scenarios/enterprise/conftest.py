"""What Enterprise scenarios share: people with roles, workspaces, and projects with a staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from conformance.contract.model import Edition
from conformance.outcomes import Unsupported
from conformance.run.state import STATE
from conformance.scenarios.accounts import organization_of, with_role
from conformance.scenarios.enterprise.people import Staff, removed
from conformance.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.wire import Wire
    from conformance.world import Services


class NewWorkspace(Protocol):
    """``new_workspace(**fields)``: creates a workspace and returns what the server says of it."""

    def __call__(self, **fields: object) -> dict[str, Any]:
        """Create it."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:  # noqa: ARG001 - a hook's
    """A Community server owes nothing of all this, and is not asked."""
    state = config.stash.get(STATE, None)
    return True if state is not None and state.edition is Edition.COMMUNITY else None


@pytest.fixture(autouse=True)
def of_enterprise(pytestconfig: pytest.Config) -> None:
    """Somebody named one of these tests, and the server is none that it is about."""
    state = pytestconfig.stash.get(STATE, None)
    if state is not None and state.edition is Edition.COMMUNITY:
        raise Unsupported(
            "the Enterprise edition only (--edition enterprise, where a server does not say that it is one)"
        )


@pytest.fixture(scope="session")
def org(wire: Wire) -> int:
    """The organisation of the run's own key."""
    return organization_of(wire)


@pytest.fixture(scope="session")
def staff(wire: Wire) -> Staff:
    """A manager, a reviewer and two annotators."""
    with wire.key_at_risk():
        return Staff(
            manager=with_role(wire, "manager"),
            reviewer=with_role(wire, "reviewer"),
            annotator=with_role(wire, "annotator"),
            second=with_role(wire, "annotator"),
        )


@pytest.fixture(scope="session")
def outsider(wire: Wire) -> Account:
    """Somebody who was removed from the organisation, with a key that is still good."""
    return removed(wire)


@pytest.fixture(scope="session")
def _supply(wire: Wire, services: Services) -> World:
    return World(wire, services)


@pytest.fixture
def supply(_supply: World) -> Iterator[World]:
    """What a test names as ``$annotation``: made when it is asked for, and gone after the test."""
    with _supply.scope():
        yield _supply


@pytest.fixture
def new_workspace(api: Wire, new_name: Callable[[str], str]) -> NewWorkspace:
    """Makes workspaces that are gone after the test."""

    def create(**fields: object) -> dict[str, Any]:
        made: dict[str, Any] = api.call("workspaces.create", json={"title": new_name("workspace"), **fields}).json()
        return made

    return create


@pytest.fixture
def workspace(new_workspace: NewWorkspace) -> dict[str, Any]:
    """A workspace without members or projects."""
    return new_workspace()


@pytest.fixture
def staffed(api: Wire, new_project: NewProject, staff: Staff) -> dict[str, Any]:
    """A published project for text classification of which the staff are members."""
    project = new_project(is_published=True, is_draft=False)
    for person in (staff.manager, staff.reviewer, staff.annotator, staff.second):
        api.call("projects.members.add", id=project["id"], json={"user": person.id})
    return project
