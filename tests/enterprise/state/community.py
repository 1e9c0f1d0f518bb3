"""Facts of the real server behind the façade, read from its database: what there is, and what annotators said."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# kind → table, and what is no longer there although its row is
TABLES = {
    "project": ("project", "deleted_at IS NULL"),
    "task": ("task", "1"),
    "annotation": ("task_completion", "1"),
    "prediction": ("prediction", "1"),
    "user": ("htx_user", "1"),
    "organization": ("organization", "1"),
    "view": ("data_manager_view", "1"),
    "file": ("data_import_fileupload", "1"),
    "export": ("data_export_export", "1"),
    "webhook": ("webhook", "1"),
    "ml_backend": ("ml_mlbackend", "1"),
}
LARGEST = 2**63
# seconds to wait while the real server writes
PATIENCE = 120
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """An annotation or a prediction, as statistics see it."""

    id: int
    task: int
    result: list[dict[str, Any]]
    by: int | str
    seconds: float | None = None
    ground_truth: bool = False
    skipped: bool = False


class Community:
    """Reads the database of the embedded server; writes nothing."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "label_studio.sqlite3"
        self._local = threading.local()

    def _rows(self, statement: str, *values: object) -> list[Row]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Not "ro": who reads between two steps of a writer's rollback may have to finish it, and is refused then.
            connection = sqlite3.connect(f"file:{self._path}?mode=rw", uri=True, timeout=PATIENCE)
            connection.execute("PRAGMA query_only = ON")
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
        return [dict(row) for row in connection.execute(statement, values)]

    def born(self, kind: str, identity: object) -> str | None:
        """When an object was made; empty where there is none, None where this is not the one to ask."""
        if kind not in TABLES:
            return None
        row = self.row(kind, identity)
        return "" if row is None else str(row.get("created_at") or row.get("date_joined") or row["id"])

    def row(self, kind: str, identity: object) -> Row | None:
        """An object's row; None where there is none."""
        if not isinstance(identity, int) or abs(identity) >= LARGEST:
            return None
        table, there = TABLES[kind]
        return next(iter(self._rows(f"SELECT * FROM {table} WHERE id = ? AND {there}", identity)), None)  # noqa: S608 - names of ours

    def all(self, kind: str, **equal: object) -> list[Row]:
        """The rows of a kind with these values, by id."""
        table, there = TABLES[kind]
        where = " AND ".join([there, *(f"{name} = ?" for name in equal)])
        return self._rows(f"SELECT * FROM {table} WHERE {where} ORDER BY id", *equal.values())  # noqa: S608 - names of ours

    def is_member(self, user: int, organization: int) -> bool:
        """Does the user belong to the organisation, as far as the real server is asked?"""
        return bool(
            self._rows(
                "SELECT 1 FROM organizations_organizationmember "
                "WHERE user_id = ? AND organization_id = ? AND deleted_at IS NULL",
                user,
                organization,
            )
        )

    def member_rows(self, organization: int) -> list[Row]:
        """The memberships of an organisation, by id."""
        return self._rows(
            "SELECT * FROM organizations_organizationmember WHERE organization_id = ? AND deleted_at IS NULL "
            "ORDER BY id",
            organization,
        )

    def project_of(self, kind: str, identity: int) -> int | None:
        """The project that a task, annotation or other object is in."""
        row = self.row(kind, identity)
        return None if row is None else (row["id"] if kind == "project" else row.get("project_id"))

    def annotations(self, project: int, task: int | None = None) -> list[Answered]:
        """What annotators submitted, oldest first; skipped ones say so."""
        rows = self.all("annotation", project_id=project, **({} if task is None else {"task_id": task}))
        return [
            Answered(
                row["id"],
                row["task_id"],
                _regions(row["result"]),
                row["completed_by_id"] or 0,
                row["lead_time"],
                bool(row["ground_truth"]),
                bool(row["was_cancelled"]),
            )
            for row in rows
            if row["task_id"] is not None
        ]

    def queue(self, project: int, user: int) -> dict[str, int]:
        """How many tasks of a project are somebody's, and how many of them that person annotated already."""
        again = (self.row("project", project) or {}).get("skip_queue") == "REQUEUE_FOR_ME"
        mine = "EXISTS (SELECT 1 FROM task_completion a WHERE a.task_id = t.id AND a.completed_by_id = ?"
        counted = "SELECT COUNT(*) AS number FROM task t WHERE t.project_id = ? AND "
        kept = " AND a.was_cancelled = 0" if again else ""
        total = self._rows(f"{counted}(t.is_labeled = 0 OR {mine}))", project, user)
        done = self._rows(f"{counted}{mine}{kept})", project, user)
        return {"queue_total": total[0]["number"], "queue_done": done[0]["number"]}

    def predictions(self, project: int, task: int | None = None) -> list[Answered]:
        """What models predicted, by model version."""
        rows = self.all("prediction", project_id=project, **({} if task is None else {"task_id": task}))
        return [
            Answered(row["id"], row["task_id"], _regions(row["result"]), row["model_version"] or "") for row in rows
        ]


def _regions(text: str | None) -> list[dict[str, Any]]:
    try:
        value = json.loads(text) if text else []
    except ValueError:
        return []
    return [region for region in value if isinstance(region, dict)] if isinstance(value, list) else []
