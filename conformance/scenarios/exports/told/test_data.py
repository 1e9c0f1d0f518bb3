"""The data of tasks, and what is said of annotations, in each format: values, columns that clash, rows that differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import equal
from conformance.scenarios.checks import show_each
from conformance.scenarios.data.configs import TEXT_CHOICES, TEXT_LABELS, choice, span
from conformance.scenarios.exports.told.values import ALONE, FIELD, NESTED, NUMBERS, STRINGS, TABLES, rows
from conformance.scenarios.steps import export, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Wire

VALUES = {**STRINGS, **NUMBERS, **NESTED}
SETS = {"values": VALUES, **{case: {case: value} for case, value in ALONE.items()}}


def as_read(cell: Any) -> Any:
    """A cell of a table as the JSON value that it stands for."""
    try:
        return json.loads({"True": "true", "False": "false", "": "null"}.get(cell, cell))
    except ValueError:
        return cell


@pytest.mark.requirement("LS-EXPORT-147", "LS-EXPORT-148", "LS-EXPORT-149")
@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_every_value_of_data_is_told(api: Wire, show: Show, labelled: Labelled, values: dict[str, Any]) -> None:
    tasks = [
        {"data": {"text": case, FIELD: value}, "annotations": [{"result": [], "ground_truth": False}]}
        for case, value in values.items()
    ]
    project = labelled(TEXT_CHOICES, tasks)
    answer = export(api, project, "JSON", expect=None)
    whole = {task["data"]["text"]: task["data"].get(FIELD) for task in answer.json()} if answer.ok else {}
    show_each("LS-EXPORT-147", show, answer, {case: (v, whole.get(case)) for case, v in values.items()}, agree=equal)
    answer = export(api, project, "JSON_MIN", expect=None)
    told = {row["text"]: row.get(FIELD) for row in rows("JSON_MIN", answer)}
    show_each("LS-EXPORT-148", show, answer, {case: (v, told.get(case)) for case, v in values.items()}, agree=equal)
    for name in TABLES:
        answer = export(api, project, name, expect=None)
        cells = {row["text"]: row.get(FIELD) for row in rows(name, answer)}
        read = {
            case: cells.get(case) if isinstance(value, str) else as_read(cells.get(case, "no row"))
            for case, value in values.items()
        }
        show_each("LS-EXPORT-149", show, answer, {c: (v, read[c]) for c, v in values.items()}, about=name, agree=equal)


@pytest.mark.requirement("LS-EXPORT-150")
@pytest.mark.parametrize(
    "number", [18446744073709551615, -9223372036854775808, 10**40], ids=["unsigned", "least", "long"]
)
def test_a_long_number_breaks_no_export(api: Wire, show: Show, labelled: Labelled, number: int) -> None:
    annotation = {"result": [], "ground_truth": False}
    project = labelled(TEXT_CHOICES, [{"data": {"text": "a", "n": number}, "annotations": [annotation]}])
    deed = f"data with {number}"
    answers = {name: export(api, project, name, expect=None, deed=deed) for name in ("JSON", "JSON_MIN", "CSV", "TSV")}
    digits = {name: (True, answer.ok and str(number) in answer.text) for name, answer in answers.items()}
    show_each("LS-EXPORT-150", show, answers["CSV"], digits)


CLASHES = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "id")
CLASHING = """<View><Text name="text" value="$text"/>
<Choices name="label" toName="text"><Choice value="Positive"/></Choices>
{}</View>""".format(
    "".join(f'<Choices name="{name}" toName="text"><Choice value="said {name}"/></Choices>' for name in CLASHES)
)


@pytest.mark.requirement("LS-EXPORT-151", "LS-EXPORT-152", "LS-EXPORT-153", "LS-EXPORT-154")
def test_columns_of_one_name_lose_nothing(api: Wire, show: Show, labelled: Labelled) -> None:
    """A field of the data, or a control, is called like a control, or like a column that the export has anyway."""
    own = {name: f"own {name}" for name in (*CLASHES, "label")}
    answered = [
        choice("Positive"),
        *({**choice(f"said {name}", region_id=name), "from_name": name} for name in CLASHES),
    ]
    cases = {
        "LS-EXPORT-151": (TEXT_CHOICES, {"text": "a", "label": own["label"]}, [choice("Positive")], ["own label"]),
        "LS-EXPORT-152": (TEXT_CHOICES, {"text": "a", **own}, [choice("Positive")], [own[name] for name in CLASHES]),
        "LS-EXPORT-153": (CLASHING, {"text": "a"}, answered, [f"said {name}" for name in CLASHES]),
    }
    for requirement, (config, data, result, wanted) in cases.items():
        project = labelled(config, [{"data": data, "annotations": [{"result": result, "lead_time": 1.25}]}])
        (task,) = list_tasks(api, project)
        columns: dict[str, tuple[object, object]] = {}
        for name in ("JSON_MIN", "CSV", "TSV"):
            answer = export(api, project, name, expect=None)
            row = next(iter(rows(name, answer)), {})
            missing = [value for value in wanted if value not in row.values()]
            show.equal(
                requirement, expected=[], got=missing, exchange=answer, signature=f"{name}: {', '.join(missing)}"
            )
            columns[name] = ([str(task["id"]), str(task["annotations"][0]["id"])], _ids(row))
        if requirement != "LS-EXPORT-151":
            show_each("LS-EXPORT-154", show, answer, columns, about="data" if requirement.endswith("2") else "controls")


def _ids(row: dict[str, Any]) -> list[str]:
    return [str(row.get("id")), str(row.get("annotation_id"))]


@pytest.mark.requirement("LS-EXPORT-155", "LS-EXPORT-156", "LS-EXPORT-157", "LS-EXPORT-158")
def test_rows_are_annotations(api: Wire, show: Show, labelled: Labelled) -> None:
    """As many as there are, under their columns, whatever each of them lacks; with the ids and times of JSON."""
    yes = [choice("Positive")]
    tasks: list[dict[str, Any]] = [
        {"data": {"text": "two", "a": "1"}, "annotations": [{"result": yes, "lead_time": 0.123456789}, {"result": []}]},
        {"data": {"text": "other", "b": "2", "ä": "3"}, "annotations": [{"result": yes, "lead_time": 86400.5}]},
        {"data": {"text": "left"}, "annotations": [{"result": yes, "was_cancelled": True}]},
        {"data": {"text": "bare", "c": "4"}},
        {"data": {"text": "guessed"}, "predictions": [{"result": yes}]},
        *({"data": {"text": f"more {n}"}, "annotations": [{"result": yes}]} for n in range(35)),
    ]
    project = labelled(TEXT_CHOICES, tasks)
    listed = list_tasks(api, project)
    made = {a["id"]: (task, a) for task in listed for a in task["annotations"] if not a["was_cancelled"]}
    expected = {
        str(number): [
            str(task["id"]),
            a["created_at"],
            a["updated_at"],
            a["lead_time"] or None,
            "Positive" if a["result"] else None,
            {"a": None, "b": None, "ä": None, **task["data"]},
        ]
        for number, (task, a) in made.items()
    }
    for name in ("JSON_MIN", "CSV", "TSV"):
        answer = export(api, project, name, expect=None)
        told = rows(name, answer)
        show.equal(
            "LS-EXPORT-155",
            expected=sorted(expected),
            got=sorted(str(row.get("annotation_id")) for row in told),
            exchange=answer,
            signature=name,
        )
        got = {str(row.get("annotation_id")): _told(row) for row in told}
        show_each("LS-EXPORT-156", show, answer, {k: (v, got.get(k)) for k, v in expected.items()}, about=name)
        everything = rows(name, export(api, project, name, everything=True, expect=None))
        bare = {row["text"]: row.get("label") or None for row in everything if row.get("text") in {"bare", "guessed"}}
        show.equal("LS-EXPORT-157", expected={"bare": None, "guessed": None}, got=bare, exchange=answer, signature=name)
    order = [row["text"] for row in rows("CSV", export(api, project, "CSV", expect=None))]
    wanted = [task["data"]["text"] for task, _ in made.values()]
    show.equal("LS-EXPORT-158", expected=wanted, got=order)


def _told(row: dict[str, Any]) -> list[Any]:
    lead = row.get("lead_time")
    return [
        str(row.get("id")),
        row.get("created_at"),
        row.get("updated_at"),
        float(lead) if lead else None,
        row.get("label") or None,
        {key: row.get(key) or None for key in ("text", "a", "b", "ä")},
    ]


SENTENCE = "Zoë «Ärztin» in 東京 🌍"


@pytest.mark.requirement("LS-EXPORT-159")
def test_exports_are_utf_8(api: Wire, show: Show, labelled: Labelled) -> None:
    spans = [span(SENTENCE, "Zoë", "PER"), span(SENTENCE, "東京", "ORG", region_id="s2")]
    project = labelled(TEXT_LABELS, [{"data": {"text": SENTENCE}, "annotations": [{"result": spans}]}])
    told: dict[str, tuple[object, object]] = {}
    for name in ("JSON", "JSON_MIN", "CSV", "TSV", "CONLL2003"):
        answer = export(api, project, name, expect=None)
        try:
            text = answer.content.decode("utf-8", errors="strict")
            text = json.dumps(json.loads(text), ensure_ascii=False) if name.startswith("JSON") else text
        except ValueError as problem:
            text = str(problem)
        told[name] = ([], [word for word in ("Zoë", "Ärztin", "東京", "🌍") if word not in text])
    show_each("LS-EXPORT-159", show, answer, told)
