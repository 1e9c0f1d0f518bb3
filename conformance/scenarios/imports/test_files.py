"""Import of files: by upload and by URL; and the files themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import told_gone
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import bring_in, data, list_tasks, tasks_page, texts, upload

if TYPE_CHECKING:
    from conformance.peers import Peers
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

TASKS: list[dict[str, Any]] = [
    {"data": {"text": "from a file", "n": 1}, "annotations": [{"result": [choice("Positive")]}]},
    {"data": {"text": "and another", "n": None}},
]
HTML = '<html><body>\n<h1 class="a">Title</h1>\n<p>One &amp; two</p>\n</body></html>'


@pytest.mark.requirement("LS-IMPORT-009")
def test_a_json_file_is_as_good_as_a_body(api: Wire, show: Show, project: dict[str, Any]) -> None:
    made = upload(api, project, ("tasks.json", json.dumps(TASKS).encode()))
    tasks = list_tasks(api, project["id"])
    show.equal(
        "LS-IMPORT-009",
        expected=[(task["data"], [a["result"] for a in task.get("annotations", [])]) for task in TASKS],
        got=[(task["data"], [a["result"] for a in task["annotations"]]) for task in tasks],
        exchange=made,
    )


def table(case: str, requirement: str, name: str, content: str, tasks: list[dict[str, Any]]) -> object:
    """A file, and the tasks in it."""
    return pytest.param(requirement, name, content, tasks, marks=pytest.mark.requirement(requirement), id=case)


TABLES = [
    table(
        "CSV with quotes",
        "LS-IMPORT-010",
        "t.csv",
        'text,note\r\n"a, ""b""",plain\r\n"two\nlines",x\r\n',
        [{"text": 'a, "b"', "note": "plain"}, {"text": "two\nlines", "note": "x"}],
    ),
    table(
        "TSV",
        "LS-IMPORT-011",
        "t.tsv",
        "text\tnote\none, two\tplain\nthree\tx\n",
        [{"text": "one, two", "note": "plain"}, {"text": "three", "note": "x"}],
    ),
    table(
        "TXT",
        "LS-IMPORT-012",
        "t.txt",
        "first line\nzweite Zeile, größer\n",
        [{"text": "first line"}, {"text": "zweite Zeile, größer"}],
    ),
    table(
        "CSV with a byte order mark",
        "LS-IMPORT-014",
        "t.csv",
        "\ufefftext,note\nfirst,a\n",
        [{"text": "first", "note": "a"}],
    ),
    *(
        table(f"{kind} with a byte order mark", "LS-IMPORT-043", f"t.{kind}", f"\ufeff{content}", [{"text": "first"}])
        for kind, content in (("tsv", "text\nfirst\n"), ("txt", "first\n"))
    ),
    table(
        "CSV with leading zeros",
        "LS-IMPORT-015",
        "t.csv",
        "text,code\na,007\nb,0012\n",
        [{"text": "a", "code": "007"}, {"text": "b", "code": "0012"}],
    ),
    table(
        "CSV with an empty value",
        "LS-IMPORT-016",
        "t.csv",
        "text,note\na,\nb,x\n",
        [{"text": "a", "note": ""}, {"text": "b", "note": "x"}],
    ),
]


@pytest.mark.parametrize(("requirement", "name", "content", "expected"), TABLES)
def test_a_table_becomes_tasks(
    api: Wire, show: Show, new_project: NewProject, requirement: str, name: str, content: str, expected: object
) -> None:
    # a text file has no field names: the config reads whatever they are
    project = (
        new_project(label_config='<View><Text name="t" value="$undefined$"/></View>')
        if ".txt" in name
        else new_project()
    )
    made = upload(api, project, (name, content.encode()), expect=None)
    got = data(api, project) if made.ok else made.text[:200]
    if name.endswith(".txt") and isinstance(got, list):
        got = [{"text": next(iter(task.values()))} for task in got]
    show.equal(requirement, expected=expected, got=got, exchange=made)


@pytest.mark.requirement("LS-IMPORT-039")
def test_an_html_file_is_one_task(api: Wire, show: Show, new_project: NewProject) -> None:
    project = new_project(label_config='<View><HyperText name="page" value="$undefined$"/></View>')
    made = upload(api, project, ("page.html", HTML.encode()))
    got = [list(task.values()) for task in data(api, project)]
    show.equal("LS-IMPORT-039", expected=[[HTML]], got=got, exchange=made)


