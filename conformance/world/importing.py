"""An import's status object, where no request makes one.

The Community edition imports within the request and keeps no status object, so its route can only be shown with a
row written into the database. That is done here and nowhere else, on the embedded server only: its data are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Insert = Callable[[str, Mapping[str, str | int | bool]], int]
"""Writes a row into a table of the target's database, and returns its id."""

_ROW: Mapping[str, str | int | bool] = {
    "commit_to_project": True,
    "return_task_ids": False,
    "status": "completed",
    "created_at": "2026-01-01 00:00:00+00:00",
    "updated_at": "2026-01-01 00:00:00+00:00",
    "finished_at": "2026-01-01 00:00:00+00:00",
    "task_count": 1,
    "annotation_count": 0,
    "prediction_count": 0,
    "duration": 1,
    "file_upload_ids": "[]",
    "could_be_tasks_list": True,
    "found_formats": "{}",
    "data_columns": "[]",
    "task_ids": "[]",
}


def insert_import(insert: Insert, project: int) -> int:
    """Write a completed import of ``project`` into the embedded server's database; returns its id.

    Raises:
        LookupError: the database is not as expected (another version).
    """
    return insert("projects_projectimport", {**_ROW, "project_id": project})
