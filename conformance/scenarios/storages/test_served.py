"""Files that the server hands out itself: pages that nobody runs in its name, and parts of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.steps import list_tasks, upload
from conformance.scenarios.storages.stores import open_store
from conformance.scenarios.storages.test_storages import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SCRIPT: Final = b"<script>alert(document.domain)</script>"
# Types by which browsers run scripts of a page that they were sent to.
PAGES: Final = {
    "page.html": b"<html>" + SCRIPT + b"</html>",
    "page.htm": b"<html>" + SCRIPT + b"</html>",
    "page.xml": b'<html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>",
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
}
SOUND: Final = b"".join(number.to_bytes(2, "big") for number in range(512))
RUN: Final = ("html", "xml", "svg")


@dataclass(frozen=True, slots=True)
class Served:
    """Files that were brought, and what their addresses are."""

    way: str
    bring: Callable[[dict[str, bytes]], list[str]]


WAYS: Final = ("upload", "local", "s3", "azure")


def each_way(upload: str, storage: str) -> pytest.MarkDecorator:
    """Run a test for each way that files come in, by its fixture ``served``."""
    marked = [
        pytest.param(way, marks=pytest.mark.requirement(upload if way == "upload" else storage), id=way) for way in WAYS
    ]
    return pytest.mark.parametrize("served", marked, indirect=True)


@pytest.fixture
def served(
    request: pytest.FixtureRequest,
    api: Wire,
    peers: Peers,
    target: TargetInUse,
    new_project: NewProject,
    eventually: Eventually,
) -> Iterator[Served]:
    """One way that files come in, and are handed out."""
    project = new_project(label_config="<View></View>")

    def addresses() -> list[str]:
        ids = [task["id"] for task in list_tasks(api, project["id"], fields=None)]
        read = [next(iter(api.call("tasks.get", id=number).json()["data"].values())) for number in ids]
        return sorted(read, key=str)

    def uploaded(files: dict[str, bytes]) -> list[str]:
        numbers = upload(api, project, *files.items(), query={"commit_to_project": False}).json()["file_upload_ids"]
        return [f"data/{api.call('files.get', id=number).json()['file']}" for number in numbers]

    if request.param == "upload":
        yield Served("upload", uploaded)
        return
    stores = open_store(request.param, peers, target)
    for store in stores:

        def stored(files: dict[str, bytes], store: Any = store) -> list[str]:
            for name, content in files.items():
                store.put(name, content, False)
            source = Source(api, eventually, store, project["id"])
            source.connect(use_blob_urls=True, **({} if store.kind == "local" else {"presign": False}))
            source.sync()
            return addresses()

        yield Served(request.param, stored)


def harmless(answer: Exchange) -> bool:
    """Whether a browser that is sent there runs no script of it with the rights of the server's own pages."""
    headers = answer.response.headers if answer.response is not None else {}
    policy, kind = headers.get("content-security-policy", ""), headers.get("content-type", "").lower()
    confined = "sandbox" in policy and "allow-same-origin" not in policy
    silent = any(word in policy for word in ("script-src 'none'", "default-src 'none'"))
    saved = headers.get("content-disposition", "").startswith("attachment")
    return confined or silent or saved or not any(word in kind for word in RUN)


@each_way("LS-IMPORT-163", "LS-STORAGE-018")
def test_no_file_is_a_page_of_the_server(api: Wire, show: Show, served: Served) -> None:
    answers = {address: api.follow(address) for address in served.bring(PAGES)}
    told = {a: x for a, x in answers.items() if x.ok and SCRIPT in x.content}
    if not told:
        show.not_measured("no file is handed out as it was brought")
    wrong = {address: answer for address, answer in told.items() if not harmless(answer)}
    shown = next(iter(wrong.values()), next(iter(told.values())))
    confined = "a download, a sandbox, or a type that is not run"
    show.equal(
        "LS-IMPORT-163" if served.way == "upload" else "LS-STORAGE-018",
        expected=confined,
        got=f"a page at {', '.join(wrong)}" if wrong else confined,
        exchange=shown,
        signature=served.way,
    )


def part(asked: str) -> tuple[int, int] | None:
    """The part of the sound that a Range header asks for; None for what is none, or lies behind the end."""
    first, _, last = asked.removeprefix("bytes=").partition("-")
    if not first:
        return max(0, len(SOUND) - int(last)), len(SOUND)
    if int(first) >= len(SOUND) or (last and int(last) < int(first)):
        return None
    return int(first), min(int(last) + 1, len(SOUND)) if last else len(SOUND)


RANGES: Final = ("0-0", "2-9", "1000-", "-24", "1000-5000", "5000-", "9-2", "9-0")


@each_way("LS-IMPORT-164", "LS-STORAGE-019")
def test_a_part_of_a_file_is_that_part(api: Wire, show: Show, served: Served) -> None:
    """Players ask for the end of a sound first, to learn how long it is."""
    (address,) = served.bring({"sound.wav": SOUND})
    cases: dict[str, tuple[object, object]] = {}
    answer = api.follow(address)
    for asked in RANGES:
        answer = api.follow(address, headers=[("Range", f"bytes={asked}")])
        wanted = part(asked)
        allowed = {(200, SOUND)} | ({(206, SOUND[slice(*wanted)])} if wanted else set())
        right = (answer.status, answer.content) in allowed or (wanted is None and answer.status == 416)
        expected = f"206 and {wanted}, or 200 and all" if wanted else "416, or 200 and all"
        cases[asked] = (expected, expected if right else f"{answer.status} and {len(answer.content)} bytes")
    shown = "LS-IMPORT-164" if served.way == "upload" else "LS-STORAGE-019"
    show_each(shown, show, answer, cases, about=served.way)