@pytest.mark.requirement("LS-IMPORT-013", "LS-IMPORT-029", "LS-IMPORT-030", "LS-IMPORT-033")
def test_several_files_come_in_and_can_be_looked_at(api: Wire, show: Show, project: dict[str, Any]) -> None:
    contents = {"one.csv": b"text\na\nb\n", "two.json": b'[{"text": "c"}]'}
    made = upload(api, project, *contents.items())
    tasks = list_tasks(api, project["id"])
    show.equal("LS-IMPORT-013", expected=["a", "b", "c"], got=sorted(texts(tasks)), exchange=made)

    ids = made.json()["file_upload_ids"]
    if not ids:
        show.not_measured("no file is named that could be looked at")
    listed = api.call("files.list", id=project["id"], query={"all": True})
    single = [api.call("files.get", id=number).json() for number in ids]
    by_id = {file["id"]: file["file"] for file in listed.json()}
    show.equal(
        "LS-IMPORT-029",
        expected={file["id"]: file["file"] for file in single},
        got={number: by_id.get(number) for number in ids},
        exchange=listed,
    )
    for file in single:
        name = file["file"].removeprefix("upload/")
        download = api.call("files.download", filename=name, expect=None)
        wanted = next((c for n, c in contents.items() if name.endswith(n)), None)
        show.equal(
            "LS-IMPORT-030",
            expected=repr(wanted),
            got=repr(download.content) if download.ok else download.brief(),
            exchange=download,
        )
    names = sorted({str(task["file_upload"])[-len("one.csv") :] for task in tasks if task["data"]["text"] != "c"})
    show.equal("LS-IMPORT-033", expected=["one.csv"], got=names, exchange=made)


SENT = {
    "long.wav": bytes(range(256)) * 1200,
    "lines.txt": "\ufeffa\r\nb\n\n  é\t\u2028c".encode() * 999,
}
"""What readers of texts like to change: ends of lines, marks, every byte there is, and a lot of it."""


@pytest.mark.requirement("LS-IMPORT-030")
@pytest.mark.parametrize("name", SENT)
def test_a_file_downloads_as_it_was_sent(api: Wire, show: Show, new_project: NewProject, name: str) -> None:
    project = new_project(label_config="<View></View>")
    made = upload(api, project, (name, SENT[name]), query={"commit_to_project": False})
    (number,) = made.json()["file_upload_ids"]
    stored = api.call("files.get", id=number).json()["file"].removeprefix("upload/")
    download = api.call("files.download", filename=stored, expect=None)
    same = download.ok and download.content == SENT[name]
    show(
        "LS-IMPORT-030",
        same,
        expected=f"{len(SENT[name])} bytes as they were sent",
        got="these" if same else f"{download.brief()}: {len(download.content)} bytes, or others",
        exchange=download,
        signature=name,
    )


@pytest.mark.requirement("LS-IMPORT-031", "LS-IMPORT-032", "LS-IMPORT-175")
def test_files_can_be_deleted(api: Wire, show: Show, project: dict[str, Any]) -> None:
    made = upload(api, project, *((f"{n}.csv", f"text\n{n}\n".encode()) for n in range(4)))
    brought = data(api, project)
    first, second, third, fourth = made.json()["file_upload_ids"]

    def left() -> list[int]:
        return sorted(file["id"] for file in api.call("files.list", id=project["id"], query={"all": True}).json())

    alone = api.call("files.delete", id=first)
    gone = api.call("files.get", id=first, expect=None)
    show.equal("LS-IMPORT-031", expected=[404, [second, third, fourth]], got=[told_gone(gone), left()], exchange=gone)
    if not brought:
        show.not_measured("the files brought no tasks")
    show.equal("LS-IMPORT-175", expected=brought, got=data(api, project), exchange=alone)

    deleted = api.call(
        "files.delete_many", id=project["id"], json={"file_upload_ids": [second, third]}, expect=(200, 204)
    )
    show.equal("LS-IMPORT-032", expected=[fourth], got=left(), exchange=deleted)
    show.equal("LS-IMPORT-175", expected=brought, got=data(api, project), exchange=deleted)


