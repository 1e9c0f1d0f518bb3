"""Uploaded files after their import: updated, and listed to other members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import upload

if TYPE_CHECKING:
    from conformance.scenarios.accounts import Account
    from conformance.showing import Show
    from conformance.wire import Wire

# names that an import refuses for what they end in
REFUSED = ("program.exe", "page.php", "script.js", "no-suffix")


@pytest.mark.requirement("LS-IMPORT-047")
def test_an_update_of_a_file_refuses_what_an_import_refuses(api: Wire, show: Show, project: dict[str, Any]) -> None:
    number = upload(api, project, ("a.csv", b"text\na\n")).json()["file_upload_ids"][0]
    for name in REFUSED:
        file = (name, b"content", "application/octet-stream")
        imported = upload(api, project, (name, b"content"), expect=None)
        changed = api.call("files.update", id=number, files={"file": file}, expect=None)
        show(
            "LS-IMPORT-047",
            not imported.rejected or changed.rejected,
            expected="a refusal, as an import gives",
            got=changed.brief(),
            exchange=changed,
            signature=name,
        )


@pytest.mark.requirement("LS-IMPORT-048")
def test_files_are_listed_to_everybody_in_the_project(
    api: Wire, show: Show, project: dict[str, Any], member: Account
) -> None:
    mine = upload(api, project, ("mine.csv", b"text\na\n")).json()["file_upload_ids"]
    theirs = upload(api, project, ("theirs.csv", b"text\nb\n"), role=member.role).json()["file_upload_ids"]
    ways: dict[str, dict[str, Any]] = {"all": {"all": True}, "ids": {"ids": f"[{mine[0]},{theirs[0]}]"}}
    for way, query in ways.items():
        listed = api.call("files.list", id=project["id"], query=query)
        got = sorted(file["id"] for file in listed.json())
        show.equal("LS-IMPORT-048", expected=sorted([*mine, *theirs]), got=got, exchange=listed, signature=way)


@pytest.mark.requirement("LS-IMPORT-049", "LS-IMPORT-050")
def test_files_are_listed_by_ids_as_the_contract_writes_them(api: Wire, show: Show, project: dict[str, Any]) -> None:
    files = [(f"{name}.csv", f"text\n{name}\n".encode()) for name in "abc"]
    first, second, _ = upload(api, project, *files).json()["file_upload_ids"]
    for asked in ([first], [first, second]):
        with api.unchecked():
            listed = api.call("files.list", id=project["id"], query={"ids": asked}, expect=None)
        got = sorted(file["id"] for file in listed.json()) if listed.succeeded else listed.brief()
        how = f"{len(asked)} ids" if listed.succeeded else f"{len(asked)} ids: HTTP {listed.status}"
        show.equal("LS-IMPORT-049", expected=asked, got=got, exchange=listed, signature=how)
    for ids in ("x", "[", "null", '["x"]', f"{first},{second}"):
        with api.unchecked():
            listed = api.call("files.list", id=project["id"], query={"ids": ids}, expect=None)
        show(
            "LS-IMPORT-050",
            not listed.server_error,
            expected="a list, or a 4xx",
            got=listed.brief(),
            exchange=listed,
        )
