"""What Enterprise knows of the real server's objects besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.enterprise.facade.callers import BELOW_MANAGER
from tests.enterprise.state.agreement import task_agreement

if TYPE_CHECKING:
    from conformance.contract import Operation
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.state.model import Model


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

    def top(self, operation: Operation, body: Any, who: Caller | None) -> Any:
        """Whole answers that are different on Enterprise."""
        if operation.id == "versions.get" and isinstance(body, dict):
            return {**body, "edition": "Enterprise"}
        if operation.id == "projects.list" and who is not None and who.role in BELOW_MANAGER:
            results = [p for p in body.get("results", ()) if self._model.people.is_project_member(p["id"], who.id)]
            return {**body, "results": results, "count": len(results)}
        return body

    def of(self, component: str, body: dict[str, Any]) -> dict[str, Any]:
        """The Enterprise fields of an object; empty where nothing is known but what their schemas say."""
        identity = body.get("id")
        if "User" in component and isinstance(identity, int):
            return self._model.people.user(identity)
        if "Project" in component and isinstance(identity, int):
            return self.project(identity)
        if "Task" in component and isinstance(identity, int):
            return self.task(identity)
        if "Organization" in component and isinstance(identity, int):
            return organization(self._model, identity)
        if component.startswith("LSEJWTSettings"):
            return {"api_token_ttl_days": 365, **self._model.set("jwt_settings", 1)}
        return {}

    def project(self, identity: int) -> dict[str, Any]:
        """Of a project."""
        return project(self._model, identity)

    def task(self, identity: int) -> dict[str, Any]:
        """Of a task."""
        model = self._model
        row = model.community.row("task", identity)
        if row is None:
            return {}
        reviews = [r for r in model.store.of("review") if r.values.get("task") == identity]
        last = {r.values["annotation"]: r.values.get("accepted", False) for r in reviews}
        comments = list(model.store.of("comment", task=identity))
        annotations = model.community.annotations(row["project_id"], identity)
        return {
            "reviewed": bool(reviews),
            "reviews_accepted": sum(last.values()),
            "reviews_rejected": sum(not v for v in last.values()),
            "reviewers": list(dict.fromkeys(r.values["created_by"] for r in reviews)),
            "reviewers_count": len({r.values["created_by"] for r in reviews}),
            "comments": str(len(comments)),
            "comment_authors_count": len({c.values["created_by"] for c in comments}),
            "annotators_count": len({a.by for a in annotations}),
            "ground_truth": any(a.ground_truth for a in annotations),
            "agreement": task_agreement(annotations),
            "agreement_selected": task_agreement(annotations),
            "annotation_time": sum(a.seconds or 0 for a in annotations),
            "review_time": 0,
        }


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
    kept = {k: v for k, v in model.set("project", identity).items() if k != "workspace"}
    reviews = [r for r in model.store.of("review") if r.values.get("project") == identity]
    return {
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


def _part(kept: dict[str, Any], name: str) -> dict[str, Any]:
    value = kept.get(name)
    return value if isinstance(value, dict) else {}


def organization(model: Model, identity: int) -> dict[str, Any]:
    """What Enterprise knows of an organisation."""
    return {**model.set("organization", identity), "default_role": model.roles.default.get(identity, "AD")}
