"""How agreement is measured in a project, custom functions, and what is sent to review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.state.model import serves
from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call


@serves("projects.metrics.get")
def metric(call: Call) -> Any:
    """The metric of a project."""
    kept = call.model.settings_of("project:metric", call.path["id"])
    return {
        "metric_name": "_basic_matching_function",
        "metric_params": {},
        "agreement_threshold": "",
        "max_additional_annotators_assignable": 0,
        "allowed": "",
        **kept,
    }


@serves("projects.metrics.update")
def set_metric(call: Call) -> Any:
    """Change the metric of a project."""
    sent = dict(call.body)
    if "additional_params" in sent:
        sent["metric_params"] = sent.pop("additional_params")
    if "agreement_threshold" in sent:
        sent["agreement_threshold"] = str(sent["agreement_threshold"])
    call.model.set("project:metric", call.path["id"]).update(sent)
    return metric(call)


# where a function runs → how its operations are called
FUNCTIONS = {
    "aws": ("get_lambda", "update_lambda", "logs"),
    "gcp": ("get_gcp_function", "update_gcp_function", ""),
    "own": ("get_function", "deploy_function", "get_function_logs"),
}


def _serve_function(cloud: str, get: str, put: str, logs: str) -> None:
    @serves(f"projects.metrics.custom.{get}")
    def show(call: Call) -> Any:
        kept = call.model.settings_of(f"project:function_{cloud}", call.path["id"])
        return {"code": kept.get("code", ""), "status": "Active" if kept else "NotDeployed"}

    @serves(f"projects.metrics.custom.{put}")
    def deploy(call: Call) -> Any:
        call.model.set(f"project:function_{cloud}", call.path["id"]).update(call.body)

    if logs:

        @serves(f"projects.metrics.custom.{logs}")
        def read_logs(_call: Call) -> Any:
            return {"logs": []}


for _cloud, _names in FUNCTIONS.items():
    _serve_function(_cloud, *_names)


@serves("projects.metrics.custom.check_function")
def check_function(_call: Call) -> Any:
    """Try out a function: nothing is kept."""
    return None


@serves("projects.review_routing_rules.list")
def rules(call: Call) -> Any:
    """The rules, in their order."""
    found = [item.values for item in call.store.of("routing_rule", project=call.path["id"])]
    return sorted(found, key=lambda rule: rule["order"])


@serves("projects.review_routing_rules.bulk_replace")
def replace_rules(call: Call) -> Any:
    """These rules instead of those that were; one that names an identity keeps it."""
    project = call.path["id"]
    before = {item.id: item for item in call.store.of("routing_rule", project=project)}
    for item in before.values():
        call.store.remove(item)
    for order, sent in enumerate(call.body["rules"]):
        known = before.get(sent.get("id") or 0)
        values = {**sent, "project": project, "order": order, "updated_at": now()}
        values["created_at"] = known.values["created_at"] if known else now()
        values.pop("id", None)
        call.store.add("routing_rule", values, ("project", project), identity=known.id if known else None)
    return rules(call)
