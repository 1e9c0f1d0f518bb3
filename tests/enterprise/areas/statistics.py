"""Figures about annotators, models and labels of a project, worked out of what the real server has."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from tests.enterprise.areas.selecting import numbers
from tests.enterprise.facade.refusals import not_found
from tests.enterprise.state.agreement import between, mean, pair, submitted, total
from tests.enterprise.state.kernel import ordered
from tests.enterprise.state.model import Answer, serves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.enterprise.state.community import Answered
    from tests.enterprise.state.model import Call

PAGE = 30


def _annotations(call: Call) -> list[Answered]:
    return submitted(call.community.annotations(call.project))


def _of(user: int, found: Iterable[Answered]) -> list[Answered]:
    return [a for a in found if a.by == user]


def _truth(found: Iterable[Answered]) -> list[Answered]:
    return [a for a in found if a.ground_truth]


def _users(call: Call) -> list[int]:
    return numbers(call.query.get("ids"))


@serves("projects.stats.total_agreement")
def total_agreement(call: Call) -> Any:
    """The agreement over all tasks."""
    found = _annotations(call)
    value = total(found)
    if value is None:
        return Answer(204)
    if not call.query.get("per_label"):
        return {"total_agreement": value}
    labels = sorted({label for _, label in _labels(found)})
    return {"total_agreement": {label: total(_only(found, label)) or 0.0 for label in labels}}


def _only(found: list[Answered], label: str) -> list[Answered]:
    """What annotations say of one label."""
    return [replace(a, result=[r for r in a.result if label in _chosen(r)]) for a in found]


@serves("projects.stats.iaa")
def matrix_of_annotators(call: Call) -> Any:
    """How far each annotator agrees with each."""
    found = _annotations(call)
    tasks = numbers(call.query.get("task"))
    found = [a for a in found if not tasks or a.task in tasks]
    users = sorted({int(a.by) for a in found})
    matrix, common = matrices(found, users)
    return {
        "IAA": matrix,
        "common_tasks": common,
        "std": 0,
        "users": [{"id": user, "email": call.model.people.user(user)["email"]} for user in users],
    }


def matrices(found: list[Answered], users: list[int]) -> tuple[list[list[float]], list[list[float]]]:
    """Agreement, and the number of tasks that two have both done."""
    agreement = [[1.0 if a == b else between(_of(a, found), _of(b, found)) or 0.0 for b in users] for a in users]
    done = {user: {a.task for a in _of(user, found)} for user in users}
    return agreement, [[float(len(done[a] & done[b])) for b in users] for a in users]


@serves("projects.stats.agreement_annotator")
def annotator(call: Call) -> Any:
    """How far somebody agrees with the others."""
    return {"Agreement_per_annotator": _with_others(_annotations(call), call.path["user_id"])}


@serves("projects.stats.agreement_annotators")
def annotators(call: Call) -> Any:
    """The same of several."""
    return {"agreement": {str(user): _with_others(_annotations(call), user) for user in _users(call)}}


def _with_others(found: list[Answered], user: int) -> float:
    return between(_of(user, found), [a for a in found if a.by != user]) or 0.0


@serves("projects.stats.users_ground_truth_agreement")
def with_truth(call: Call) -> Any:
    """How far people agree with the ground truth."""
    found = _annotations(call)
    return {"agreement": {str(user): between(_of(user, found), _truth(found)) or 0.0 for user in _users(call)}}


@serves("projects.stats.user_ground_truth_agreement")
def one_with_truth(call: Call) -> Any:
    """How far somebody agrees with the ground truth."""
    found = _annotations(call)
    return {"agreement": between(_of(call.path["user_pk"], found), _truth(found)) or 0.0}


@serves("projects.stats.users_prediction_agreement")
def with_predictions(call: Call) -> Any:
    """How far people agree with predictions."""
    found, predicted = _annotations(call), call.community.predictions(call.project)
    return {"agreement": {str(user): between(_of(user, found), predicted) or 0.0 for user in _users(call)}}


@serves("projects.stats.user_prediction_agreement")
def one_with_predictions(call: Call) -> Any:
    """How far somebody agrees with predictions."""
    mine = _of(call.path["user_pk"], _annotations(call))
    return {"average_prediction_agreement_per_user": between(mine, call.community.predictions(call.project)) or 0.0}


def _version(call: Call) -> list[Answered]:
    return [p for p in call.community.predictions(call.project) if p.by == call.path["model_version"]]


@serves("projects.stats.model_version_annotator_agreement")
def model_with_annotators(call: Call) -> Any:
    """How far a model agrees with annotators."""
    return {"agreement": between(_version(call), _annotations(call)) or 0.0}


@serves("projects.stats.model_version_ground_truth_agreement")
def model_with_truth(call: Call) -> Any:
    """How far a model agrees with the ground truth."""
    return {"agreement": between(_version(call), _truth(_annotations(call))) or 0.0}


@serves("projects.stats.model_version_prediction_agreement")
def model_with_models(call: Call) -> Any:
    """How far a model agrees with others."""
    others = [p for p in call.community.predictions(call.project) if p.by != call.path["model_version"]]
    return {"average_prediction_agreement_per_model": between(_version(call), others) or 0.0}


@serves("projects.stats.data_filters")
def data_filters(call: Call) -> Any:
    """Who annotated which tasks."""
    found = _annotations(call)
    tasks: defaultdict[str, list[int]] = defaultdict(list)
    for answered in found:
        tasks[str(answered.by)].append(answered.task)
    return {"user_filters": {"stats": [{"id": user} for user in tasks], "tasks_with_annotations": dict(tasks)}}


@serves("projects.stats.finished_tasks")
def finished(call: Call) -> Any:
    """How many tasks are done, by somebody where that is asked for."""
    rows = call.community.all("task", project_id=call.project)
    user = call.query.get("user_pk")
    mine = {a.task for a in _annotations(call) if user is None or a.by == user}
    done = len(mine) if user is not None else sum(bool(row["is_labeled"]) for row in rows)
    return {"id": call.project, "finished": done, "progress": 100 * done // len(rows) if rows else 0}


@serves("projects.stats.lead_time")
def lead_time(call: Call) -> Any:
    """How long people took."""
    seconds: defaultdict[int, list[float]] = defaultdict(list)
    for answered in _annotations(call):
        if answered.seconds is not None:
            seconds[int(answered.by)].append(answered.seconds)
    return {
        "lead_time_stats": [
            {"user_id": u, "mean_time": mean(v), "median_time": median(v), "sum_lead_time": sum(v)}
            for u, v in seconds.items()
        ]
    }


@serves("projects.stats.member_performance_rows")
def performance(call: Call) -> Any:
    """A row per person."""
    found = _annotations(call)
    wanted = set(_users(call))
    people = [u for u in sorted({int(a.by) for a in found}) if not wanted or u in wanted]
    reviews = [r.values for r in call.store.of("review", project=call.project)]
    rows = [
        {
            "user_id": user,
            "annotations": len(_of(user, found)),
            "tasks": len({a.task for a in _of(user, found)}),
            "reviews": sum(r["created_by"] == user for r in reviews),
        }
        for user in people
    ]
    rows = ordered(rows, call.query.get("ordering", ""))
    number, size = max(1, call.query.get("page", 1)), call.query.get("page_size", PAGE)
    size = size if size > 0 else PAGE
    return {
        "count": len(rows),
        "page": number,
        "page_size": size,
        "results": rows[(number - 1) * size : number * size],
        "summary": {"annotations": len(found)},
    }


def _review_score(call: Call, user: int) -> float:
    """The share of somebody's reviewed annotations whose last review accepted them."""
    mine = {a.id for a in _of(user, _annotations(call))}
    last = {r.values["annotation"]: r.values.get("accepted") for r in call.store.of("review", project=call.project)}
    return mean(float(bool(accepted)) for number, accepted in last.items() if number in mine) or 0.0