@pytest.mark.requirement("LS-IMPORT-024")
def test_an_upload_need_not_be_committed(api: Wire, show: Show, project: dict[str, Any]) -> None:
    made = upload(api, project, ("t.csv", b"text\na\n"), query={"commit_to_project": False})
    total = tasks_page(api, project["id"]).json()["total"]
    files = api.call("files.list", id=project["id"], query={"all": True}).json()
    show.equal(
        "LS-IMPORT-024",
        expected=[0, [file["id"] for file in files], 1],
        got=[total, made.json().get("file_upload_ids"), len(files)],
        exchange=made,
    )


@pytest.mark.parametrize(
    ("requirement", "name", "content"),
    [
        pytest.param(i, name, content, marks=pytest.mark.requirement(i), id=name)
        for i, name, content in (
            ("LS-IMPORT-017", "tasks.exe", b"MZ\x90"),
            ("LS-IMPORT-017", "noextension", b'[{"text": "a"}]'),
            ("LS-IMPORT-018", "broken.json", b'[{"text": "a"'),
            ("LS-IMPORT-018", "empty.json", b""),
        )
    ],
)
def test_a_file_that_is_no_use_is_refused(
    api: Wire, show: Show, project: dict[str, Any], requirement: str, name: str, content: bytes
) -> None:
    show.status(requirement, upload(api, project, (name, content), expect=None), 400)


@pytest.mark.requirement("LS-IMPORT-019")
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "txt"])
def test_a_file_in_another_encoding_breaks_nothing(
    api: Wire, show: Show, project: dict[str, Any], kind: str, encoding: str
) -> None:
    name = f"{encoding}.{kind}"
    body = '[{"text": "größer"}]' if kind == "json" else "text\ngrößer\n"
    answer = upload(api, project, (name, body.encode(encoding)), expect=None)
    read = answer.ok and any("größer" in task.values() for task in data(api, project))
    show(
        "LS-IMPORT-019",
        400 <= answer.status < 500 or read,
        expected="a 4xx, or the text intact",
        got=f"{answer.brief()} {data(api, project) if answer.ok else ''}",
        exchange=answer,
        signature=f"{name} HTTP {answer.status}",
    )


@pytest.mark.requirement("LS-IMPORT-037")
def test_files_with_different_columns_are_not_mixed_up(api: Wire, show: Show, project: dict[str, Any]) -> None:
    answer = upload(api, project, ("a.csv", b"text,n\na,1\n"), ("b.csv", b"text,m\nb,2\n"), expect=None)
    columns = sorted(sorted(one) for one in data(api, project))
    show(
        "LS-IMPORT-037",
        answer.status == 400 or columns == [["m", "text"], ["n", "text"]],
        expected="400, or the columns kept apart",
        got=f"{answer.brief()}, and {columns}",
        exchange=answer,
    )


@pytest.mark.requirement("LS-IMPORT-044")
@pytest.mark.parametrize("bad", ["broken.json", "lacking.csv", "tasks.exe"])
def test_one_bad_file_keeps_all_of_them_out(api: Wire, show: Show, project: dict[str, Any], bad: str) -> None:
    content = {"broken.json": b'[{"text": ', "lacking.csv": b"title\nno such field\n", "tasks.exe": b"MZ\x90"}[bad]
    answer = upload(api, project, ("good.csv", b"text\na\n"), (bad, content), expect=None)
    total = tasks_page(api, project["id"]).json()["total"]
    show.equal(
        "LS-IMPORT-044",
        expected=[400, 0],
        got=[answer.status, total],
        exchange=answer,
        signature=f"{bad} HTTP {answer.status}",
    )


@pytest.mark.requirement("LS-IMPORT-046")
def test_a_file_can_be_replaced(api: Wire, show: Show, project: dict[str, Any]) -> None:
    (number,) = upload(api, project, ("t.csv", b"text\na\n")).json()["file_upload_ids"]
    changed = api.call("files.update", id=number, files={"file": ("new.csv", b"text\nb\n", "text/csv")}, expect=None)
    name = api.call("files.get", id=number).json()["file"].removeprefix("upload/")
    download = api.call("files.download", filename=name, expect=None)
    got = download.text if download.ok else download.brief()
    show.equal("LS-IMPORT-046", expected="text\nb\n", got=got, exchange=changed)


SERVED = {
    "csv": ("text/csv", b"text,n\nserved,1\n"),
    "tsv": ("text/tab-separated-values", b"text\tn\nserved\t1\n"),
    "json": ("application/json", b'[{"data": {"text": "served", "n": 1}}]'),
}


