"""An import's status object, where no request makes one.

The Community edition imports within the request and keeps no status object, so its route can only be shown with a
row written into the database. That is done here and nowhere else, on the embedded server only: the file is the suite's.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path  # noqa: TC003 - part of the public signature

_ROW = {
    "commit_to_project": 1,
    "return_task_ids": 0,
    "status": "completed",
    "created_at": "2026-01-01 00:00:00",
    "updated_at": "2026-01-01 00:00:00",
    "finished_at": "2026-01-01 00:00:00",
    "task_count": 1,
    "annotation_count": 0,
    "prediction_count": 0,
    "duration": 1,
    "file_upload_ids": "[]",
    "could_be_tasks_list": 1,
    "found_formats": "{}",
    "data_columns": "[]",
    "task_ids": "[]",
}


def insert_import(data_dir: Path, project: int) -> int:
    """Write a completed import of ``project`` into the embedded server's database; returns its id.

    Raises:
        LookupError: the database is not as expected (another version).
    """
    database = next(data_dir.glob("*.sqlite3"), None)
    if database is None:
        raise LookupError(f"no SQLite database in {data_dir}")
    row = {**_ROW, "project_id": project}
    columns = ", ".join(row)
    marks = ", ".join("?" * len(row))
    try:
        with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
            done = connection.execute(
                f"INSERT INTO projects_projectimport ({columns}) VALUES ({marks})",  # noqa: S608 - constant names
                tuple(row.values()),
            )
            return int(done.lastrowid or 0)
    except sqlite3.Error as problem:
        raise LookupError(f"the database is not as expected: {problem}") from problem
