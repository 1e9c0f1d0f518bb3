"""Prompts, their versions and runs, and the providers of models."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.enterprise.facade.refusals import Refusal, invalid, not_found
from tests.enterprise.state.kernel import Resource, listed, page
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.shapes import now
from tests.enterprise.state.views import project as project_view

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item

PROVIDERS = ["OpenAI", "AzureOpenAI", "AzureAIFoundry", "VertexAI", "Gemini", "Anthropic", "Custom"]
SUBSETS = ("All", "HasGT", "Sample")
SAMPLE = 50


def _start_provider(_call: Call, _values: dict[str, Any]) -> dict[str, Any]:
    return {
        "budget_limit": None,
        "budget_reset_period": None,
        "budget_total_spent": 0.0,
        "budget_last_reset_date": now(),
    }


Resource(
    kind="model_provider",
    operations="model_providers",
    starts=_start_provider,
    hidden=frozenset({"api_key", "auth_token", "google_application_credentials"}),
).serve()


@serves("model_providers.list_model_provider_choices")
def provider_choices(_call: Call) -> Any:
    """Providers that can be connected."""
    return {"provider_choices": PROVIDERS}


def _shows_prompt(call: Call, item: Item) -> dict[str, Any]:
    versions = list(call.store.of("prompt_version", parent_model=item.id))
    runs = [run for v in versions for run in call.store.of("run", version=v.id)]
    projects = [p for p in item.values.get("associated_projects", ()) if call.store.exists("project", p)]
    titles = {p: (call.community.row("project", p) or {}).get("title") for p in projects}
    shown = [{"id": p, "title": titles[p]} for p in projects]
    return {
        "associated_projects": shown if call.operation.reads() else projects,
        "versions_count": len(versions),
        "runs_count": len(runs),
        "best_score": 0.0,
    }


def _own_creator(call: Call, _values: dict[str, Any]) -> dict[str, Any]:
    return {"created_by": call.caller.id}


PROMPTS = Resource(kind="prompt", operations="prompts", starts=_own_creator, shows=_shows_prompt)


@serves("prompts.update")
def update_prompt(call: Call) -> Any:
    """Change a prompt; who made it stays."""
    call.body.pop("created_by", None)
    return PROMPTS.update(call)


PROMPTS.serve()


@serves("prompts.compatible_projects")
def compatible_projects(call: Call) -> Any:
    """Projects that prompts can work on: those with a control of the right kind."""
    tags = {"TextClassification": "<Choices", "NamedEntityRecognition": "<Labels"}
    wanted = tags.get(call.query.get("project_type", ""), "")
    rows = call.community.all("project", organization_id=call.organization)
    found = [row for row in rows if wanted in (row["label_config"] or "")]
    if str(call.query.get("ordering", "")).startswith("-"):
        found.reverse()
    shown = page(call, [row["id"] for row in found])
    parts = []
    for number in shown["results"]:
        with suppress(Refusal):  # somebody deleted it meanwhile
            parts.append({**call.ask("GET", f"/api/projects/{number}/"), **project_view(call.model, number)})
    return {**shown, "results": parts}


def _start_version(_call: Call, values: dict[str, Any]) -> dict[str, Any]:
    return {"model_display_name": values["provider_model_id"], "score": None}


VERSIONS = Resource(
    kind="prompt_version",
    operations="prompts.versions",
    slots={"parent_model": "prompt_id"},
    parents={"parent_model": "prompt"},
    starts=_start_version,
)


@serves("prompts.versions.update")
def update_version(call: Call) -> Any:
    """Change a version; it stays one of its prompt."""
    call.body.pop("parent_model", None)
    return VERSIONS.update(call)


VERSIONS.serve()


def _version(call: Call) -> Item:
    return _below(call, "prompt_version", call.path["version_id"], "parent_model", call.path["prompt_id"])


def _below(call: Call, kind: str, identity: Any, field: str, place: Any) -> Item:
    item = call.item(kind, identity)
    if item.values[field] != place:
        raise not_found(kind)
    return item


@serves("prompts.versions.get_default_version_name")
def default_name(call: Call) -> Any:
    """A name that no version has."""
    count = sum(1 for _ in call.store.of("prompt_version", parent_model=call.path["id"]))
    return Answer(200, {"title": f"Version {count + 1}"})


@serves("prompts.versions.cost_estimate")
def cost(call: Call) -> Any:
    """What a run over all tasks would cost: so much per task."""
    _version(call)
    prompt = call.item("prompt", call.path["prompt_id"])
    tasks = sum(len(call.community.all("task", project_id=p)) for p in prompt.values.get("associated_projects", ()))
    prompting, completing = 0.001 * tasks, 0.002 * tasks
    return {
        "prompt_cost_usd": f"{prompting:.4f}",
        "completion_cost_usd": f"{completing:.4f}",
        "total_cost_usd": f"{prompting + completing:.4f}",
        "is_error": False,
        "error_type": None,
        "error_message": None,
    }


@serves("prompts.versions.refine_prompt")
def refine(call: Call) -> Any:
    """A better prompt."""
    version = _version(call)
    moment = now()
    values = {
        "prompt": f"{version.values['prompt']}\nAnswer with one label only.",
        "title": f"{version.values['title']} (refined)",
        "reasoning": "Models keep to a form that they are told.",
        "refinement_status": "Completed",
        "total_cost": "0.01",
        "version": version.id,
        "moment": moment,
    }
    item = call.store.add("refinement", values, ("prompt_version", version.id))
    item.values["refinement_job_id"] = str(item.id)
    better = {k: v for k, v in version.values.items() if k != "id"} | {"created_at": moment, "updated_at": moment}
    better |= {"prompt": values["prompt"], "title": values["title"], "created_by": call.caller.id}
    call.store.add("prompt_version", better, *version.parents)
    return {**item.values, "previous_version": VERSIONS.shown(call, version)}


@serves("prompts.versions.get_refined_prompt")
def refined(call: Call) -> Any:
    """What a refinement came to: the one named, or the last."""
    version = _version(call)
    found = list(call.store.of("refinement", version=version.id))
    wanted = call.query.get("refinement_job_id")
    item = next((i for i in reversed(found) if wanted is None or i.values["refinement_job_id"] == wanted), None)
    if item is None:
        raise not_found("refinement")
    return {**item.values, "previous_version": VERSIONS.shown(call, version)}


def _tasks(call: Call, project: int, subset: str) -> list[int]:
    """The tasks of a subset."""
    found = [row["id"] for row in call.community.all("task", project_id=project)]
    if subset == "HasGT":
        truth = {a.task for a in call.community.annotations(project) if a.ground_truth}
        return [task for task in found if task in truth]
    return found[:SAMPLE] if subset == "Sample" else found


@serves("prompts.runs.create")
def start_run(call: Call) -> Any:
    """A run waits for somebody who predicts."""
    version = _version(call)
    tasks = _tasks(call, call.body["project"], call.body.get("project_subset", "All"))
    values = {
        "project_subset": "All",
        **call.body,
        "version": version.id,
        "parent_model": call.path["prompt_id"],
        "created_by": call.caller.id,
        "organization": call.organization,
        "created_at": now(),
        "triggered_at": now(),
        "completed_at": None,
        "status": "Pending",
        "task_ids": tasks,
        "source_model_run": 0,
        "total_tasks": call.body.get("total_tasks", len(tasks)),
    }
    return call.store.add("run", values, ("prompt_version", version.id), ("project", call.body["project"])).values


@serves("prompts.runs.list")
def runs(call: Call) -> Any:
    """The runs of a version."""
    version = _version(call)
    return listed(call, [item.values for item in call.store.of("run", version=version.id)])


@serves("prompts.runs.cancel")
def cancel_run(call: Call) -> Any:
    """A run that is not to go on."""
    version = _version(call)
    run = _below(call, "run", call.path["inference_run_id"], "version", version.id)
    if run.values["status"] in {"Pending", "InProgress"}:
        run.values["status"] = "Canceled"
        run.values["completed_at"] = now()
    return {"detail": f"The run is {run.values['status']}."}


@serves("prompts.batch_predictions")
def predictions(call: Call) -> Any:
    """Predictions of a run come in: they are predictions of the real server, and the run is done."""
    run = call.item("run", call.body["modelrun_id"])
    version = call.item("prompt_version", run.values["version"])
    made = 0
    for result in call.body["results"]:
        task = result.get("task_id") if isinstance(result, dict) else None
        if isinstance(task, int) and call.community.project_of("task", task) == run.values["project"]:
            body = {"task": task, "model_version": version.values["title"]}
            body["result"] = result.get("result") or result.get("output") or []
            body |= {"score": result["score"]} if isinstance(result.get("score"), int | float) else {}
            call.ask("POST", "/api/predictions/", body)
            made += 1
    if run.values["status"] != "Canceled":
        total = (run.values.get("total_predictions") or 0) + made
        run.values |= {"status": "Completed", "completed_at": now(), "predictions_updated_at": now()}
        run.values["total_predictions"] = total
    return {"job_id": call.body.get("job_id") or str(run.id), "results": call.body["results"]}


@serves("prompts.batch_failed_predictions")
def failed_predictions(call: Call) -> Any:
    """Tasks that a run has no prediction for."""
    run = call.item("run", call.body["modelrun_id"])
    run.values.setdefault("failed", []).extend(call.body["failed_predictions"])
    return {"job_id": call.body.get("job_id") or str(run.id), "failed_predictions": call.body["failed_predictions"]}


def _indicators(run: Item) -> list[dict[str, Any]]:
    figures = {
        "Tasks": run.values.get("total_tasks") or 0,
        "Predictions": run.values.get("total_predictions") or 0,
        "Failures": len(run.values.get("failed", ())),
    }
    return [{"title": title, "values": {"value": value}} for title, value in figures.items()]


@serves("prompts.indicators.list")
def indicators(call: Call) -> Any:
    """What a run came to."""
    return _indicators(call.item("run", call.path["id"]))


@serves("prompts.indicators.get")
def indicator(call: Call) -> Any:
    """One figure of a run."""
    found = _indicators(call.item("run", call.path["id"]))
    for one in found:
        if one["title"] == call.path["indicator_key"]:
            return one
    raise not_found("indicator")


@serves("prompts.subsets")
def subsets(call: Call) -> Any:
    """How many tasks each subset has."""
    project = call.path["project_pk"]
    return [{"subset": s, "count": len(_tasks(call, project, s)), "columns_schema": []} for s in SUBSETS]


def _errors(call: Call) -> dict[int, dict[str, Any]]:
    """What went wrong with tasks, in the run that is asked for."""
    run = call.store.get("run", call.query.get("model_run", 0))
    told = run.values.get("failed", ()) if run else ()
    return {one["task_id"]: one for one in told if isinstance(one, dict) and isinstance(one.get("task_id"), int)}


@serves("prompts.subset_tasks")
def subset_tasks(call: Call) -> Any:
    """The tasks of a subset, by page; a page is one element of the list."""
    project = call.path["project_pk"]
    subset = str(call.query.get("project_subset", "All"))
    if subset not in SUBSETS:
        raise invalid("project_subset", "There is no such subset.")
    tasks = _tasks(call, project, subset)
    shown = page(call, tasks)
    rows = [call.ask("GET", f"/api/tasks/{task}/") for task in shown["results"]]
    errors = _errors(call)
    items = [{"id": r["id"], "data": r["data"], "score": None, "error": errors.get(r["id"])} for r in rows]
    block: dict[str, Any] = {"task_result_list": items}
    if call.query.get("include_total", True):
        block["task_count"] = len(tasks)
    return {**shown, "results": [block]}
