"""Prompts and their versions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE
from conformance.scenarios.data.configs import IMAGE_BOXES
from conformance.scenarios.enterprise.steps import ids

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.prompts.conftest import Prompting
    from conformance.showing import Show
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.destructive


@pytest.mark.requirement("LS-PROMPT-001", "LS-PROMPT-002", "LS-PROMPT-003", "LS-PROMPT-005", "LS-PROMPT-009")
def test_a_prompt_tells_what_it_is_for(api: Wire, show: Show, prompting: Prompting, new_project: NewProject) -> None:
    other, project = new_project(), prompting.project
    read = api.call("prompts.get", id=prompting.prompt)
    told = [[one["id"], one["title"]] for one in read.json()["associated_projects"]]
    show.equal("LS-PROMPT-001", expected=[[project["id"], project["title"]]], got=told, exchange=read)
    api.call("prompts.update", id=prompting.prompt, json={"associated_projects": [other["id"]]})
    now = api.call("prompts.get", id=prompting.prompt)
    show.equal("LS-PROMPT-002", expected=[other["id"]], got=ids(now.json()["associated_projects"]), exchange=now)
    counted = [[now.json()["versions_count"], now.json()["runs_count"]]]
    prompting.new_version()
    prompting.run()
    after = api.call("prompts.get", id=prompting.prompt)
    counted.append([after.json()["versions_count"], after.json()["runs_count"]])
    show.equal("LS-PROMPT-003", expected=[[1, 0], [2, 1]], got=counted, exchange=after)
    found = api.call("prompts.list", query={"search": after.json()["title"]})
    show.equal("LS-PROMPT-005", expected=[prompting.prompt], got=ids(found.json()["results"]), exchange=found)
    suggested = api.call("prompts.versions.get_default_version_name", id=prompting.prompt, expect=None)
    show.status("LS-PROMPT-009", suggested, 200)


@pytest.mark.requirement("LS-PROMPT-004")
def test_projects_fit_or_do_not(api: Wire, show: Show, new_project: NewProject) -> None:
    fitting, other = new_project()["id"], new_project(label_config=IMAGE_BOXES)["id"]
    query = {"project_type": "TextClassification", "page_size": 1000}
    found = api.call("prompts.compatible_projects", query=query)
    got = sorted({fitting, other} & set(ids(found.json()["results"])))
    show.equal("LS-PROMPT-004", expected=[fitting], got=got, exchange=found)


@pytest.mark.requirement("LS-PROMPT-006", "LS-PROMPT-007", "LS-PROMPT-008")
def test_a_version_is_one_prompt_s(api: Wire, show: Show, prompting: Prompting) -> None:
    other = prompting.new_prompt()
    foreign = prompting.new_version(other)

    def versions(prompt: int) -> list[int]:
        return ids(api.call("prompts.versions.list", prompt_id=prompt).json())

    got = [versions(prompting.prompt), versions(other)]
    show.equal("LS-PROMPT-008", expected=[[prompting.version], [foreign]], got=got)
    path: dict[str, Any] = {"prompt_id": other, "version_id": prompting.version}
    for answer in (
        api.call("prompts.versions.get", expect=None, **path),
        api.call("prompts.versions.update", json={"prompt": "Another"}, expect=None, **path),
        api.call("prompts.versions.delete", expect=None, **path),
    ):
        show.status("LS-PROMPT-007", answer, 404)
    show.equal("LS-PROMPT-007", expected=[prompting.version], got=versions(prompting.prompt), signature="touched")
    api.call("prompts.delete", id=other)
    gone = api.call("prompts.versions.get", prompt_id=other, version_id=foreign, expect=None)
    show.status("LS-PROMPT-006", gone, *GONE)


@pytest.mark.requirement("LS-PROMPT-010", "LS-PROMPT-011", "LS-PROMPT-012")
def test_a_version_is_refined(
    api: Wire, show: Show, prompting: Prompting, supply: World, eventually: Eventually
) -> None:
    path: dict[str, Any] = {"prompt_id": prompting.prompt, "version_id": prompting.version}
    before = api.call("prompts.versions.get", **path).json()
    cost = api.call("prompts.versions.cost_estimate", **path)
    told = [cost.json()[f"{name}_cost_usd"] for name in ("prompt", "completion", "total")]
    if cost.json()["is_error"] or None in told:
        show.not_measured("the target makes no estimate here")
    sums = Decimal(told[0]) + Decimal(told[1]) == Decimal(told[2])
    show("LS-PROMPT-012", sums, expected="a sum", got=told, exchange=cost)
    body = supply.resolve(
        {
            "project_id": prompting.project["id"],
            "teacher_model_name": "$peer.llm.model",
            "teacher_model_provider_connection_id": "$model_provider",
        }
    )
    started = api.call("prompts.versions.refine_prompt", json=body, **path)
    query = {"refinement_job_id": started.json()["refinement_job_id"]}
    outcome = eventually(
        lambda: api.call("prompts.versions.get_refined_prompt", query=query, **path),
        until=lambda seen: seen.status == 200,
        budget="import done",
    )
    made = api.call("prompts.versions.list", prompt_id=prompting.prompt).json()
    new = [one["prompt"] for one in made if one["id"] != prompting.version]
    show.equal("LS-PROMPT-010", expected=[outcome.json()["prompt"]], got=new, exchange=started)
    after = api.call("prompts.versions.get", **path).json()
    show.equal("LS-PROMPT-010", expected=before["prompt"], got=after["prompt"], signature="the one before")
    got = [outcome.status, bool(outcome.json()["prompt"])]
    show.equal("LS-PROMPT-011", expected=[200, True], got=got, exchange=outcome)


@pytest.mark.requirement("LS-PROVIDER-001", "LS-PROVIDER-002", "LS-PROVIDER-003")
def test_keys_of_providers_are_told_to_nobody(api: Wire, show: Show, supply: World) -> None:
    secrets = {
        "api_key": supply.resolve("$peer.llm.api_key"),
        "auth_token": "a-token-of-the-conformance-suite",
        "google_application_credentials": '{"private_key": "a-credential-of-the-conformance-suite"}',
    }
    body = supply.resolve({"provider": "$peer.llm.provider", "endpoint": "$peer.llm.endpoint", "scope": "User"})
    made = api.call("model_providers.create", json={**body, **secrets})
    identity = made.json()["id"]
    changed = api.call("model_providers.update", id=identity, json={"budget_alert_threshold": 12.5})
    answers = {
        "create": made,
        "get": api.call("model_providers.get", id=identity),
        "list": api.call("model_providers.list"),
        "update": changed,
        # as an editor sends the whole form again
        "update with secrets": api.call("model_providers.update", id=identity, json=secrets),
    }
    for name, answer in answers.items():
        told = [
            key for key, value in secrets.items() if value in answer.text or "of-the-conformance-suite" in answer.text
        ]
        show("LS-PROVIDER-001", not told, expected="no secret", got=told, exchange=answer, signature=f"in {name}")
    now = answers["get"].json()
    got = [now["budget_alert_threshold"], now["endpoint"], now["provider"]]
    show.equal("LS-PROVIDER-003", expected=[12.5, body["endpoint"], body["provider"]], got=got, exchange=changed)
    choices = api.call("model_providers.list_model_provider_choices")
    known = {"OpenAI", "AzureOpenAI", "AzureAIFoundry", "VertexAI", "Gemini", "Anthropic", "Custom"}
    odd = sorted(set(choices.json()["provider_choices"]) - known)
    some = bool(choices.json()["provider_choices"])
    show("LS-PROVIDER-002", some and not odd, expected=sorted(known), got=odd or "none", exchange=choices)
