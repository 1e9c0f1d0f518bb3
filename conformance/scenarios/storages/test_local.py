"""Requirements of all storages together, and files on the server's own disk that must not be served."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import list_tasks
from conformance.scenarios.storages.connections import Source
from conformance.scenarios.storages.odd_names import ANYTHING
from conformance.scenarios.storages.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.budgets import Eventually
    from conformance.contract import Contract
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.storages.stores import Store
    from conformance.showing import Show
    from conformance.wire import Wire

SECRET = b"not for everybody"
OUT = ["../{beside}", "%2e%2e/{beside}", "..%2f{beside}", "/{root}/{beside}", "./../{beside}", "..\\{beside}"]


@pytest.fixture
def store(peers: Peers, target: TargetInUse) -> Iterator[Store]:
    """An empty folder below the root."""
    yield from open_store("local", peers, target)


@pytest.fixture
def folder(store: Store, api: Wire, project: dict[str, Any]) -> Path:
    """The folder of a storage for import that is connected."""
    body = {"project": project["id"], "use_blob_urls": True, **store.connection}
    api.call("import_storage.local.create", json=body)
    return Path(store.connection["path"])


@pytest.mark.parametrize(
    ("side", "requirement"),
    [
        pytest.param(side, requirement, marks=pytest.mark.requirement(requirement, "LS-STORAGE-011"))
        for side, requirement in [("import_storage", "LS-STORAGE-001"), ("export_storage", "LS-STORAGE-002")]
    ],
)
def test_the_kinds_of_storage_are_told(api: Wire, show: Show, contract: Contract, side: str, requirement: str) -> None:
    described = {
        operation.path.removesuffix("/").rsplit("/", 1)[-1]
        for operation in contract
        if operation.id.startswith(f"{side}.") and operation.id.endswith(".create") and operation.edition == "community"
    }
    exchange = api.call(f"{side}.list_types")
    kinds = exchange.json()
    untitled = [kind.get("name") for kind in kinds if not isinstance(kind.get("title"), str)]
    if kinds:
        show.equal("LS-STORAGE-011", expected=[], got=untitled, exchange=exchange, signature=side)
    told = {kind["name"] for kind in kinds}
    show.equal(requirement, expected=[], got=sorted(described - told), exchange=exchange)
    if not kinds:
        show.not_measured("no kind of storage is told")


@pytest.mark.requirement("LS-STORAGE-003")
def test_a_project_lists_its_own_storages(
    api: Wire, show: Show, store: Store, project: dict[str, Any], new_project: NewProject
) -> None:
    other = new_project()["id"]
    ids = {
        place: api.call("import_storage.local.create", json={"project": place, **store.connection}).json()["id"]
        for place in (project["id"], other)
    }
    listed = api.call("import_storage.local.list", query={"project": project["id"]})
    show.equal("LS-STORAGE-003", expected=[ids[project["id"]]], got=[s["id"] for s in listed.json()], exchange=listed)


@pytest.mark.requirement("LS-STORAGE-004")
def test_a_source_that_has_gone_is_no_failure_of_the_server(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], folder: Path
) -> None:
    storage = api.call("import_storage.local.list", query={"project": project["id"]}).json()[0]["id"]
    folder.rmdir()
    exchange = api.call("import_storage.local.sync", id=storage, expect=None, deed="a folder that is gone")
    ended = ""
    if exchange.ok:
        ended = eventually(
            lambda: str(api.call("import_storage.local.get", id=storage).json()["status"]),
            until=lambda status: status not in {"queued", "in_progress"},
            budget="sync done",
        )
    show(
        "LS-STORAGE-004",
        exchange.rejected or ended in {"failed", "completed_with_errors"},
        expected="4xx, or the status failed or completed_with_errors",
        got=f"{exchange.brief()} {ended}".strip(),
        exchange=exchange,
    )


@pytest.mark.requirement("LS-STORAGE-005", "LS-STORAGE-006")
@pytest.mark.parametrize("way", OUT)
def test_only_the_storage_s_folder_is_served(api: Wire, show: Show, folder: Path, way: str) -> None:
    beside = folder.with_name(f"{folder.name}-beside")
    beside.mkdir()
    try:
        for place in (folder, beside):
            (place / "file.txt").write_bytes(SECRET)
        own = api.request("GET", f"/data/local-files/?d={folder.name}/file.txt")
        if own.content != SECRET:
            show.not_measured(f"the storage's own file is not served, either: {own.brief()}")
        exchange = api.request("GET", f"/data/local-files/?d={beside.name}/file.txt")
        show(
            "LS-STORAGE-005",
            SECRET not in exchange.content,
            expected="403 or 404",
            got=exchange.brief(),
            exchange=exchange,
        )
        path = way.format(beside=beside.name, root=folder.parent)
        exchange = api.request("GET", f"/data/local-files/?d={folder.name}/{path}/file.txt")
        show(
            "LS-STORAGE-006",
            SECRET not in exchange.content,
            expected="403 or 404",
            got=exchange.brief(),
            exchange=exchange,
        )
    finally:
        (beside / "file.txt").unlink(missing_ok=True)
        beside.rmdir()


NAMES = ("two words.txt", "Größe.txt", "a#b?c=d&e.txt", "a+b.txt", "%41.txt", 'it\'s "so".txt', "UPPER.TXT")


@pytest.mark.requirement("LS-STORAGE-008", "LS-STORAGE-009")
def test_a_file_is_served_by_the_address_that_its_task_names(
    api: Wire, show: Show, project: dict[str, Any], folder: Path
) -> None:
    """Whatever it is called; and a link that leads elsewhere is no file of the folder."""
    elsewhere = folder.with_name(f"{folder.name}-elsewhere")
    elsewhere.mkdir()
    try:
        (elsewhere / "file.txt").write_bytes(SECRET)
        (folder / "link.txt").symlink_to(elsewhere / "file.txt")
        for name in NAMES:
            (folder / name).write_bytes(name.encode())
        storage = api.call("import_storage.local.list", query={"project": project["id"]}).json()[0]["id"]
        synced = api.call("import_storage.local.sync", id=storage)
        addresses = [task["data"].get("text", "") for task in list_tasks(api, project["id"])]
        got = [api.follow(address) for address in addresses]
        served = sorted(answer.content.decode() for answer in got if answer.ok and answer.content != SECRET)
        show.equal("LS-STORAGE-009", expected=sorted(NAMES), got=served, exchange=synced)
        if not served:
            show.not_measured("no file of the folder is served, either")
        linked = [*got, api.request("GET", f"/data/local-files/?d={folder.name}/link.txt")]
        given = [answer.brief() for answer in linked if SECRET in answer.content]
        show("LS-STORAGE-008", not given, expected="403 or 404", got=given, exchange=linked[-1])
    finally:
        (elsewhere / "file.txt").unlink(missing_ok=True)
        elsewhere.rmdir()


@pytest.mark.requirement("LS-STORAGE-012", "LS-STORAGE-013")
def test_a_storage_that_can_never_be_synchronised_is_refused(
    api: Wire, show: Show, project: dict[str, Any], store: Store
) -> None:
    folder = Path(store.connection["path"])
    (folder / "a.json").write_text('{"text": "a"}', encoding="utf-8")
    whole = {"project": project["id"], **store.connection}
    for pattern in ("[", "(?P<a", "*"):
        body = {**whole, "regex_filter": pattern}
        for way in ("validate", "create"):
            answer = api.call(f"import_storage.local.{way}", json=body, expect=None)
            show(
                "LS-STORAGE-012",
                answer.rejected,
                expected="a 4xx",
                got=f"{pattern}: {answer.brief()}",
                exchange=answer,
                signature=way,
            )
    for side in ("import_storage", "export_storage"):
        body = {**whole, "path": str(folder / "a.json")}
        for way in ("validate", "create"):
            answer = api.call(f"{side}.local.{way}", json=body, expect=None)
            show(
                "LS-STORAGE-013",
                answer.rejected,
                expected="a 4xx",
                got=answer.brief(),
                exchange=answer,
                signature=f"{side}: {way}",
            )


@pytest.mark.requirement("LS-STORAGE-024")
def test_a_name_that_is_no_text_keeps_no_other_file_away(
    api: Wire, show: Show, eventually: Eventually, store: Store, new_project: NewProject
) -> None:
    """A name on a disk is bytes; these are no UTF-8, as those of an old archive."""
    folder = Path(store.connection["path"])
    for name in (b"a.txt", b"Gr\xf6\xdfe.txt", b"z.txt"):
        try:
            Path(os.fsdecode(bytes(folder) + b"/" + name)).write_bytes(name)
        except OSError as problem:  # macOS takes no such name
            show.not_measured(f"the file system here takes no such name: {problem}")
    source = Source(api, eventually, store, new_project(label_config=ANYTHING)["id"])
    source.connect(use_blob_urls=True)
    synced = source.sync()
    addresses = [str(task["data"]) for task in source.tasks()]
    got = [name for name in ("a.txt", "z.txt") if any(name in address for address in addresses)]
    show.equal("LS-STORAGE-024", expected=["a.txt", "z.txt"], got=got, exchange=synced)
