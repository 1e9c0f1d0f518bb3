"""Agreement and other figures of a small project, worked out by hand (see ``conftest.Figures``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import with_role
from conformance.scenarios.checks import show_each
from conformance.scenarios.enterprise.quality.conftest import HALF, SETTLED, WHOLE, N, P, found, near
from conformance.scenarios.enterprise.steps import annotate_as, choice, mentions, named
from conformance.scenarios.steps import import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.scenarios.enterprise.quality.conftest import Figures
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

TWO_THIRDS = 2 / 3


def shown(show: Show, requirement: str, expected: float, seen: tuple[Exchange, object], *, about: str = "") -> None:
    """Show that a figure is what was worked out."""
    answer, got = seen
    show(
        requirement,
        near(got, expected),
        expected=round(expected, 4),
        got=got,
        exchange=answer,
        signature=about or "figure",
    )


def place_of(users: list[Any], identity: int) -> int:
    """Return where somebody stands among the users of a matrix."""
    return next((place for place, user in enumerate(users) if mentions(user, identity)), len(users))


@pytest.mark.requirement("LS-STATS-001", "LS-STATS-002", "LS-STATS-007", "LS-STATS-008", "LS-STATS-019")
def test_people_agree_in_two_of_three(show: Show, figures: Figures) -> None:
    whole = figures.settled("total_agreement", "total_agreement", value=TWO_THIRDS)
    shown(show, "LS-STATS-001", TWO_THIRDS, whole)
    by_label = figures.call("total_agreement", query={"per_label": True})
    told = found(by_label, "total_agreement")
    labels = sorted(str(one).rpartition(" ")[2] for one in told) if isinstance(told, dict) else told
    show.equal("LS-STATS-002", expected=[N, P], got=labels, exchange=by_label)
    one = figures.settled("agreement_annotator", "Agreement_per_annotator", value=TWO_THIRDS, user_id=figures.first)
    shown(show, "LS-STATS-007", TWO_THIRDS, one)
    query = {"ids": figures.second}
    several = figures.settled("agreement_annotators", "agreement", figures.second, value=TWO_THIRDS, query=query)
    shown(show, "LS-STATS-008", TWO_THIRDS, several)
    show.equal(
        "LS-STATS-008", expected=[str(figures.second)], got=list(several[0].json()["agreement"]), signature="who"
    )
    figures.call("update_stats", query={"stat_type": "stats"})
    shown(show, "LS-STATS-019", TWO_THIRDS, figures.settled("total_agreement", "total_agreement", value=TWO_THIRDS))


@pytest.mark.requirement("LS-STATS-003")
def test_one_alone_agrees_with_nobody(api: Wire, show: Show, staffed: dict[str, Any], staff: Staff) -> None:
    task = import_tasks(api, staffed["id"], [{"data": {"text": "one"}}])[0]
    annotate_as(api, staff.annotator, task, P)
    answer = api.call("projects.stats.total_agreement", id=staffed["id"])
    none = not answer.content or found(answer, "total_agreement") in (None, {})
    show("LS-STATS-003", none, expected="no agreement", got=answer.text or answer.brief(), exchange=answer)


@pytest.mark.requirement("LS-STATS-004", "LS-STATS-005", "LS-STATS-006")
def test_the_matrix_of_annotators(api: Wire, show: Show, figures: Figures) -> None:
    # a third who agrees with nobody: of two alone, each row would do for either
    person = with_role(api, "annotator")
    api.call("projects.members.add", id=figures.project, json={"user": person.id})
    annotate_as(api, person, figures.tasks[0], N, lead_time=5.0)
    whole = figures.eventually(
        lambda: figures.call("iaa"), until=lambda seen: len(seen.json()["users"]) > 2, budget=SETTLED
    )
    told = whole.json()
    third = place_of(told["users"], person.id)
    one, other = place_of(told["users"], figures.first), place_of(told["users"], figures.second)
    for row, column in ((one, other), (other, one)):
        shown(show, "LS-STATS-004", TWO_THIRDS, (whole, found(whole, "IAA", row, column)))
        shown(show, "LS-STATS-004", 0.0, (whole, found(whole, "IAA", row, third)), about="the third")
    common = [found(whole, "common_tasks", one, other), found(whole, "common_tasks", other, one)]
    show.equal("LS-STATS-005", expected=[3, 3], got=common, exchange=whole)
    some = figures.call("iaa", query={"task": named([figures.tasks[0]["id"], figures.tasks[1]["id"]])})
    shown(show, "LS-STATS-006", HALF, (some, found(some, "IAA", one, other)))


@pytest.mark.requirement("LS-STATS-009", "LS-STATS-010")
def test_users_against_truth_and_models(show: Show, figures: Figures) -> None:
    first, query = figures.first, {"ids": named([figures.first])}
    truth = figures.settled("user_ground_truth_agreement", "agreement", value=HALF, user_pk=first)
    shown(show, "LS-STATS-009", HALF, truth)
    shown(
        show,
        "LS-STATS-009",
        HALF,
        figures.settled("users_ground_truth_agreement", "agreement", first, value=HALF, query=query),
        about="several",
    )
    place = "average_prediction_agreement_per_user"
    shown(show, "LS-STATS-010", 0.75, figures.settled("user_prediction_agreement", place, value=0.75, user_pk=first))
    several = figures.settled("users_prediction_agreement", "agreement", first, value=0.75, query=query)
    shown(show, "LS-STATS-010", 0.75, several, about="several")


@pytest.mark.requirement("LS-STATS-011", "LS-STATS-012", "LS-STATS-013")
def test_models_against_people_and_each_other(show: Show, figures: Figures) -> None:
    # v1 says P of one and two: annotations there are P, P, P, N; v2 says P and N
    for version, people, truth in (("v1", 0.75, HALF), ("v2", 0.75, WHOLE)):
        path = {"model_version": version}
        seen = figures.settled("model_version_annotator_agreement", "agreement", value=people, **path)
        shown(show, "LS-STATS-011", people, seen, about=version)
        seen = figures.settled("model_version_ground_truth_agreement", "agreement", value=truth, **path)
        shown(show, "LS-STATS-012", truth, seen, about=version)
    place = "average_prediction_agreement_per_model"
    both = figures.settled("model_version_prediction_agreement", place, value=HALF, model_version="v1")
    shown(show, "LS-STATS-013", HALF, both)


@pytest.mark.requirement("LS-STATS-014", "LS-STATS-015", "LS-STATS-017")
def test_work_is_counted(show: Show, figures: Figures) -> None:
    def finished(**query: object) -> object:
        return found(figures.call("finished_tasks", query=query), "finished")

    got = [finished(), finished(user_pk=figures.first), finished(user_pk=figures.second)]
    show.equal("LS-STATS-014", expected=[4, 4, 3], got=got)
    times = figures.call("lead_time")
    told = {item["user_id"]: item for item in times.json()["lead_time_stats"]}
    # 4 + 6 + 8 + 30; 10 + 20 + 60
    for user, expected in ((figures.first, (48, 12, 7)), (figures.second, (90, 30, 20))):
        cases = zip(("sum_lead_time", "mean_time", "median_time"), expected, strict=True)
        show_each("LS-STATS-015", show, times, {k: (float(v), float(told[user][k])) for k, v in cases})
    both = named([figures.first, figures.second])
    rows = [
        figures.call(
            "member_performance_rows", query={"ids": both, "table": "annotations", "page": page, "page_size": 1}
        )
        for page in (1, 2)
    ]
    who = [
        [mentions(row, user) for user in (figures.first, figures.second)]
        for page in rows
        for row in page.json()["results"]
    ]
    got = [sorted(who), rows[0].json()["count"]]
    show.equal("LS-STATS-017", expected=[[[False, True], [True, False]], 2], got=got, exchange=rows[0])
    alone = figures.call("member_performance_rows", query={"ids": figures.second, "table": "annotations"})
    asked_for = [mentions(row, figures.second) for row in alone.json()["results"]]
    show.equal("LS-STATS-017", expected=[True], got=asked_for, exchange=alone, signature="who")


@pytest.mark.requirement("LS-STATS-016")
def test_reviews_are_scored(api: Wire, show: Show, figures: Figures, staff: Staff) -> None:
    judged = {"first one": True, "first two": False, "first three": True, "first four": True}
    for name, accepted in judged.items():
        body = {"annotation": figures.annotations[name]["id"], "accepted": accepted, "comment": "Seen."}
        api.call("annotation_reviews.create", json=body, role=staff.reviewer.role)
    alone = figures.settled("user_review_score", "review_score", value=0.75, user_pk=figures.first)
    shown(show, "LS-STATS-016", 0.75, alone)
    body = {"annotation": figures.annotations["second three"]["id"], "accepted": True, "comment": "Seen."}
    api.call("annotation_reviews.create", json=body, role=staff.reviewer.role)
    query = {"ids": named([figures.first, figures.second])}
    for user, score in ((figures.second, WHOLE), (figures.first, 0.75)):
        several = figures.settled("users_review_score", "review_score", user, value=score, query=query)
        shown(show, "LS-STATS-016", score, several, about="several")


@pytest.mark.requirement("LS-STATS-018")
def test_other_projects_count_elsewhere(
    api: Wire, show: Show, figures: Figures, new_project: NewProject, staff: Staff
) -> None:
    figures.settled("total_agreement", "total_agreement", value=TWO_THIRDS)
    looks = ("total_agreement", "lead_time", "label_distribution_counts")
    before = [figures.call(look).json() for look in looks]
    other = new_project()
    for person in (staff.annotator, staff.second):
        api.call("projects.members.add", id=other["id"], json={"user": person.id})
    task = import_tasks(api, other["id"], [{"data": {"text": "elsewhere"}}])[0]
    for person, label in ((staff.annotator, P), (staff.second, N)):
        annotate_as(api, person, task, label, lead_time=500.0)
    show.equal("LS-STATS-018", expected=before, got=[figures.call(look).json() for look in looks])


@pytest.mark.requirement(*(f"LS-LABELS-00{n}" for n in (1, 2, 3, 4, 5, 6)))
def test_labels_are_counted(show: Show, figures: Figures) -> None:
    structure = figures.call("label_distribution_structure")
    dimensions = {one["name"]: sorted(one["choices"]) for one in structure.json()["dimensions"]}
    show.equal("LS-LABELS-001", expected={"label": [N, P]}, got=dimensions, exchange=structure)
    counts = figures.eventually(
        lambda: figures.call("label_distribution_counts"),
        until=lambda seen: sum(row["from_annotations_count"] for row in seen.json()["results"]) == 7,
        budget=SETTLED,
    )
    rows = {row["choice"]: row for row in counts.json()["results"]}
    # people: P, P, N, N and P, N, N; models: P, P and P, N
    for requirement, name, expected in (
        ("LS-LABELS-002", "from_annotations_count", {P: 3, N: 4}),
        ("LS-LABELS-003", "from_predictions_count", {P: 3, N: 1}),
    ):
        got = {label: row[name] for label, row in rows.items()}
        show.equal(requirement, expected=expected, got=got, exchange=counts)
    share = {label: row["from_annotations_percent"] for label, row in rows.items()}
    holds = near(share.get(P), 3 / 7) and near(share.get(N), 4 / 7)
    show("LS-LABELS-004", holds, expected={P: 42.86, N: 57.14}, got=share, exchange=counts)
    first = figures.call("label_distribution_counts", query={"limit": 1, "offset": 0})
    second = figures.call("label_distribution_counts", query={"limit": 1, "offset": first.json()["next_offset"]})
    pages = [[row["choice"] for row in page.json()["results"]] for page in (first, second)]
    got_ = [
        sorted(label for page in pages for label in page),
        [len(page) for page in pages],
        second.json()["next_offset"],
    ]
    show.equal("LS-LABELS-005", expected=[[N, P], [1, 1], None], got=got_, exchange=second)
    key = next((key for key in structure.json()["choice_keys"] if key.endswith(N)), "")
    one = figures.call("label_distribution_counts", query={"choice_keys": key})
    got__ = [row["choice"] for row in one.json()["results"]]
    show.equal("LS-LABELS-006", expected=[N], got=got__, exchange=one)


@pytest.mark.requirement("LS-MATRIX-001", "LS-MATRIX-002")
def test_the_matrix_of_a_task(show: Show, figures: Figures, api: Wire) -> None:
    def matrix(task: int, **annotators: object) -> Exchange:
        path: dict[str, Any] = {"project_pk": figures.project, "task_pk": figures.tasks[task]["id"]}
        query = {f"selection[annotators][{name}]": value for name, value in annotators.items()}  # as the client does
        return api.call("tasks.agreement_matrix.get", query=query, **path)

    for task, expected in ((0, WHOLE), (1, 0.0)):
        answer = matrix(task, all=True)
        users = answer.json()["users"]
        one, other = place_of(users, figures.first), place_of(users, figures.second)
        shown(show, "LS-MATRIX-001", expected, (answer, found(answer, "matrix", one, other)), about=str(task))
    alone = matrix(0, all=False, ids=[figures.first])
    users = alone.json()["users"]
    got = [len(users), mentions(users, figures.first), len(alone.json()["matrix"])]
    show.equal("LS-MATRIX-002", expected=[1, True, 1], got=got, exchange=alone)


FOLLOWS = ("LS-STATS-001", "LS-STATS-007", "LS-STATS-009", "LS-STATS-011")


@pytest.mark.requirement(*FOLLOWS, "LS-STATS-014", "LS-STATS-015", "LS-LABELS-002")
def test_figures_follow_a_change_of_mind(api: Wire, show: Show, figures: Figures, staff: Staff) -> None:
    """Each figure is asked for before the change, too: a server that keeps it would tell it again."""
    first, second = figures.first, figures.second
    looks: dict[str, tuple[str, str, dict[str, object], float, float]] = {
        "LS-STATS-001": ("total_agreement", "total_agreement", {}, TWO_THIRDS, WHOLE),
        "LS-STATS-007": ("agreement_annotator", "Agreement_per_annotator", {"user_id": first}, TWO_THIRDS, WHOLE),
        "LS-STATS-009": ("user_ground_truth_agreement", "agreement", {"user_pk": first}, HALF, WHOLE),
        "LS-STATS-011": ("model_version_annotator_agreement", "agreement", {"model_version": "v1"}, 0.75, HALF),
    }
    for operation, place, path, before, _ in looks.values():
        figures.settled(operation, place, value=before, **path)
    _labels(figures, {P: 3, N: 4})
    _done(figures, 3, 90.0)
    body = {"result": [choice(N)]}
    api.call("annotations.update", id=figures.annotations["first two"]["id"], json=body)
    annotate_as(api, staff.second, figures.tasks[3], N, lead_time=30.0)
    for requirement, (operation, place, path, _, after) in looks.items():
        shown(show, requirement, after, figures.settled(operation, place, value=after, **path), about="changed")
    counts = _labels(figures, {P: 2, N: 6})
    show.equal("LS-LABELS-002", expected={P: 2, N: 6}, got=labels_of(counts), exchange=counts, signature="changed")
    tasks, seconds = _done(figures, 4, 120.0)
    show.equal("LS-STATS-014", expected=4, got=found(tasks, "finished"), exchange=tasks, signature="changed")
    show.equal("LS-STATS-015", expected=120.0, got=_sum_of(seconds, second), exchange=seconds, signature="changed")


def labels_of(counts: Exchange) -> dict[str, object]:
    """How often each label was chosen in annotations."""
    return {row["choice"]: row["from_annotations_count"] for row in counts.json()["results"]}


def _labels(figures: Figures, expected: dict[str, object]) -> Exchange:
    """The counts of labels, waited for until they are what they should be."""
    return figures.eventually(
        lambda: figures.call("label_distribution_counts"),
        until=lambda seen: labels_of(seen) == expected,
        budget=SETTLED,
    )


def _sum_of(times: Exchange, user: int) -> float:
    """How long somebody worked."""
    return sum(float(one["sum_lead_time"]) for one in times.json()["lead_time_stats"] if one["user_id"] == user)


def _done(figures: Figures, tasks: int, seconds: float) -> tuple[Exchange, Exchange]:
    """What the second annotator finished, and how long that took, waited for until both are as expected."""
    finished = figures.eventually(
        lambda: figures.call("finished_tasks", query={"user_pk": figures.second}),
        until=lambda seen: found(seen, "finished") == tasks,
        budget=SETTLED,
    )
    times = figures.eventually(
        lambda: figures.call("lead_time"), until=lambda seen: _sum_of(seen, figures.second) == seconds, budget=SETTLED
    )
    return finished, times
