"""Files of a project are not handed out to somebody who has left, wherever they lie."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.accounts import needs_legacy
from conformance.scenarios.steps import list_tasks, upload

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

CONTENT: Final = b"\x89PNG of the organisation"


@pytest.fixture
def files(api: Wire, new_project: NewProject, peers: Peers, eventually: Eventually, folder: Path) -> dict[str, str]:
    """Where a file is to be had that was uploaded, that lies in a local folder, and that lies in a bucket."""
    found: dict[str, str] = {}
    bucket = f"conformance-{secrets.token_hex(6)}"
    peers.s3.make_bucket(bucket)
    peers.s3.put(bucket, "files/a.png", CONTENT)
    (folder / "a.png").write_bytes(CONTENT)
    store: dict[str, Any] = {
        "bucket": bucket,
        "prefix": "files",
        "s3_endpoint": peers.s3.endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": peers.s3.access_key,
        "aws_secret_access_key": peers.s3.secret_key,
        "presign": False,
    }
    for kind, body in (("upload", {}), ("local", {"path": str(folder)}), ("s3", store)):
        project = new_project(label_config="<View></View>")
        if kind == "upload":
            upload(api, project, ("a.png", CONTENT))
        else:
            connection = {"project": project["id"], "use_blob_urls": True, **body}
            number = api.call(f"import_storage.{kind}.create", json=connection).json()["id"]
            api.call(f"import_storage.{kind}.sync", id=number)
        tasks = eventually(partial(list_tasks, api, project["id"]), until=bool, budget="sync done")
        found[kind] = next(iter(api.call("tasks.get", id=tasks[0]["id"]).json()["data"].values()))
    return found


@pytest.mark.destructive
@pytest.mark.requirement("LS-KEYS-024")
@pytest.mark.parametrize("gone", ["removed from the organisation", "deleted"])
def test_files_are_not_handed_to_who_has_left(
    api: Wire, show: Show, member: Account, files: dict[str, str], gone: str
) -> None:
    key = [("Authorization", f"Token {needs_legacy(member)}")]
    there = {
        kind: address
        for kind, address in files.items()
        if CONTENT in api.follow(address, headers=key, role="anonymous").content
    }
    if not there:
        show.not_measured("no file is handed out to a member, either")
    if gone == "deleted":
        left = api.call("users.delete", id=member.id)
    else:
        organization = api.call("users.whoami").json()["active_organization"]
        left = api.call("organizations.members.delete", id=organization, user_pk=member.id)
    with api.key_at_risk():
        got = sorted(
            kind
            for kind, address in there.items()
            if CONTENT in api.follow(address, headers=key, role="anonymous").content
        )
    show.equal("LS-KEYS-024", expected=[], got=got, exchange=left, signature=f"{gone}: {', '.join(got)}")
