"""A prompt with a version, for a project with tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.enterprise.steps import choice
from conformance.scenarios.steps import annotate

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported
    from conformance.wire import Exchange, Wire
    from conformance.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompting:
    """A prompt, what it works on, and what it works by.

    Attributes:
        project: with three tasks, of which the first has a ground truth.
        version: of the prompt.
    """

    api: Wire
    supply: World
    project: dict[str, Any]
    tasks: list[dict[str, Any]]
    prompt: int
    version: int

    def new_prompt(self, **body: object) -> int:
        """Make another prompt."""
        told = {"title": self.supply.resolve("$new"), "skill_name": "TextClassification", **body}
        made: int = self.api.call("prompts.create", json=told).json()["id"]
        return made

    def new_version(self, prompt: int | None = None, **body: object) -> int:
        """Make a version of a prompt; of this one unless told otherwise."""
        told = self.supply.resolve(
            {
                "title": "$new",
                "prompt": "Which tone has this letter: {text}",
                "provider": "$peer.llm.provider",
                "provider_model_id": "$peer.llm.model",
                "model_provider_connection": "$model_provider",
                **body,
            }
        )
        made: int = self.api.call("prompts.versions.create", prompt_id=prompt or self.prompt, json=told).json()["id"]
        return made

    def run(self, version: int | None = None, *, expect: Any = "success", **body: object) -> Exchange:
        """Start an inference run."""
        path: dict[str, Any] = {"prompt_id": self.prompt, "version_id": version or self.version}
        told = {"project": self.project["id"], "project_subset": "All", **body}
        return self.api.call("prompts.runs.create", json=told, expect=expect, **path)

    def runs(self, version: int | None = None, **query: object) -> list[dict[str, Any]]:
        """The runs of a version."""
        path: dict[str, Any] = {"prompt_id": self.prompt, "version_id": version or self.version}
        found: list[dict[str, Any]] = self.api.call("prompts.runs.list", query=query, **path).json()
        return found

    def subset(self, *, expect: Any = "success", **query: object) -> Exchange:
        """The tasks of a subset of the project."""
        asked = {"page_size": 100, **query}
        return self.api.call("prompts.subset_tasks", project_pk=self.project["id"], query=asked, expect=expect)


@pytest.fixture
def prompting(api: Wire, supply: World, project: dict[str, Any], imported: Imported) -> Prompting:
    """The prompt of :class:`Prompting`."""
    tasks = imported(project, [{"data": {"text": text}} for text in ("one", "two", "three")])
    annotate(api, tasks[0], choice("Positive"), ground_truth=True)
    annotate(api, tasks[1], choice("Negative"))
    body = {
        "title": supply.resolve("$new"),
        "skill_name": "TextClassification",
        "input_fields": ["text"],
        "output_classes": ["Positive", "Negative"],
        "associated_projects": [project["id"]],
    }
    prompt = api.call("prompts.create", json=body).json()["id"]
    made = Prompting(api=api, supply=supply, project=project, tasks=tasks, prompt=prompt, version=0)
    version = made.new_version()
    return Prompting(api=api, supply=supply, project=project, tasks=tasks, prompt=prompt, version=version)