@serves("projects.stats.users_review_score")
def review_scores(call: Call) -> Any:
    """How reviews speak of people."""
    scores = {str(user): _review_score(call, user) for user in _users(call)}
    return {"review_score": scores, "performance_score": scores}


@serves("projects.stats.user_review_score")
def review_score(call: Call) -> Any:
    """How reviews speak of somebody."""
    score = _review_score(call, call.path["user_pk"])
    return {"review_score": score, "performance_score": score}


@serves("projects.stats.update_stats")
def update_stats(_call: Call) -> Any:
    """Figures are worked out when somebody asks: there is nothing to do."""
    return {"message": "done"}


def controls(config: str | None) -> Iterator[tuple[str, str, list[str]]]:
    """The controls of a labeling configuration: name, kind, and what there is to choose."""
    try:
        root = ET.fromstring(config or "<View/>")
    except ET.ParseError:
        return
    for tag in root.iter():
        if "name" in tag.attrib and "toName" in tag.attrib:
            yield (
                tag.attrib["name"],
                tag.tag,
                [c.get("value") or c.get("alias") or "" for c in tag if "value" in c.attrib],
            )


@serves("projects.stats.label_distribution_structure")
def label_structure(call: Call) -> Any:
    """What there is to choose."""
    row = call.community.row("project", call.project) or {}
    return {
        "dimensions": [
            {"name": name, "type": kind, "choices": choices, "choice_keys": [f"{name}:{c}" for c in choices]}
            for name, kind, choices in controls(row.get("label_config"))
        ],
        "choice_keys": [f"{n}:{c}" for n, _, cs in controls(row.get("label_config")) for c in cs],
    }


