"""Projects: their life, settings and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import annotate, bring_in, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

SETTINGS = [
    ("description", "What it is about"),
    ("expert_instruction", "<p>Read <b>twice</b></p>"),
    ("show_instruction", True),
    ("show_skip_button", False),
    ("enable_empty_annotation", False),
    ("show_annotation_history", True),
    ("color", "#00AA7F"),
    ("maximum_annotations", 3),
    ("sampling", "Uniform sampling"),
    ("skip_queue", "IGNORE_SKIPPED"),
    ("show_overlap_first", True),
    ("overlap_cohort_percentage", 50),
    ("min_annotations_to_start_training", 5),
    ("show_collab_predictions", False),
    ("evaluate_predictions_automatically", True),
    ("reveal_preannotations_interactively", True),
    ("is_published", True),
]
DEFAULTS = {
    "maximum_annotations": 1,
    "overlap_cohort_percentage": 100,
    "sampling": "Sequential sampling",
    "show_skip_button": True,
    "show_instruction": False,
}
NOWHERE = 2_000_000_000


@pytest.mark.requirement("LS-PROJECT-038", "LS-PROJECT-039")
def test_a_project_needs_no_settings(api: Wire, show: Show, new_name: Callable[[str], str]) -> None:
    made = api.call("projects.create", json={"title": new_name("bare")}).json()
    read = api.call("projects.get", id=made["id"])
    show.equal("LS-PROJECT-038", expected=DEFAULTS, got={k: read.json().get(k) for k in DEFAULTS}, exchange=read)
    sent = [{"text": "a"}, {"anything": {"at": ["all"]}}]
    taken = bring_in(api, made["id"], json=sent, expect=None)
    got = [task["data"] for task in list_tasks(api, made["id"])]
    show.equal("LS-PROJECT-039", expected=sent, got=got, exchange=taken)


@pytest.mark.requirement("LS-PROJECT-001")
def test_settings_given_at_creation_read_back(api: Wire, show: Show, new_project: NewProject) -> None:
    made = new_project(**dict(SETTINGS))
    read = api.call("projects.get", id=made["id"])
    for name, value in SETTINGS:
        show.equal("LS-PROJECT-001", expected=value, got=read.json().get(name), exchange=read, signature=name)


@pytest.mark.requirement("LS-PROJECT-002", "LS-PROJECT-003")
@pytest.mark.parametrize(("name", "value"), SETTINGS, ids=[name for name, _ in SETTINGS])
def test_an_update_changes_one_setting_only(
    api: Wire, show: Show, project: dict[str, Any], name: str, value: object
) -> None:
    before = api.call("projects.get", id=project["id"]).json()
    api.call("projects.update", id=project["id"], json={name: value})
    read = api.call("projects.get", id=project["id"])
    after = read.json()
    show.equal("LS-PROJECT-002", expected={name: value}, got={name: after.get(name)}, exchange=read, signature=name)
    others = [key for key, _ in SETTINGS if key != name] + ["id", "title", "label_config", "created_at", "created_by"]
    changed = {key: (before.get(key), after.get(key)) for key in others if before.get(key) != after.get(key)}
    show("LS-PROJECT-003", not changed, expected="nothing else changes", got=changed, exchange=read, signature=name)


@pytest.mark.requirement("LS-PROJECT-004")
@pytest.mark.parametrize("title", ["ab", "x" * 51, ""], ids=["too short", "too long", "empty"])
def test_a_title_of_the_wrong_length_is_refused(api: Wire, show: Show, project: dict[str, Any], title: str) -> None:
    created = api.call("projects.create", json={"title": title, "label_config": TEXT_CHOICES}, expect=None)
    show.status("LS-PROJECT-004", created, *SENSELESS)
    updated = api.call("projects.update", id=project["id"], json={"title": title}, expect=None)
    show.status("LS-PROJECT-004", updated, *SENSELESS)


@pytest.mark.requirement("LS-PROJECT-037")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sampling", "Whatever comes"),
        ("skip_queue", "NEVER"),
        ("maximum_annotations", "many"),
        ("show_skip_button", "perhaps"),
        ("color", "x" * 17),
        ("pinned_at", "yesterday"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    api: Wire, show: Show, new_name: Callable[[str], str], name: str, value: object
) -> None:
    answer = api.call("projects.create", json={"title": new_name("wrong"), name: value}, expect=None)
    show.status("LS-PROJECT-037", answer, *SENSELESS)


@pytest.mark.requirement("LS-PROJECT-005")
@pytest.mark.parametrize("operation", ["projects.get", "projects.update", "projects.delete"])
def test_a_project_that_is_not_there_answers_404(
    api: Wire, show: Show, project: dict[str, Any], operation: str
) -> None:
    api.call("projects.delete", id=project["id"])  # the id was ours, so that no other project can be hit
    body = {"title": "Nobody home"} if operation == "projects.update" else None
    show.status("LS-PROJECT-005", api.call(operation, id=project["id"], json=body, expect=None), *GONE)


@pytest.mark.requirement("LS-PROJECT-033")
def test_a_project_is_deleted_only_once(api: Wire, show: Show, project: dict[str, Any]) -> None:
    api.call("projects.delete", id=project["id"])
    show.status("LS-PROJECT-033", api.call("projects.delete", id=project["id"], expect=None), *GONE)


@pytest.mark.requirement("LS-PROJECT-006")
def test_two_projects_may_share_a_title(api: Wire, show: Show, project: dict[str, Any]) -> None:
    twin = api.call("projects.create", json={"title": project["title"]}, expect=None)
    show(
        "LS-PROJECT-006",
        twin.ok and twin.json()["id"] != project["id"],
        expected="a second project",
        got=twin.brief(),
        exchange=twin,
    )


@pytest.mark.requirement("LS-PROJECT-030")
@pytest.mark.parametrize(
    ("name", "value"), [("id", NOWHERE), ("created_at", "2001-01-01T00:00:00Z"), ("task_number", 77)]
)
def test_what_the_server_decides_is_not_updated(
    api: Wire, show: Show, project: dict[str, Any], name: str, value: object
) -> None:
    before = api.call("projects.get", id=project["id"]).json()
    api.call("projects.update", id=project["id"], json={name: value}, expect=(200, 400))
    read = api.call("projects.get", id=project["id"])
    show.equal("LS-PROJECT-030", expected=before[name], got=read.json()[name], exchange=read, signature=name)


@pytest.mark.requirement("LS-PROJECT-018", "LS-PROJECT-019", "LS-PROJECT-020", "LS-PROJECT-023")
def test_the_list_is_narrowed_and_ordered_as_asked(
    api: Wire, show: Show, new_project: NewProject, new_name: Callable[[str], str]
) -> None:
    shared = f"{new_name('list')} of ours"  # a name that ends in its number is the beginning of later ones
    ours = [new_project(title=f"{shared} {letter}") for letter in "bac"]
    new_project()  # one more that none of the questions is about
    ids = ",".join(str(p["id"]) for p in ours[:2])

    by_id = api.call("projects.list", query={"ids": ids})
    show.equal(
        "LS-PROJECT-018",
        expected=sorted(p["id"] for p in ours[:2]),
        got=sorted(p["id"] for p in by_id.json()["results"]),
        exchange=by_id,
    )
    for fields in ("id", "id,title"):
        trimmed = api.call("projects.list", query={"ids": ids, "include": fields})
        shown = [sorted(p) for p in trimmed.json()["results"]]
        show.equal("LS-PROJECT-019", expected=[fields.split(",")] * 2, got=shown, exchange=trimmed)
    by_title = api.call("projects.list", query={"title": shared})
    show.equal(
        "LS-PROJECT-020",
        expected=sorted(p["id"] for p in ours),
        got=sorted(p["id"] for p in by_title.json()["results"]),
        exchange=by_title,
    )
    for ordering, expected in (("title", "abc"), ("-title", "cba")):
        ordered = api.call("projects.list", query={"ids": ",".join(str(p["id"]) for p in ours), "ordering": ordering})
        got = "".join(p["title"][-1] for p in ordered.json()["results"])
        show.equal("LS-PROJECT-023", expected=expected, got=got, exchange=ordered, signature=ordering)


@pytest.mark.requirement("LS-PROJECT-021", "LS-PROJECT-022")
def test_the_list_comes_in_pages(api: Wire, show: Show, new_project: NewProject) -> None:
    ours = [new_project()["id"] for _ in range(5)]
    asked = {"ids": ",".join(map(str, ours)), "page_size": 2}
    pages = [api.call("projects.list", query={**asked, "page": n}) for n in (1, 2, 3)]
    found = [p["id"] for page in pages for p in page.json()["results"]]
    show.equal(
        "LS-PROJECT-021",
        expected=[sorted(ours), [5, 5, 5]],
        got=[sorted(found), [page.json()["count"] for page in pages]],
        exchange=pages[-1],
    )
    links = [(bool(page.json()["previous"]), bool(page.json()["next"])) for page in pages]
    show.equal("LS-PROJECT-022", expected=[(False, True), (True, True), (True, False)], got=links, exchange=pages[1])


@pytest.mark.requirement("LS-PROJECT-031")
def test_pinned_projects_can_be_told_from_the_others(api: Wire, show: Show, new_project: NewProject) -> None:
    pinned, other = new_project(pinned_at="2025-01-02T03:04:05Z")["id"], new_project()["id"]
    for wanted, expected in (("pinned_only", [pinned]), ("exclude_pinned", [other]), ("all", [pinned, other])):
        answer = api.call("projects.list", query={"ids": f"{pinned},{other}", "filter": wanted})
        got = sorted(p["id"] for p in answer.json()["results"])
        show.equal("LS-PROJECT-031", expected=sorted(expected), got=got, exchange=answer, signature=wanted)


@pytest.mark.requirement("LS-PROJECT-027", "LS-PROJECT-028")
def test_annotators_are_listed_once(api: Wire, show: Show, project: dict[str, Any], imported: Imported) -> None:
    tasks = imported(project, [{"data": {"text": str(n)}} for n in range(2)])
    nobody = api.call("projects.list_unique_annotators", id=project["id"])
    show.equal("LS-PROJECT-028", expected=[], got=nobody.json(), exchange=nobody)

    made = [annotate(api, task, choice("Positive")) for task in tasks]
    listed = api.call("projects.list_unique_annotators", id=project["id"])
    show.equal(
        "LS-PROJECT-027",
        expected=[made[0]["completed_by"]],
        got=[user["id"] for user in listed.json()],
        exchange=listed,
    )


@pytest.mark.requirement("LS-PROJECT-034")
def test_all_tasks_are_deleted_at_once(api: Wire, show: Show, project: dict[str, Any], imported: Imported) -> None:
    annotate(api, imported(project, [{"data": {"text": "a"}}, {"data": {"text": "b"}}])[0], choice("Positive"))
    emptied = api.call("tasks.delete_all_tasks", id=project["id"])
    left = api.call("projects.get", id=project["id"]).json()
    show.equal(
        "LS-PROJECT-034",
        expected=[[], 0, 0],
        got=[list_tasks(api, project["id"]), left["task_number"], left["total_annotations_number"]],
        exchange=emptied,
    )
