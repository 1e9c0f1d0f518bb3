"""Files as people send them: any suffix and name, one form name for all, the same name twice, very many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from conformance.scenarios.checks import show_each, show_none
from conformance.scenarios.exports.drawn.regions import config, control
from conformance.scenarios.imports.values.growing import ANY, REFUSED, Growing
from conformance.scenarios.steps import bring_in, data, list_tasks, tasks_page, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

SUFFIXES: dict[str, tuple[bytes, list[Any]]] = {
    "T.CSV": (b"text,n\na,x\n", [{"text": "a", "n": "x"}]),
    "t.Csv": (b"text,n\na,x\n", [{"text": "a", "n": "x"}]),
    "T.TSV": (b"text\tn\na\tx\n", [{"text": "a", "n": "x"}]),
    "T.JSON": (b'[{"text": "a", "n": "x"}]', [{"text": "a", "n": "x"}]),
    "T.TXT": (b"a\nb\n", ["a", "b"]),
    "T.HTML": (b"<p>a</p>", ["<p>a</p>"]),
    "two.dots.csv": (b"text,n\na,x\n", [{"text": "a", "n": "x"}]),
}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NAMES = (
    "UPPER.PNG",
    "two words.png",
    "Größe.png",
    "世界.png",
    "it's.png",
    "100%.png",
    "a#b?c=d&e.png",
    "a+b.png",
    "%41.png",
    "../../up.png",
    "..\\back.png",
    "/root.png",
    ".hidden.png",
    "two.dots.png",
    "semi;colon,comma.png",
    "[brackets].png",
    "{{template}}.png",
    "$text.png",
    "x" * 150 + ".png",
    "y" * 280 + ".png",
    "ü" * 130 + ".png",
)
MANY = 120
FOUND = 200


def post(api: Wire, project: dict[str, Any], *files: tuple[str, str, bytes]) -> Exchange:
    """Import files: form name, file name, bytes."""
    parts = [(form, (name, content, "application/octet-stream")) for form, name, content in files]
    return bring_in(api, project["id"], files=parts, expect=None)


@pytest.mark.requirement("LS-IMPORT-110")
def test_the_case_of_a_suffix_makes_no_difference(api: Wire, show: Show, new_project: NewProject) -> None:
    cases: dict[str, tuple[object, object]] = {}
    for name, (content, expected) in SUFFIXES.items():
        project = Growing(api, new_project(label_config=ANY))
        made = upload(api, project.described, (name, content), expect=None)
        got = project.outcome(made)
        if name in {"T.TXT", "T.HTML"} and isinstance(got, list):
            got = [next(iter(task.values())) for task in got]
        cases[name] = ([expected, REFUSED], got)
    show_each("LS-IMPORT-110", show, made, cases, agree=lambda allowed, got: got in allowed)


@pytest.mark.requirement("LS-IMPORT-111", "LS-IMPORT-112", "LS-IMPORT-113", "LS-IMPORT-114")
def test_every_file_of_a_form_is_imported(api: Wire, show: Show, new_project: NewProject) -> None:
    def single(text: str) -> bytes:
        return f'[{{"text": "{text}"}}]'.encode()

    forms = {
        "LS-IMPORT-111": [("file", f"{n}.json", single(str(n))) for n in range(3)],
        "LS-IMPORT-112": [(f"file{n}", "same.json", single(str(n))) for n in range(3)],
        "LS-IMPORT-113": [(f"file{n}", f"{n}.json", single(str(n))) for n in range(MANY)],
    }
    for requirement, files in forms.items():
        project = new_project()
        made = post(api, project, *files)
        texts = sorted((task["text"] for task in data(api, project)), key=int) if made.ok else []
        rejected = made.status // 100 == 4 and requirement != "LS-IMPORT-112"
        show(
            requirement,
            rejected or texts == [str(n) for n in range(len(files))],
            expected=f"{len(files)} tasks, one of each file" + ("" if requirement == "LS-IMPORT-112" else ", or a 4xx"),
            got=f"HTTP {made.status}, tasks {texts}",
            exchange=made,
        )
        stored = _files(api, project)
        wanted = len(texts)
        show.equal("LS-IMPORT-114", expected=wanted, got=len(stored), exchange=made, signature=f"{len(files)} files")


def _files(api: Wire, project: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = api.call("files.list", id=project["id"], query={"all": True}).json()
    return listed


@pytest.mark.requirement("LS-IMPORT-115", "LS-IMPORT-116", "LS-IMPORT-117")
def test_files_of_any_name_can_be_had_again(api: Wire, show: Show, new_project: NewProject) -> None:
    """What a task refers to downloads with the bytes that were sent; nothing lands outside of its folder."""
    project = new_project(label_config=config(control("RectangleLabels", "box", ["Car"])))
    parts = [(f"file{n}", name, PICTURE + bytes([n])) for n, name in enumerate(NAMES)]
    made = post(api, project, *parts)
    show.status("LS-IMPORT-115", made, 201)
    addresses = [task["data"]["image"] for task in list_tasks(api, project["id"])] if made.ok else []
    got: set[int] = set()
    for address in addresses:
        download = api.follow(address)
        if download.status == FOUND and download.content.startswith(PICTURE):
            got.add(download.content[-1])
    show_each("LS-IMPORT-116", show, made, {name: (True, n in got) for n, name in enumerate(NAMES)})
    home, path = f"/data/upload/{project['id']}/", urlsplit(api.base_url).path  # of whoever is served below one
    outside = [a for a in addresses if not urlsplit(a).path.removeprefix(path).startswith(home) or ".." in a]
    show_none("LS-IMPORT-117", show, made, outside, among=addresses)


REFUSALS = {
    "empty.csv": b"",
    "header only.csv": b"text,n\n",
    "ragged.csv": b"text,n\na,b\nc,d,e\n",
    "empty.txt": b"",
    "open.csv": b'text,n\n"a,b\n',
    "latin.csv": "text\nä\n".encode("latin-1"),
    "infinite.csv": b"text,n\na,inf\n",
    "broken.json": b'[{"text": ',
    "number.json": b"17",
    "numbers.json": b"[1, 2]",
    "nothing.json": b"[]",
    "data.json": b'[{"data": "a"}]',
    "lacking.json": b'[{"title": "a"}]',
    "half.json": b'[{"text": "a"}, {"t": 1}]',
    "annotations.json": b'[{"data": {"text": "a"}, "annotations": 5}]',
    "program.exe": b"MZ",
    "infinite.json": b'[{"text": "a", "n": 1e999}]',
    "nan.json": b'[{"text": "a", "n": NaN}]',
}


@pytest.mark.requirement("LS-IMPORT-118", "LS-IMPORT-119", "LS-IMPORT-120")
def test_a_refused_import_leaves_nothing(api: Wire, show: Show, new_project: NewProject) -> None:
    project = new_project()
    bring_in(api, project["id"], json=[{"text": "here before"}])
    statuses: dict[str, tuple[object, object]] = {}
    left: dict[str, tuple[object, object]] = {}
    files: set[int] = set()
    for name, content in REFUSALS.items():
        answer = upload(api, project, (name, content), expect=None, deed=f"a file that is refused: {name}")
        statuses[name] = (400, answer.status)
        now = {file["id"] for file in _files(api, project)}
        if not answer.succeeded:
            left[name] = (0, len(now - files))
        files = now
    show_each("LS-IMPORT-120", show, answer, statuses)
    show_each("LS-IMPORT-118", show, answer, left)
    total = tasks_page(api, project["id"]).json()["total"]
    counted = api.call("projects.get", id=project["id"]).json()["task_number"]
    show_each("LS-IMPORT-119", show, answer, {"tasks": (1, total), "counted": (1, counted)})


@pytest.mark.requirement("LS-IMPORT-121")
def test_lines_of_a_text_file_end_where_lines_end(api: Wire, show: Show, new_project: NewProject) -> None:
    lines = [
        "  blanks around  ",
        "\ttab",
        "",
        "a\u2028b",
        "a\u2029b",
        "a\u0085b",
        "a\x0bb\x0cc",
        "a\x1cb\x1dc\x1ed",
        "世界",
    ]
    cases: dict[str, tuple[object, object]] = {}
    for case, end in (("of Unix", "\n"), ("of Windows", "\r\n")):
        project = new_project(label_config=ANY)
        made = upload(api, project, ("t.txt", end.join([*lines, ""]).encode()), expect=None)
        cases[f"lines {case}"] = (lines, [next(iter(task.values())) for task in data(api, project)] if made.ok else [])
    show_each("LS-IMPORT-121", show, made, cases)


@pytest.mark.requirement("LS-IMPORT-155")
def test_a_replaced_picture_stays_with_its_task(api: Wire, show: Show, new_project: NewProject) -> None:
    """The address in the task goes on to lead to a picture: the new one, or the old one if the update is refused."""
    project = new_project(label_config=config(control("RectangleLabels", "box", ["Car"])))
    (number,) = post(api, project, ("file", "a.png", PICTURE + b"old")).json()["file_upload_ids"]
    changed = api.call("files.update", id=number, files={"file": ("b.png", PICTURE + b"new", "image/png")}, expect=None)
    address = list_tasks(api, project["id"])[0]["data"]["image"]
    with api.unchecked():  # a server that breaks on it is told by the requirement, and once
        download = api.follow(address)
    wanted = PICTURE + (b"new" if changed.ok else b"old")
    show("LS-IMPORT-155", download.content == wanted, expected="the picture", got=download.brief(), exchange=changed)