def _labels(found: Iterable[Answered]) -> Counter[tuple[str, str]]:
    """How often each was chosen, by control."""
    counted: Counter[tuple[str, str]] = Counter()
    for answered in found:
        for region in answered.result:
            for label in _chosen(region):
                counted[str(region.get("from_name")), label] += 1
    return counted


def _chosen(region: dict[str, Any]) -> list[str]:
    """The labels or choices of a region."""
    value = region.get("value")
    chosen = value.get(region.get("type")) if isinstance(value, dict) and "type" in region else None
    return [label for label in (chosen if isinstance(chosen, list) else [chosen]) if isinstance(label, str)]


@serves("projects.stats.label_distribution_counts")
def label_counts(call: Call) -> Any:
    """How often each was chosen by annotators and by models."""
    annotated, predicted = _labels(_annotations(call)), _labels(call.community.predictions(call.project))
    structure = label_structure(call)
    wanted = [k for k in str(call.query.get("choice_keys", "")).split(",") if k]
    rows = [
        _row(d["name"], choice, annotated, predicted)
        for d in structure["dimensions"]
        for choice in d["choices"]
        if not wanted or f"{d['name']}:{choice}" in wanted
    ]
    start, size = max(0, call.query.get("offset", 0)), call.query.get("limit", PAGE)
    size = size if size > 0 else PAGE
    return {
        "results": rows[start : start + size],
        "next_offset": start + size if start + size < len(rows) else None,
        "totals": {
            "annotation_totals_by_dimension": _totals(annotated),
            "prediction_totals_by_dimension": _totals(predicted),
        },
    }


def _totals(counted: Counter[tuple[str, str]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (name, _), count in counted.items():
        found[name] += count
    return dict(found)


def _row(
    name: str, choice: str, annotated: Counter[tuple[str, str]], predicted: Counter[tuple[str, str]]
) -> dict[str, Any]:
    by_annotators, by_models = _totals(annotated).get(name, 0), _totals(predicted).get(name, 0)
    return {
        "dimension_name": name,
        "choice": choice,
        "choice_key": f"{name}:{choice}",
        "from_annotations_count": annotated[name, choice],
        "from_annotations_percent": 100 * annotated[name, choice] / by_annotators if by_annotators else 0.0,
        "from_predictions_count": predicted[name, choice],
        "from_predictions_percent": 100 * predicted[name, choice] / by_models if by_models else 0.0,
    }


@serves("tasks.agreement_matrix.get")
def task_matrix(call: Call) -> Any:
    """How far each annotation of a task agrees with each."""
    found = submitted(call.community.annotations(call.path["project_pk"], call.path["task_pk"]))
    if call.query.get("ground_truth"):
        found = _truth(found)
    selected = call.query.get("annotators") or {}
    ids = numbers(selected.get("ids"))
    if ids and not selected.get("all"):
        found = [a for a in found if a.by in ids]
    return {
        "users": [{"id": a.by, "annotation": a.id} for a in found],
        "matrix": [[pair(a, b) for b in found] for a in found],
    }


@serves("dimensions.list")
def dimensions(call: Call) -> Any:
    """A dimension per control of the labeling configuration; each keeps its number."""
    found = list(_dimensions(call))
    if "is_active" in call.query:
        found = [d for d in found if d["is_active"] is call.query["is_active"]]
    return ordered(found, call.query.get("ordering", ""))


@serves("dimensions.get")
def dimension(call: Call) -> Any:
    """One dimension."""
    found = next((d for d in _dimensions(call) if d["id"] == call.path["id"]), None)
    if found is None:
        raise not_found("dimension")
    return found


def _dimensions(call: Call) -> Iterator[dict[str, Any]]:
    project = call.path["project_pk"]
    row = call.community.row("project", project) or {}
    for order, (name, kind, _) in enumerate(controls(row.get("label_config"))):
        known = next(call.store.of("dimension", project=project, name=name), None)
        if known is None:
            created = str(row["created_at"]).replace(" ", "T") + "Z"
            values = {
                "project": project,
                "name": name,
                "control_tag": name,
                "created_at": created,
                "updated_at": created,
            }
            values |= {"extraction_method": "region", "extraction_method_params": {}, "metric_type": "exact_match"}
            values |= {"metric_params": {}, "is_active": True, "is_user_defined": False, "description": kind}
            known = call.store.add("dimension", {**values, "order": order}, ("project", project))
        yield known.values
