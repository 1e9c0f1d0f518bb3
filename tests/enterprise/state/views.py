"""What Enterprise knows of the real server's objects besides."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.enterprise.facade.callers import BELOW_MANAGER
from tests.enterprise.state.agreement import submitted, task_agreement

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.state.model import Model


# of the version, so that no report on the stand-in passes for one on a product
LABEL = "+stand.in"
# what storages of a product are told to be, where the real server tells it in some answers only
STORAGES = {"Azure": "azure", "GCS": "gcs", "LocalFiles": "localfiles", "Redis": "redis", "S3": "s3"}
# seconds that nobody works on one task
AGES = 10**9


class Views:
    """The Enterprise fields of projects, tasks, users and organisations."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def written(self, kind: str, identity: int, sent: dict[str, Any]) -> None:
        """Keep what was sent of them."""
        self._model.set(kind, identity).update(sent)
        workspace = sent.get("workspace")
        if kind == "project" and "workspace" in sent:
            place(self._model, identity, int(workspace) if workspace is not None else None)

    def top(self, operation: Operation, body: Any) -> Any:
        """Whole answers that are different on Enterprise."""
        if operation.id == "versions.get" and isinstance(body, dict):
            return {**body, "edition": "Enterprise", "release": f"{body.get('release')}{LABEL}"}
        return body

    def projects(self, query: str, who: Caller) -> list[int] | None:
        """The projects that a list of projects is to have; None where it is the real server's to say."""
        every = [row["id"] for row in self._model.community.all("project", organization_id=who.organization)]
        wanted = [int(n) for n in ",".join(parse_qs(query).get("workspaces", [])).split(",") if n.strip().isdigit()]
        if who.role not in BELOW_MANAGER and not wanted:
            return None
        return [
            number
            for number in every
            if (not wanted or workspace_of(self._model, number) in wanted)
            and (who.role not in BELOW_MANAGER or self._model.people.is_project_member(number, who.id))
        ]

    def of(self, component: str, body: dict[str, Any]) -> dict[str, Any]:
        """The Enterprise fields of an object; empty where nothing is known but what their schemas say."""
        if component.startswith("LSEJWTSettings"):
            return {"api_token_ttl_days": 365, **self._model.settings_of("jwt_settings", 1)}
        if component.endswith("Storage"):
            return {"type": next((kind for product, kind in STORAGES.items() if component.startswith(product)), "")}
        identity = body.get("id")
        views: dict[str, Callable[[int], dict[str, Any]]] = {
            "User": self._model.people.user,
            "Project": self.project,
            "Task": self.task,
            "Organization": partial(organization, self._model),
        }
        view = next((view for word, view in views.items() if word in component), None)
        return view(identity) if view is not None and isinstance(identity, int) else {}

    def project(self, identity: int) -> dict[str, Any]:
        """Of a project."""
        return project(self._model, identity)

    def task(self, identity: int) -> dict[str, Any]:
        """Of a task."""
        model = self._model
        row = model.community.row("task", identity)
        if row is None:
            return {}
        reviews = list(model.store.of("review", task=identity))
        last = {r.values["annotation"]: bool(r.values.get("accepted")) for r in reviews}
        comments = list(model.store.of("comment", task=identity))
        annotations = model.community.annotations(row["project_id"], identity)
        return {
            "reviewed": self._is_reviewed(row["project_id"], [a.id for a in submitted(annotations)], last),
            "reviews_accepted": sum(last.values()),
            "reviews_rejected": sum(not v for v in last.values()),
            "reviewers": list(dict.fromkeys(r.values["created_by"] for r in reviews)),
            "reviewers_count": len({r.values["created_by"] for r in reviews}),
            "comments": str(len(comments)),
            "comment_count": len(comments),
            "unresolved_comment_count": sum(not c.values.get("is_resolved") for c in comments),
            "comment_authors": list(dict.fromkeys(c.values["created_by"] for c in comments)),
            "comment_authors_count": len({c.values["created_by"] for c in comments}),
            "annotators_count": len({a.by for a in annotations}),
            "ground_truth": any(a.ground_truth for a in annotations),
            "agreement": task_agreement(annotations),
            "agreement_selected": task_agreement(annotations),
            "annotation_time": _whole(sum(a.seconds or 0 for a in annotations)),
            "review_time": 0,
        }

    def _is_reviewed(self, project: int, annotations: list[int], last: dict[int, bool]) -> bool:
        """By the project's criteria: one acceptance is enough, or every annotation has to have a review."""
        settings = self._model.settings_of("project", project).get("review_settings")
        if isinstance(settings, dict) and settings.get("review_criteria") == "one":
            return any(last.values())
        return bool(annotations) and all(number in last for number in annotations)


def _whole(seconds: float) -> int:
    """Seconds as a whole number; what no clock told is none."""
    return round(seconds) if abs(seconds) < AGES else 0


def place(model: Model, project: int, workspace: int | None) -> None:
    """Put a project into a workspace, and so out of the one that it was in."""
    for item in list(model.store.of("workspace_project", project=project)):
        model.store.remove(item)
    if workspace is not None:
        model.store.add(
            "workspace_project",
            {"project": project, "workspace": workspace},
            ("project", project),
            ("workspace", workspace),
        )


def workspace_of(model: Model, project: int) -> int | None:
    """The workspace that a project is in."""
    item = next(model.store.of("workspace_project", project=project), None)
    return item.values["workspace"] if item else None


def project(model: Model, identity: int) -> dict[str, Any]:
    """What Enterprise knows of a project."""
    workspace = workspace_of(model, identity)
    found = model.store.get("workspace", workspace) if workspace is not None else None
    members = model.people.project_members(identity)
    kept = {k: v for k, v in model.settings_of("project", identity).items() if k != "workspace"}
    reviews = list(model.store.of("review", project=identity))
    return {
        **_state(model, identity),
        "allow_stream": True,
        "ready": True,
        "data_types": {},
        "duplication_done": True,
        "members": ",".join(map(str, members)),
        "members_count": len(members),
        "reviewed_number": len({r.values["task"] for r in reviews}),
        "rejected": sum(not r.values.get("accepted") for r in reviews),
        "workspace": str(workspace) if workspace is not None else "",
        "workspace_title": found.values["title"] if found else "",
        **kept,
        "assignment_settings": {"id": identity, "project": identity, **_part(kept, "assignment_settings")},
        "review_settings": {"id": identity, "project": identity, **_part(kept, "review_settings")},
    }


def _state(model: Model, identity: int) -> dict[str, Any]:
    """The state that a project was moved to; nothing where nobody moved it."""
    states = list(model.store.of("state", entity="project", entity_id=identity))
    return {"state": states[-1].values["state"]} if states else {}


def _part(kept: dict[str, Any], name: str) -> dict[str, Any]:
    value = kept.get(name)
    return value if isinstance(value, dict) else {}


def organization(model: Model, identity: int) -> dict[str, Any]:
    """What Enterprise knows of an organisation."""
    return {**model.settings_of("organization", identity), "default_role": model.roles.default.get(identity, "AD")}
