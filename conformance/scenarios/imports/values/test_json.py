"""JSON, in a body and in a file: every value, every key, of any size; both ways alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import equal
from conformance.scenarios.checks import show_each
from conformance.scenarios.exports.told.values import ALONE, NESTED, NUMBERS, STRINGS
from conformance.scenarios.imports.values.growing import ANY, Growing
from conformance.scenarios.steps import bring_in, data, list_tasks, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# What queries, templates, columns, serializers and languages have a meaning for.
KEYS = (
    # those of tasks and of what stands in them
    *("id", "pk", "data", "meta", "annotations", "predictions", "drafts", "project", "task", "result", "file_upload"),
    *("created_at", "inner_id", "overlap", "is_labeled", "total_annotations", "completed_by", "label", "annotator"),
    # words of languages, and paths in them
    *("lead_time", "select", "where", "order by", "a__b", "__class__", "__proto__", "constructor", "a.b", "a[0]"),
    *("$text", "%s", "{0}", "{{x}}"),
    # blanks, marks and letters
    *("a b", " a ", "", "a'b", 'a"b', "a\\b", "a/b", "a;b", "a--b", "*", "Größe", "世界", "🌍"),
    # what looks like a value, and what has more than one line
    *("null", "true", "0", "-1", "NaN", "a\nb", "a\tb", "x" * 500),
)
WAYS = ("body", "file")
BROKEN = 500
VALUES = {**STRINGS, **NUMBERS, **NESTED, "beyond 64 bits": 12345678901234567890123}
SETS = {"values": VALUES, **{case: {case: value} for case, value in ALONE.items()}}


def send(api: Wire, project: dict[str, Any], content: bytes, way: str, *, deed: str | None = None) -> Exchange:
    """Import the same bytes as a body or as a file."""
    if way == "file":
        return upload(api, project, ("tasks.json", content), expect=None, deed=deed)
    headers = {"Content-Type": "application/json"}
    return bring_in(api, project["id"], content=content, headers=headers, expect=None, deed=deed)


@pytest.mark.requirement("LS-IMPORT-130")
@pytest.mark.parametrize(
    "values",
    [
        pytest.param(v, id=name, marks=[pytest.mark.requirement("LS-IMPORT-131")] if v is VALUES else [])
        for name, v in SETS.items()
    ],
)
def test_values_and_keys_come_in_as_they_are(
    api: Wire, show: Show, new_project: NewProject, values: dict[str, Any]
) -> None:
    keys = {key: f"under {number}" for number, key in enumerate(KEYS)} if values is VALUES else {}
    sent = [{"data": {"text": case, "value": value}, "meta": {"value": value}} for case, value in values.items()]
    content = json.dumps([*sent, {"data": {"text": "keys", **keys}, "meta": keys}]).encode()
    for way in WAYS:
        project = new_project()
        made = send(api, project, content, way)
        tasks = {task["data"]["text"]: task for task in list_tasks(api, project["id"])} if made.ok else {}
        none: dict[str, Any] = {"data": {}, "meta": {}}
        for part in ("data", "meta"):
            show_each(
                "LS-IMPORT-130",
                show,
                made,
                {case: (value, tasks.get(case, none)[part].get("value", "nothing")) for case, value in values.items()},
                about=f"{part} of a {way}",
                agree=equal,
            )
            held = tasks.get("keys", none)[part]
            named: dict[str, tuple[object, object]] = {repr(key): (v, held.get(key)) for key, v in keys.items()}
            if named:
                show_each("LS-IMPORT-131", show, made, named, about=f"{part} of a {way}")


# the same bytes must mean the same, whichever way they come
ODD: dict[str, bytes] = {
    "one object": b'{"text": "a"}',
    "one wrapped object": b'{"data": {"text": "a"}, "meta": {"m": 1}}',
    "data that is empty": b'[{"data": {}}]',
    "data that is null": b'[{"data": null, "text": "a"}]',
    "data that is a text": b'[{"data": "a", "text": "b"}]',
    "data that is a list": b'[{"data": [1], "text": "b"}]',
    "data beside other fields": b'[{"data": {"text": "a"}, "text": "b"}]',
    "a key twice": b'[{"text": "a", "text": "b"}]',
    "a byte order mark": b'\xef\xbb\xbf[{"text": "a"}]',
    "lines of objects": b'{"text": "a"}\n{"text": "b"}\n',
    "a comma too many": b'[{"text": "a"},]',
    "a comment": b'[{"text": "a"} /* b */]',
    "single quotes": b"[{'text': 'a'}]",
    "blanks around": b' \n[ {"text" : "a"} ]\n ',
    "a number too large": b'[{"text": "a", "n": 1e999}]',
    "no number": b'[{"text": "a", "n": NaN}]',
    "infinity": b'[{"text": "a", "n": -Infinity}]',
    "an overlong escape": b'[{"text": "\\u0000a"}]',
    "Latin-1": '[{"text": "ä"}]'.encode("latin-1"),
    "UTF-16": '[{"text": "ä"}]'.encode("utf-16"),
    "a list in a list": b'[[{"text": "a"}]]',
    "annotations that are null": b'[{"data": {"text": "a"}, "annotations": null}]',
    "predictions that are null": b'[{"data": {"text": "a"}, "predictions": null}]',
    "meta that is null": b'[{"data": {"text": "a"}, "meta": null}]',
    "meta that is a list": b'[{"data": {"text": "a"}, "meta": [1]}]',
}


@pytest.mark.requirement("LS-IMPORT-132", "LS-IMPORT-133")
def test_a_file_means_what_a_body_means(api: Wire, show: Show, new_project: NewProject) -> None:
    project = Growing(api, new_project(label_config='<View><Text name="t" value="$text"/></View>'))
    agree: dict[str, tuple[object, object]] = {}
    broken: dict[str, tuple[object, object]] = {}
    for case, content in ODD.items():
        body = send(api, project.described, content, "body", deed=case)
        told = project.outcome(body)
        file = send(api, project.described, content, "file", deed=f"a file: {case}")
        agree[case] = (told, project.outcome(file))
        statuses = {"body": body.status, "file": file.status}
        broken[case] = ([], [f"{way} HTTP {status}" for way, status in statuses.items() if status >= BROKEN])
    show_each("LS-IMPORT-132", show, file, agree)
    show_each("LS-IMPORT-133", show, file, broken)


@pytest.mark.requirement("LS-IMPORT-134")
@pytest.mark.parametrize("kind", ["json", "csv", "txt"])
def test_a_large_file_comes_in_whole(api: Wire, show: Show, new_project: NewProject, kind: str) -> None:
    """More than a megabyte, with characters of several bytes across every boundary of a buffer."""
    texts = [f"{n:04} " + "ä世🌍" * (500 + n) for n in range(250)]
    content = {
        "json": json.dumps([{"text": text} for text in texts], ensure_ascii=False),
        "csv": "\n".join(["text", *texts, ""]),
        "txt": "\n".join([*texts, ""]),
    }[kind].encode()
    assert len(content) > 1 << 20
    project = new_project(label_config=ANY) if kind == "txt" else new_project()
    made = upload(api, project, (f"large.{kind}", content), expect=None, timeout=300)
    got = [next(iter(task.values())) for task in data(api, project)] if made.ok else []
    wrong = [text[:10] for text, other in zip(texts, got, strict=False) if text != other]
    show.equal("LS-IMPORT-134", expected=[len(texts), []], got=[len(got), wrong], exchange=made, signature=kind)
