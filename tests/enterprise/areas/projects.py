"""Project templates, copies of projects, and predictions for all tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.facade.refusals import invalid
from tests.enterprise.state.kernel import Resource
from tests.enterprise.state.model import Answer, serves
from tests.enterprise.state.views import place
from tests.enterprise.state.views import project as project_view

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call

# what a copy takes over of the settings that the real server keeps
COPIED = (
    "label_config",
    "expert_instruction",
    "show_instruction",
    "show_skip_button",
    "enable_empty_annotation",
    "show_annotation_history",
    "maximum_annotations",
    "color",
    "sampling",
    "show_ground_truth_first",
    "show_overlap_first",
    "overlap_cohort_percentage",
    "evaluate_predictions_automatically",
    "skip_queue",
    "reveal_preannotations_interactively",
    "show_collab_predictions",
    "min_annotations_to_start_training",
)
SHORTEST, LONGEST = 3, 50


def _settings(call: Call, project: int) -> dict[str, Any]:
    shown = call.ask("GET", f"/api/projects/{project}/")
    return {name: shown[name] for name in COPIED if shown.get(name) is not None}


def _start_template(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"description": None, "tags": [], **values}
    if not isinstance(values.get("project_settings"), dict):
        found.setdefault("project_settings", {})
    found["template_of"] = _settings(call, values["project_id"])
    found["project_settings"] = found["project_settings"] or found["template_of"]
    return found


Resource(
    kind="project_template",
    operations="project_templates",
    starts=_start_template,
    hidden=frozenset({"project_id", "template_of"}),
    searched=("name",),
).serve()


def _make(call: Call, title: str, settings: dict[str, Any], workspace: int | None) -> int:
    """Make a project on the real server, in a workspace."""
    if not SHORTEST <= len(title) <= LONGEST:
        raise invalid("title", f"Between {SHORTEST} and {LONGEST} characters.")
    if workspace is not None and call.store.get("workspace", workspace) is None:
        raise invalid("workspace", "There is no such workspace.")
    made = call.ask("POST", "/api/projects/", {**settings, "title": title})
    place(call.model, made["id"], workspace)
    return int(made["id"])


@serves("project_templates.create_project_from_template")
def from_template(call: Call) -> Any:
    """A project with the settings of the template."""
    template = call.item("project_template", call.path["id"])
    if not call.body:
        raise invalid("title", "This field is required.")
    kept = template.values["project_settings"]
    wanted = {k: v for k, v in kept.items() if k in COPIED} if isinstance(kept, dict) else {}
    settings = {**template.values["template_of"], **wanted}
    if "description" in call.body:
        settings["description"] = call.body["description"]
    number = _make(call, call.body["title"], settings, call.body["workspace_id"])
    own = ("require_comment_on_skip", "custom_script", "show_unused_data_columns_to_annotators")
    call.model.set("project", number).update({k: template.values[k] for k in own if k in template.values})
    for name in ("assignment_settings", "review_settings"):
        if isinstance(template.values.get(name), dict):
            call.model.set("project", number)[name] = template.values[name]
    shown = call.ask("GET", f"/api/projects/{number}/")
    return Answer(201, {**shown, **project_view(call.model, number)})


@serves("projects.duplicate")
def duplicate(call: Call) -> Any:
    """A project with the same settings, and the same tasks where that is asked for."""
    source = call.path["id"]
    settings = _settings(call, source)
    if call.body.get("description") is not None:
        settings["description"] = call.body["description"]
    number = _make(call, call.body["title"], settings, call.body["workspace"])
    call.model.set("project", number).update(call.model.settings_of("project", source))
    tasks = call.ask("GET", f"/api/projects/{source}/export?export_type=JSON&download_all_tasks=true")
    data = [{"data": task["data"]} for task in tasks]
    if "data" in call.body["mode"] and data:
        call.ask("POST", f"/api/projects/{number}/import", data)
    return {"id": number}


@serves("ml.predict_all_tasks")
def predict_all(_call: Call) -> Any:
    """Predictions are asked for; they come when the backend has them."""
    return Answer(200)
