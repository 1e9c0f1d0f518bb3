"""Parallel writers: nothing lost, nothing doubled, counters right."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.tables.requirements import load_requirements
from conformance.scenarios.checks import GONE
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import annotate, bring_in, list_tasks, tasks_page, texts
from conformance.showing import Show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import Imported
    from conformance.wire import Exchange, Wire

WRITERS = 4
WRITES = 12
ROUNDS = 5
# Of so few at once, one in four is counted wrong by a server that reads, adds and writes: in 20 times it surely shows.
AT_ONCE = 6
TIMES = 20
LATER = {409, 423, 429, 503}  # "not now" in HTTP's words
PATIENCE = 300.0  # a small database lets one writer in at a time


def together(action: Callable[[int], Exchange], count: int = WRITES) -> list[Exchange]:
    """Take an action ``count`` times, several at a time; results in order."""
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(action, range(count)))


def at_once(action: Callable[[int], Exchange]) -> list[Exchange]:
    """Take an action a few times, all beginning at the same moment; results in order."""
    start = threading.Barrier(AT_ONCE)

    def begin(number: int) -> Exchange:
        start.wait()
        return action(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(begin, range(AT_ONCE)))


def show_none_broke(show: Show, answers: Iterable[Exchange]) -> list[int]:
    """Show that each was done or put off; returns which ones (from 0) were done.

    Raises:
        NotMeasured: none was done, so that there is nothing that could be lost.
    """
    done = []
    for number, answer in enumerate(answers):
        if answer.ok:
            done.append(number)
        show(
            "LS-CONCURRENCY-012",
            answer.ok or answer.status in LATER,
            expected="a success, or 409, 423, 429, 503",
            got=answer.brief(),
            exchange=answer,
            signature=f"HTTP {answer.status}",
        )
    if not done:
        show.not_measured("none of the concurrent writes was done")
    return done


def settled(api: Wire, eventually: Eventually, task: dict[str, Any], **counters: int) -> Exchange:
    """A task, once its counters say what they should, or when the budget is used up."""
    return eventually(
        lambda: api.call("tasks.get", id=task["id"]),
        until=lambda seen: all(seen.json()[name] == count for name, count in counters.items()),
        budget="counters settled",
    )


@pytest.mark.requirement("LS-CONCURRENCY-001", "LS-CONCURRENCY-002", "LS-CONCURRENCY-012")
def test_tasks_are_created_in_parallel(api: Wire, show: Show, project: dict[str, Any]) -> None:
    def create(number: int) -> Exchange:
        body = {"project": project["id"], "data": {"text": str(number)}}
        return api.call("tasks.create", json=body, expect=None, timeout=PATIENCE)

    done = show_none_broke(show, together(create))
    tasks = list_tasks(api, project["id"])
    got = sorted(int(text) for text in texts(tasks))
    show.equal("LS-CONCURRENCY-001", expected=done, got=got)
    inner = sorted(task["inner_id"] for task in tasks)
    show("LS-CONCURRENCY-002", len(set(inner)) == len(inner), expected="different inner ids", got=inner)


@pytest.mark.requirement("LS-CONCURRENCY-003", "LS-CONCURRENCY-012")
def test_tasks_are_imported_in_parallel(api: Wire, show: Show, project: dict[str, Any]) -> None:
    def bring(number: int) -> Exchange:
        sent = [{"text": f"{number}.{n}"} for n in range(10)]
        return bring_in(api, project["id"], json=sent, expect=None, timeout=PATIENCE)

    done = show_none_broke(show, together(bring, 6))
    expected = sorted(f"{number}.{n}" for number in done for n in range(10))
    show.equal("LS-CONCURRENCY-003", expected=expected, got=sorted(texts(list_tasks(api, project["id"]))))


@pytest.mark.requirement("LS-CONCURRENCY-004", "LS-CONCURRENCY-011", "LS-CONCURRENCY-012")
def test_one_task_is_annotated_in_parallel(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported
) -> None:
    # a race is not lost every time: look again until it is
    for task in imported(project, [{"data": {"text": str(n)}} for n in range(TIMES)]):

        def label(number: int, task: dict[str, Any] = task) -> Exchange:
            body = {"result": [choice("Positive", region_id=f"r{number}")]}
            return api.call("annotations.create", id=task["id"], json=body, expect=None, timeout=PATIENCE)

        done = show_none_broke(show, at_once(label))
        listed = api.call("annotations.list", id=task["id"])
        got = sorted(int(a["result"][0]["id"][1:]) for a in listed.json())
        show.equal("LS-CONCURRENCY-011", expected=done, got=got, exchange=listed)
        told = settled(api, eventually, task, total_annotations=len(got))
        count = told.json()["total_annotations"]
        if not show.equal("LS-CONCURRENCY-004", expected=len(got), got=count, exchange=told):
            break


@pytest.mark.requirement("LS-CONCURRENCY-005", "LS-CONCURRENCY-012")
def test_many_tasks_are_annotated_in_parallel(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported
) -> None:
    tasks = imported(project, [{"data": {"text": str(n)}} for n in range(WRITES)])

    def label(number: int) -> Exchange:
        body = {"result": [choice("Positive")]}
        return api.call("annotations.create", id=tasks[number]["id"], json=body, expect=None, timeout=PATIENCE)

    done = show_none_broke(show, together(label))
    counters = ("total_annotations_number", "num_tasks_with_annotations")
    told = eventually(
        lambda: api.call("projects.get", id=project["id"]),
        until=lambda seen: all(seen.json()[c] == len(done) for c in counters),
        budget="counters settled",
    )
    got = [told.json()[c] for c in counters]
    show.equal("LS-CONCURRENCY-005", expected=[len(done)] * 2, got=got, exchange=told)


@pytest.mark.requirement("LS-CONCURRENCY-010", "LS-CONCURRENCY-012")
def test_predictions_are_made_in_parallel(
    api: Wire, show: Show, eventually: Eventually, project: dict[str, Any], imported: Imported
) -> None:
    for task in imported(project, [{"data": {"text": str(n)}} for n in range(TIMES)]):

        def guess(number: int, task: dict[str, Any] = task) -> Exchange:
            body = {"task": task["id"], "result": [choice("Positive")], "score": number / AT_ONCE}
            return api.call("predictions.create", json=body, expect=None, timeout=PATIENCE)

        done = show_none_broke(show, at_once(guess))
        told = settled(api, eventually, task, total_predictions=len(done))
        got = [told.json()["total_predictions"], len(told.json()["predictions"])]
        if not show.equal("LS-CONCURRENCY-010", expected=[len(done)] * 2, got=got, exchange=told):
            break


@pytest.mark.requirement("LS-CONCURRENCY-006")
def test_different_settings_are_updated_in_parallel(api: Wire, show: Show, project: dict[str, Any]) -> None:
    names = ("description", "expert_instruction", "maximum_annotations", "color", "show_skip_button", "is_published")
    first = ("one writer", "another", 2, "#123456", False, True)
    second = ("a third", "a fourth", 3, "#654321", True, False)
    for turn in range(ROUNDS):
        wanted = dict(zip(names, second if turn % 2 else first, strict=True))

        def change(number: int, wanted: dict[str, object] = wanted) -> Exchange:
            body = {names[number]: wanted[names[number]]}
            return api.call("projects.update", id=project["id"], json=body, expect=None, timeout=PATIENCE)

        answers = together(change, len(names))
        done = {name: wanted[name] for name, answer in zip(names, answers, strict=True) if answer.ok}
        read = api.call("projects.get", id=project["id"])
        if not show.equal("LS-CONCURRENCY-006", expected=done, got={n: read.json()[n] for n in done}, exchange=read):
            break


@pytest.mark.requirement("LS-CONCURRENCY-014")
def test_different_fields_of_an_annotation_are_updated_in_parallel(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    """One writer draws, another one measures the time."""
    for task in imported(project, [{"data": {"text": str(n)}} for n in range(ROUNDS)]):
        made = annotate(api, task, choice("Positive"))["id"]
        wanted = {"result": [choice("Negative")], "lead_time": 7.5}

        def change(number: int, made: int = made, wanted: dict[str, Any] = wanted) -> Exchange:
            name = list(wanted)[number % len(wanted)]
            return api.call("annotations.update", id=made, json={name: wanted[name]}, expect=None, timeout=PATIENCE)

        answers = at_once(change)
        done = {
            name: value
            for n, (name, value) in enumerate(wanted.items())
            if any(a.ok for a in answers[n :: len(wanted)])
        }
        if not done:
            show.not_measured(f"no update succeeded: {answers[0].brief()}")
        read = api.call("annotations.get", id=made)
        if not show.equal("LS-CONCURRENCY-014", expected=done, got={n: read.json()[n] for n in done}, exchange=read):
            break


@pytest.mark.requirement("LS-CONCURRENCY-007")
def test_one_task_is_deleted_in_parallel(api: Wire, show: Show, task: dict[str, Any]) -> None:
    answers = together(lambda _: api.call("tasks.delete", id=task["id"], expect=None, timeout=PATIENCE), WRITERS)
    statuses = sorted(answer.status for answer in answers)
    gone = api.call("tasks.get", id=task["id"], expect=None)
    show(
        "LS-CONCURRENCY-007",
        204 in statuses and set(statuses) <= {204, *GONE, *LATER} and gone.gone,
        expected="204 at least once, otherwise 404 or 410, and the task gone",
        got=[statuses, gone.status],
        exchange=max(answers, key=lambda answer: answer.status),
    )


@pytest.mark.requirement("LS-CONCURRENCY-008")
def test_reading_goes_on_while_others_write(api: Wire, show: Show, project: dict[str, Any]) -> None:
    def either(number: int) -> Exchange:
        if number % 2:
            return tasks_page(api, project["id"])
        body = {"project": project["id"], "data": {"text": str(number)}}
        return api.call("tasks.create", json=body, expect=None, timeout=PATIENCE)

    answers = together(either)
    totals = [answer.json()["total"] for answer in answers[1::2]]
    last = tasks_page(api, project["id"]).json()["total"]
    written = sum(answer.ok for answer in answers[::2])
    show(
        "LS-CONCURRENCY-008",
        last == written and all(0 <= total <= last for total in totals),
        expected=f"every read answered with 0 to {written} tasks, and {written} at the end",
        got=[totals, last],
    )


@pytest.mark.requirement("LS-CONCURRENCY-009")
def test_projects_are_created_in_parallel(api: Wire, show: Show, new_name: Callable[[str], str]) -> None:
    titles = [new_name("parallel") for _ in range(6)]

    def create(number: int) -> Exchange:
        return api.call("projects.create", json={"title": titles[number]}, expect=None, timeout=PATIENCE)

    made = {answer.json()["id"]: answer.json()["title"] for answer in together(create, 6) if answer.ok}
    listed = api.call("projects.list", query={"ids": ",".join(map(str, made)), "page_size": 100})
    got = {p["id"]: p["title"] for p in listed.json()["results"]}
    show(
        "LS-CONCURRENCY-009",
        got == made and len(made) == len(titles),
        expected=titles,
        got=got,
        exchange=listed,
    )


@pytest.mark.requirement("LS-CONCURRENCY-013")
def test_deleting_projects_at_once_harms_no_other(apart: Wire) -> None:
    show = Show(apart, load_requirements())

    def counted() -> Exchange:
        """A new project with a task that is annotated once, and what the task counts."""
        made = apart.call("projects.create", json={"title": "a bystander", "label_config": TEXT_CHOICES}).json()
        task = apart.call("tasks.create", json={"project": made["id"], "data": {"text": "a"}}).json()
        annotate(apart, task, choice("Positive"))
        return apart.call("tasks.get", id=task["id"])

    before = counted().json()["total_annotations"]
    if before != 1:
        show.blocked("LS-ANNOTATION-023", f"a task with one annotation counts {before}, before anything was deleted")
    for _ in range(ROUNDS):
        titles = [f"to be deleted {number}" for number in range(AT_ONCE)]
        doomed = [apart.call("projects.create", json={"title": title}).json()["id"] for title in titles]
        at_once(lambda n, ids=doomed: apart.call("projects.delete", id=ids[n], expect=None, timeout=PATIENCE))  # type: ignore[misc]
        after = counted()
        if not show.equal("LS-CONCURRENCY-013", expected=1, got=after.json()["total_annotations"], exchange=after):
            break
