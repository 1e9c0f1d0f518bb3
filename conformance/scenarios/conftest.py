"""What scenarios share: projects of their own, and tasks in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from conformance.scenarios.accounts import member_of
from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.scenarios.steps import come_and_go, import_tasks
from conformance.world.local_files import NO_LOCAL_FILES, local_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from conformance.run.worker import TargetInUse
    from conformance.scenarios.accounts import Account
    from conformance.showing import Show
    from conformance.wire import Wire


class NewProject(Protocol):
    """``new_project(**fields)``: creates a project and returns what the server says of it."""

    def __call__(self, **fields: object) -> dict[str, Any]:
        """Create it."""


class Imported(Protocol):
    """``imported(project, tasks)``: imports tasks and returns them as the server lists them, in the same order."""

    def __call__(self, project: dict[str, Any], tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Import them."""


@pytest.fixture(scope="session", autouse=True)
def _in_use_for_long(wire: Wire, new_name: Callable[[str], str]) -> None:
    """No scenario is the first to meet a server from which nothing was ever deleted."""
    if wire.read_only:
        return
    with wire.unchecked():
        come_and_go(wire, new_name("before"))


@pytest.fixture
def new_project(api: Wire, new_name: Callable[[str], str]) -> NewProject:
    """Makes projects that are gone after the test; text classification unless told otherwise."""

    def create(**fields: object) -> dict[str, Any]:
        described = {"title": new_name("scenario"), "label_config": TEXT_CHOICES, **fields}
        project: dict[str, Any] = api.call("projects.create", json=described).json()
        return project

    return create


@pytest.fixture
def project(new_project: NewProject) -> dict[str, Any]:
    """A project for text classification, without tasks."""
    return new_project()


@pytest.fixture
def member(api: Wire) -> Iterator[Account]:
    """A throw-away account with a key of its own; whatever happens to its keys, the run's own is safe."""
    with member_of(api) as account:
        yield account


@pytest.fixture
def other_member(api: Wire) -> Iterator[Account]:
    """A second throw-away account."""
    with member_of(api) as account:
        yield account


@pytest.fixture
def imported(api: Wire) -> Imported:
    """Brings tasks into a project by a JSON body."""

    def bring(project: dict[str, Any], tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return import_tasks(api, project["id"], tasks)

    return bring


@pytest.fixture
def task(project: dict[str, Any], imported: Imported) -> dict[str, Any]:
    """One task of ``project``."""
    return imported(project, [{"data": {"text": "A short text."}}])[0]


@pytest.fixture
def folder_if_any(target: TargetInUse) -> Iterator[Path | None]:
    """An empty folder that local-files storages may see; None where the target shows none of this machine."""
    if target.document_root is None:
        yield None
        return
    with local_folder(target.document_root) as place:
        yield place


@pytest.fixture
def folder(folder_if_any: Path | None, show: Show) -> Path:
    """An empty folder that local-files storages may see."""
    if folder_if_any is None:
        show.not_measured(NO_LOCAL_FILES)
    return folder_if_any
