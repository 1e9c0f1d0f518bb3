"""Files that the server hands out itself: no browser runs their scripts as the server's, and a range is that range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.readers.page import runs_scripts
from conformance.scenarios.steps import list_tasks, upload
from conformance.scenarios.storages.connections import Source
from conformance.scenarios.storages.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.budgets import Eventually
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

SCRIPT: Final = b"<script>alert(document.domain)</script>"
# Types by which browsers run scripts of a page that they were sent to.
PAGES: Final = {
    "page.html": b"<html>" + SCRIPT + b"</html>",
    "page.htm": b"<HTML>" + SCRIPT + b"</HTML>",
    "page.xml": b'<html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>",
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
}
SOUND: Final = b"".join(number.to_bytes(2, "big") for number in range(512))


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
        # without a slash before it: below the path that the server may lie under
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


@each_way("LS-IMPORT-163", "LS-STORAGE-018")
def test_no_file_is_a_page_of_the_server(api: Wire, show: Show, served: Served) -> None:
    answers = {address: api.follow(address) for address in served.bring(PAGES)}
    told = {a: x for a, x in answers.items() if x.ok and SCRIPT in x.content}
    if not told:
        show.not_measured("no file is handed out as it was brought")
    wrong = {a: x for a, x in told.items() if x.response is not None and runs_scripts(x.response.headers)}
    shown = next(iter(wrong.values()), next(iter(told.values())))
    confined = "a download, a sandbox, no scripts, or a type that is not run"
    named = {content: name for name, content in PAGES.items()}
    pages = sorted(named.get(answer.content, "another") for answer in wrong.values())
    show.equal(
        "LS-IMPORT-163" if served.way == "upload" else "LS-STORAGE-018",
        expected=confined,
        got=f"a page at {', '.join(wrong)}" if wrong else confined,
        exchange=shown,
        signature=f"{served.way}: {', '.join(pages)}",
    )


# What a Range header asks for -> where that part begins and ends; None where there is none.
RANGES: Final[dict[str, tuple[int, int] | None]] = {
    "0-0": (0, 1),
    "2-9": (2, 10),
    "1000-": (1000, 1024),
    "-24": (1000, 1024),
    "1000-5000": (1000, 1024),
    "5000-": None,
    "9-2": None,
    "9-0": None,
}
# Whose end is before their beginning: a server may call that the client's mistake (RFC 9110, 14.2).
BACKWARDS: Final = ("9-2", "9-0")


@each_way("LS-IMPORT-164", "LS-STORAGE-019")
def test_a_part_of_a_file_is_that_part(api: Wire, show: Show, served: Served) -> None:
    """Players ask for the end of a sound first, to learn how long it is."""
    (address,) = served.bring({"sound.wav": SOUND})
    answer = api.follow(address)
    if answer.status != 200:
        show.not_measured("the server does not hand out the file itself")
    cases: dict[str, tuple[object, object]] = {}
    for asked, wanted in RANGES.items():
        answer = api.follow(address, headers=[("Range", f"bytes={asked}")])
        allowed = {(200, SOUND)} | ({(206, SOUND[slice(*wanted)])} if wanted else set())
        refusals = () if wanted else (416, 400) if asked in BACKWARDS else (416,)
        right = (answer.status, answer.content) in allowed or answer.status in refusals
        expected = f"206 and bytes {wanted}" if wanted else f"status {' or '.join(map(str, refusals))}"
        expected += ", or 200 and the whole file"
        cases[asked] = (expected, expected if right else f"{answer.status} and {len(answer.content)} bytes")
    shown = "LS-IMPORT-164" if served.way == "upload" else "LS-STORAGE-019"
    show_each(shown, show, answer, cases, about=served.way)
