"""Community operations on Enterprise: fields that only it has are taken, kept, and shown in answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx

from tests.enterprise.facade import observing
from tests.enterprise.facade.permissions import permit
from tests.enterprise.facade.records import record
from tests.enterprise.facade.refusals import Refusal, invalid, not_found
from tests.enterprise.facade.upstream import Passed
from tests.enterprise.state.shapes import MISSING, types
from tests.enterprise.state.views import Views

if TYPE_CHECKING:
    from conformance.contract import Operation
    from tests.enterprise.facade.app import Asked
    from tests.enterprise.facade.callers import Caller
    from tests.enterprise.state.model import Model
    from tests.enterprise.state.shapes import Schema

JSON = "application/json"
# what the real server says of comments and states: it has none; and the token of invitations, so that people can join
PLACED = frozenset({"project", "task", "annotation", "prediction"})
ITS_OWN = frozenset({"state", "token", "comment_count", "unresolved_comment_count", "comment_authors"})
EXPORTS = frozenset({"projects.exports.download_sync", "projects.exports.download"})
# of what was asked for by `Range`
PART = 206
# what changes keys, accounts or memberships
ABOUT_ACCOUNTS = ("users.", "tokens.", "organizations.", "jwt_settings.", "session_policy.")


class Garnish:
    """Adds what Enterprise has to requests and answers of Community operations."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._views = Views(model)

    def refuses(self, operation: Operation, values: dict[str, str], asked: Asked) -> Refusal | None:
        """A refusal that the real server would not give: the role may not, or an Enterprise field is wrong."""
        if not operation.secured:
            return None
        with self._model.lock:
            caller = self._model.callers.identify(asked.headers)
            if isinstance(caller, httpx.Response):
                return None
            try:
                self._permit(operation, values, caller)
                self._check_fields(operation, asked)
                self._check_pause(operation, values, caller)
            except Refusal as refusal:
                return refusal
        return None

    def _permit(self, operation: Operation, values: dict[str, str], caller: Caller) -> None:
        path = {k: int(v) for k, v in values.items() if v.isascii() and v.isdigit() and len(v) < 19}
        self._check_place(operation, path, caller)
        if caller.organization is not None and caller.role not in {"OW", "AD"}:
            permit(self._model, operation, caller, path)

    def _check_place(self, operation: Operation, path: dict[str, int], caller: Caller) -> None:
        """What is another organisation's is not there."""
        for slot, kind in self._model.resources.slot_kinds(operation).items():
            if kind in PLACED and slot in path:
                row = self._model.community.row("project", self._model.community.project_of(kind, path[slot]))
                if row and row["organization_id"] != caller.organization and row["created_by_id"] != caller.id:
                    raise not_found(kind)

    def _check_pause(self, operation: Operation, values: dict[str, str], caller: Caller) -> None:
        """Who is paused in a project annotates nothing there."""
        if operation.id == "annotations.create" and values["id"].isdigit():
            project = self._model.community.project_of("task", int(values["id"]))
            if any(self._model.store.of("pause", project=project, user=caller.id)):
                raise Refusal(403, "You are paused in this project.")

    def rewritten(self, operation: Operation, asked: Asked) -> Asked:
        """The request as the real server understands it: it knows no workspaces."""
        if operation.id != "projects.list":
            return asked
        with self._model.lock:
            caller = self._model.callers.identify(asked.headers)
            wanted = None if isinstance(caller, httpx.Response) else self._views.projects(asked.query, caller)
        if wanted is None:
            return asked
        sign = b"&" if b"?" in asked.target else b"?"
        return replace(asked, target=asked.target + sign + b"ids=" + ",".join(map(str, wanted or [0])).encode())

    def _check_fields(self, operation: Operation, asked: Asked) -> None:
        pointer = _json_pointer(operation)
        sent = _object(asked)
        if pointer is None or not sent:
            return
        for name, (at, _) in self._fields(operation).items():
            if name in sent and self._model.schemas.violations(at, sent[name]):
                raise invalid(name, "Not a valid value.")
        workspace = sent.get("workspace")
        if workspace is not None and "workspace" in self._fields(operation):
            number = int(workspace) if isinstance(workspace, str) and workspace.isdigit() else workspace
            if self._model.store.get("workspace", number) is None:
                raise invalid("workspace", "There is no such workspace.")

    def _fields(self, operation: Operation) -> dict[str, tuple[str, Schema]]:
        """The Enterprise fields of a body: where the schema of each stands, and what it says."""
        media = operation.body.content.get(JSON) if operation.body else None
        name, schema = self._model.shapes.resolve(dict(media.schema or {}) if media else {})
        return {
            field: (f"#/components/schemas/{name}/properties/{field}", part)
            for field, part in schema.get("properties", {}).items()
            if name and part.get("x-edition") == "enterprise"
        }

    def passed(self, operation: Operation, values: dict[str, str], asked: Asked, passed: Passed) -> Passed:
        """The real server's answer, with the Enterprise fields."""
        with self._model.lock:
            before = None
            if not operation.reads():
                before = self._model.callers.identify(asked.headers)
                if operation.id.startswith(ABOUT_ACCOUNTS):
                    self._model.callers.forget()
            if not 200 <= passed.status < 300:
                return passed
            passed = _documented(operation, passed)
            body = self._decoded(operation, passed)
            if not operation.reads():
                self._keep(operation, values, asked, body)
                if before is not None and not isinstance(before, httpx.Response):
                    observing.observe(self._model, operation, values, body, before)
                    record(self._model, asked, operation, values, before, passed.status)
            if operation.id in EXPORTS:
                return self._with_reviews(passed)
            if body is MISSING:
                return passed
            body = self._views.top(operation, body)
            if operation.id == "projects.list_counts":
                self._count_queues(asked, body)
            schema = operation.responses[passed.status].content[JSON].schema
            return _again(passed, _narrowed(asked, body, self._add(schema, body)))

    def _count_queues(self, asked: Asked, body: Any) -> None:
        """The real server leaves out of these counts what it tells of a project by itself."""
        caller = self._model.callers.identify(asked.headers)
        listed = body.get("results") if isinstance(body, dict) else None
        for project in listed or ():
            if "id" in project and not isinstance(caller, httpx.Response):
                queue = self._model.community.queue(project["id"], caller.id)
                project.update(queue | {"queue_total": str(queue["queue_total"])})  # a text here, by the contract

    def _with_reviews(self, passed: Passed) -> Passed:
        """An export of tasks as JSON has the comments of tasks and the reviews of annotations."""
        try:
            tasks = json.loads(passed.content)
        except ValueError:
            return passed
        counted = self._count_comments(tasks)
        annotations = [a for task in tasks if isinstance(task, dict) for a in task.get("annotations") or ()]
        found = counted
        for annotation in (a for a in annotations if isinstance(a, dict) and "result" in a):
            reviews = list(self._model.store.of("review", annotation=annotation["id"]))
            if reviews:
                annotation["reviews"] = [{k: v for k, v in r.values.items() if k != "comment"} for r in reviews]
                found = True
        return _again(passed, tasks) if found else passed

    def _count_comments(self, tasks: Any) -> bool:
        """Tell of comments what tasks tell by themselves; returns whether anything is told otherwise now."""
        found = False
        for task in tasks if isinstance(tasks, list) else ():
            if isinstance(task, dict) and "data" in task and isinstance(task.get("id"), int):
                known = {k: v for k, v in self._views.task(task["id"]).items() if k in ITS_OWN and k in task}
                found = found or any(task[k] != v for k, v in known.items())
                task.update(known)
        return found

    def _decoded(self, operation: Operation, passed: Passed) -> Any:
        response = operation.responses.get(passed.status)
        kind = passed.header(b"content-type").partition(b";")[0].strip()
        if response is None or JSON not in response.content or kind != JSON.encode() or not passed.content:
            return MISSING
        try:
            return json.loads(passed.content)
        except ValueError:
            return MISSING

    def _keep(self, operation: Operation, values: dict[str, str], asked: Asked, body: Any) -> None:
        """Remember the Enterprise fields that were sent."""
        sent = {k: v for k, v in _object(asked).items() if k in self._fields(operation)}
        kinds = self._model.resources.slot_kinds(operation)
        kind = (self._model.resources.created_by(operation.id) or _Nothing).name
        identity = body.get("id") if kind and isinstance(body, dict) else None
        if identity is None and kinds and values[list(kinds)[-1]].isdigit():
            kind, identity = list(kinds.values())[-1], int(values[list(kinds)[-1]])
        if operation.id == "jwt_settings.update":
            kind, identity = "jwt_settings", 1
        if sent and kind and isinstance(identity, int):
            self._views.written(kind, identity, sent)

    def _add(self, schema: Any, body: Any) -> Any:
        """The same with the Enterprise fields that its schemas have, and what the real server leaves open."""
        name, resolved = self._model.shapes.resolve(schema)
        choices = list(self._model.shapes.choices(resolved))
        for part in choices:
            if isinstance(body, list) and "items" in part:
                return [self._add(part["items"], item) for item in body]
            if isinstance(body, dict) and "properties" in part:
                return self._filled(name, part, body)
        return self._mended(resolved, choices, body)

    def _mended(self, schema: Schema, choices: list[Schema], body: Any) -> Any:
        """An object instead of an account's number, where the schema has one; of anything else, what came."""
        kinds = {kind for choice in choices for kind in types(choice)}
        return self._model.shapes.fill(schema, body) if isinstance(body, int) and kinds == {"object"} else body

    def _filled(self, name: str, schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
        properties = schema["properties"]
        found = {k: self._add(properties[k], v) if k in properties else v for k, v in body.items()}
        known = self._views.of(name or _guess(schema), body)
        for key, part in properties.items():
            if (key not in body and _is_owed(schema, key, part)) or (key in ITS_OWN and key in known):
                value = known.get(key, MISSING)
                if value is None and not self._may_be_null(part) and key not in schema.get("required", ()):
                    continue  # nothing, where only something may be told
                found[key] = self._model.shapes.fill(part, value)
        return found

    def _may_be_null(self, schema: Schema) -> bool:
        kinds = [types(choice) for choice in self._model.shapes.choices(schema)]
        return any(not kind or "null" in kind for kind in kinds)


def _narrowed(asked: Asked, told: Any, body: Any) -> Any:
    """Of what is listed only the fields that were asked for (``include``)."""
    wanted = ",".join(parse_qs(asked.query).get("include", [])).split(",")
    listing = next((n for n in ("results", "tasks") if isinstance(told, dict) and isinstance(told.get(n), list)), "")
    if wanted == [""] or not listing:
        return body
    kept = [
        {k: v for k, v in item.items() if k in before or k in wanted}
        for before, item in zip(told[listing], body[listing], strict=True)
    ]
    return {**body, listing: kept}


def _is_owed(schema: Schema, key: str, part: Schema) -> bool:
    """Does an Enterprise server show it?"""
    if part.get("writeOnly"):
        return False
    return part.get("x-edition") == "enterprise" or key in schema.get("required", ())


class _Nothing:
    name = ""


def _guess(schema: Schema) -> str:
    """A name for a schema that has none of its own, by what it has."""
    return "Task" if "predictions" in schema["properties"] and "data" in schema["properties"] else ""


def _json_pointer(operation: Operation) -> str | None:
    media = operation.body.content.get(JSON) if operation.body else None
    return media.pointer if media else None


def _object(asked: Asked) -> dict[str, Any]:
    if not asked.headers.get("content-type", "").startswith(JSON):
        return {}
    try:
        sent = json.loads(asked.content)
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def _documented(operation: Operation, passed: Passed) -> Passed:
    """With the success that the contract has, where the real server says another one."""
    if passed.status in {*operation.responses, PART} or not operation.success:
        return passed
    status = operation.success[0]
    if operation.responses[status].content:
        return Passed(status, passed.headers, passed.content)
    return Passed(status, [h for h in passed.headers if h[0] not in {b"content-length", b"content-type"}], b"")


def _again(passed: Passed, body: Any) -> Passed:
    content = json.dumps(body).encode()
    headers = [(k, v) for k, v in passed.headers if k not in {b"content-length", b"etag"}]
    return Passed(passed.status, [*headers, (b"content-length", str(len(content)).encode())], content)