@pytest.mark.requirement("LS-IMPORT-034")
@pytest.mark.parametrize("kind", SERVED)
def test_tasks_come_in_by_url(api: Wire, show: Show, peers: Peers, project: dict[str, Any], kind: str) -> None:
    content_type, content = SERVED[kind]
    url = peers.files.serve(f"by-url.{kind}", content, content_type=content_type).url
    made = bring_in(api, project["id"], data={"url": url}, expect=None)
    got = data(api, project) if made.ok else made.text[:200]
    show.equal("LS-IMPORT-034", expected=[{"text": "served", "n": 1}], got=got, exchange=made)


@pytest.mark.requirement("LS-IMPORT-035")
def test_a_url_that_serves_nothing_brings_nothing(api: Wire, show: Show, peers: Peers, project: dict[str, Any]) -> None:
    url = peers.files.serve("here.csv", b"text\na\n", content_type="text/csv").url.replace("here", "nowhere")
    answer = bring_in(api, project["id"], data={"url": url}, expect=None)
    total = tasks_page(api, project["id"]).json()["total"]
    show.equal("LS-IMPORT-035", expected=[400, 0], got=[answer.status, total], exchange=answer)


@pytest.mark.requirement("LS-IMPORT-051")
@pytest.mark.parametrize("kind", SERVED)
def test_tasks_come_in_by_a_signed_url(api: Wire, show: Show, peers: Peers, project: dict[str, Any], kind: str) -> None:
    content_type, content = SERVED[kind]
    url = peers.files.serve(f"signed.{kind}", content, content_type=content_type).url
    made = bring_in(api, project["id"], data={"url": f"{url}?sig=a%2Fb.c&e=1"}, expect=None)
    got = data(api, project) if made.ok else made.text[:200]
    show.equal("LS-IMPORT-051", expected=[{"text": "served", "n": 1}], got=got, exchange=made, signature=kind)


@pytest.mark.requirement("LS-IMPORT-177")
def test_tasks_come_in_by_a_list_of_addresses(api: Wire, show: Show, peers: Peers, project: dict[str, Any]) -> None:
    urls = [
        peers.files.serve(f"listed-{n}.csv", f"text,n\nserved,{n}\n".encode(), content_type="text/csv").url
        for n in range(2)
    ]
    made = bring_in(api, project["id"], json=[{"url": url} for url in urls], expect=None)
    got = sorted(data(api, project), key=str) if made.ok else made.text[:200]
    expected = [{"text": "served", "n": n} for n in range(2)]
    show.equal("LS-IMPORT-177", expected=sorted(expected, key=str), got=got, exchange=made, signature="a list")


@pytest.mark.requirement("LS-IMPORT-052")
@pytest.mark.parametrize("status", [403, 404, 500])
def test_what_comes_with_an_error_is_no_task(
    api: Wire, show: Show, peers: Peers, project: dict[str, Any], status: int
) -> None:
    url = peers.files.serve(
        "error.json", b'[{"text": "not found"}]', content_type="application/json", status=status
    ).url
    answer = bring_in(api, project["id"], data={"url": url}, expect=None)
    total = tasks_page(api, project["id"]).json()["total"]
    show(
        "LS-IMPORT-052",
        answer.rejected and total == 0,
        expected="a 4xx, and no task",
        got=f"{answer.brief()}, {total} tasks",
        exchange=answer,
        signature=f"HTTP {status}",
    )


@pytest.mark.requirement("LS-IMPORT-170")
@pytest.mark.parametrize("kind", SERVED)
def test_tasks_come_in_by_an_address_without_a_suffix(
    api: Wire, show: Show, peers: Peers, project: dict[str, Any], kind: str
) -> None:
    content_type, content = SERVED[kind]
    named = peers.files.serve(f"named-{kind}.{kind}", content, content_type=content_type).url
    usual = bring_in(api, project["id"], data={"url": named}, expect=None)
    one = {"text": "served", "n": 1}
    if not usual.ok or data(api, project) != [one]:
        show.not_measured(f"the same does not come from an address with a suffix: {usual.brief()}")
    url = peers.files.serve(f"tasks-as-{kind}", content, content_type=content_type).url
    made = bring_in(api, project["id"], data={"url": url}, expect=None)
    got = data(api, project)
    right = got == ([one] if made.rejected else [one, one])
    told = f"{made.brief()}: {made.text[:200]}, and {got}"
    show("LS-IMPORT-170", right, expected="a 4xx, or the task once more", got=told, exchange=made, signature=kind)
