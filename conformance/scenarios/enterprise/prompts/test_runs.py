"""Inference runs, what they predict, and the subsets that they work on."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import NOBODY, REFUSED, choice, ids

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.prompts.conftest import Prompting
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

OVER = {"Completed", "Failed", "Canceled"}


@pytest.mark.requirement("LS-RUN-001", "LS-RUN-002", "LS-RUN-003", "LS-RUN-004", "LS-RUN-011", "LS-RUN-012")
def test_runs_are_listed(show: Show, prompting: Prompting, new_project: NewProject) -> None:
    other = new_project()["id"]
    beside = prompting.new_version()
    made = [
        prompting.run().json()["id"],
        prompting.run(project=other).json()["id"],
        prompting.run(project_subset="HasGT").json()["id"],
    ]
    foreign = prompting.run(beside).json()["id"]
    told = {one["id"]: [one["project"], one["project_subset"]] for one in prompting.runs()}
    here = prompting.project["id"]
    expected = {made[0]: [here, "All"], made[1]: [other, "All"], made[2]: [here, "HasGT"]}
    show.equal("LS-RUN-001", expected=list(expected.values()), got=[told.get(one) for one in made])
    show.equal("LS-RUN-002", expected=[made[1]], got=ids(prompting.runs(project=other)))
    show.equal("LS-RUN-003", expected=[made[2]], got=ids(prompting.runs(project_subset="HasGT")))
    both = [ids(prompting.runs(project=project, project_subset="HasGT")) for project in (here, other)]
    show.equal("LS-RUN-012", expected=[[made[2]], []], got=both)
    show.equal("LS-RUN-004", expected=[sorted(made), [foreign]], got=[sorted(told), ids(prompting.runs(beside))])
    refused = prompting.run(project=NOBODY, expect=None)
    show.status("LS-RUN-011", refused, *REFUSED)
    show.equal("LS-RUN-011", expected=sorted(made), got=ids(prompting.runs()), exchange=refused, signature="made one")


def over_by(ended: str | None, answer: Exchange) -> bool:
    """Return whether something had ended before an answer was written, as far as its server tells."""
    date = answer.response.headers.get("date") if answer.response else None
    return not (ended and date) or dt.datetime.fromisoformat(ended) <= parsedate_to_datetime(date)


@pytest.mark.requirement("LS-RUN-005")
def test_a_run_is_cancelled(api: Wire, show: Show, prompting: Prompting, eventually: Eventually) -> None:
    run = prompting.run().json()["id"]
    path: dict[str, Any] = {"prompt_id": prompting.prompt, "version_id": prompting.version, "inference_run_id": run}

    def now() -> dict[str, Any]:
        return next(one for one in prompting.runs() if one["id"] == run)

    if now()["status"] in OVER:
        show.not_measured("the run was over before anybody could cancel it")
    done = api.call("prompts.runs.cancel", **path)
    ended = eventually(now, until=lambda seen: seen["status"] in OVER, budget="predictions made")
    if ended["status"] in OVER - {"Canceled"} and over_by(ended["completed_at"], done):
        show.not_measured("the run ended by itself while the request to cancel it was on its way")
    show.equal("LS-RUN-005", expected="Canceled", got=ended["status"], exchange=done)


@pytest.mark.requirement("LS-RUN-007")
def test_an_unknown_indicator_is_not_found(api: Wire, show: Show, prompting: Prompting) -> None:
    run = prompting.run().json()["id"]
    missing = api.call("prompts.indicators.get", id=run, indicator_key="no-such-indicator", expect=None)
    show.status("LS-RUN-007", missing, 404)


@pytest.mark.requirement("LS-RUN-006")
def test_an_indicator_is_the_one_of_the_list(api: Wire, show: Show, prompting: Prompting) -> None:
    run = prompting.run().json()["id"]
    listed = api.call("prompts.indicators.list", id=run)
    for one in listed.json():
        read = api.call("prompts.indicators.get", id=run, indicator_key=one["title"])
        got = [read.json()["title"], read.json()["values"]]
        show.equal("LS-RUN-006", expected=[one["title"], one["values"]], got=got, exchange=read)
    if not listed.json():
        show.not_measured("the run has no indicator to read")


@pytest.mark.requirement("LS-RUN-008", "LS-RUN-009", "LS-RUN-010", "LS-RUN-013")
def test_what_a_run_found_is_stored(api: Wire, show: Show, prompting: Prompting) -> None:
    run = prompting.run(project_subset="Sample").json()["id"]
    last, good, bad = (task["id"] for task in prompting.tasks)
    before = len(api.call("predictions.list", query={"task": bad}).json())
    result, another = (
        {"task_id": task, "output": {"label": label}, "result": [choice(label)], "score": 0.75}
        for task, label in ((good, "Positive"), (last, "Negative"))
    )
    stored = api.call("prompts.batch_predictions", json={"modelrun_id": run, "results": [result, another]}, expect=None)
    for task, label in ((good, "Positive"), (last, "Negative")):
        made = [one["result"] for one in api.call("predictions.list", query={"task": task}).json()]
        show("LS-RUN-008", [choice(label)] in made, expected="the prediction", got=made, exchange=stored)
    failure = {"task_id": bad, "error_type": "RateLimit", "message": "Too many requests"}
    body = {"modelrun_id": run, "failed_predictions": [failure]}
    failed = api.call("prompts.batch_failed_predictions", json=body, expect=None)
    after = len(api.call("predictions.list", query={"task": bad}).json())
    told = prompting.subset(project_subset="All", model_run=run, parent_model=prompting.prompt).json()["results"]
    errors = [t["error"] for page in told for t in page["task_result_list"] if t["id"] == bad]
    got = ["Too many requests" in str(errors), after - before]
    show.equal("LS-RUN-009", expected=[True, 0], got=got, exchange=failed)
    for operation, body_ in (
        ("prompts.batch_predictions", {"modelrun_id": NOBODY, "results": [result]}),
        ("prompts.batch_failed_predictions", {"modelrun_id": NOBODY, "failed_predictions": [failure]}),
    ):
        show.status("LS-RUN-010", api.call(operation, json=body_, expect=None), *REFUSED)
    _ends_once(api, show, prompting, run)


def _ends_once(api: Wire, show: Show, prompting: Prompting, run: int) -> None:
    """A run that is completed stays so."""

    def status() -> object:
        return next(one["status"] for one in prompting.runs() if one["id"] == run)

    if status() != "Completed":
        return
    path: dict[str, Any] = {"prompt_id": prompting.prompt, "version_id": prompting.version, "inference_run_id": run}
    late = api.call("prompts.runs.cancel", expect=None, **path)
    show.equal("LS-RUN-013", expected="Completed", got=status(), exchange=late)


@pytest.mark.requirement(*(f"LS-SUBSET-00{n}" for n in (1, 2, 3, 4, 5)))
def test_subsets_have_their_tasks(api: Wire, show: Show, prompting: Prompting) -> None:
    counted = api.call("prompts.subsets", project_pk=prompting.project["id"])
    counts = {one["subset"]: one["count"] for one in counted.json()}
    show.equal("LS-SUBSET-001", expected=[3, 1], got=[counts.get("All"), counts.get("HasGT")], exchange=counted)
    whole, truths = prompting.subset(project_subset="All"), prompting.subset(project_subset="HasGT")

    def tasks(answer: dict[str, Any]) -> list[list[object]]:
        return sorted([t["id"], t["data"]["text"]] for page in answer["results"] for t in page["task_result_list"])

    every = [[task["id"], task["data"]["text"]] for task in prompting.tasks]
    show.equal("LS-SUBSET-002", expected=every, got=tasks(whole.json()), exchange=whole)
    show.equal("LS-SUBSET-003", expected=every[:1], got=tasks(truths.json()), exchange=truths)
    without = prompting.subset(project_subset="All", include_total=False)
    got = [page.json()["results"][0].get("task_count") for page in (whole, without)]
    show.equal("LS-SUBSET-004", expected=[3, None], got=got, exchange=without)
    show.status("LS-SUBSET-005", prompting.subset(project_subset="Nothing", expect=None), 400)
