"""Rows that the suite writes into the embedded server's database."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from conformance.target.embedded.rows import insert_postgresql, insert_sqlite

if TYPE_CHECKING:
    from pathlib import Path

ROW: dict[str, str | int | bool] = {"status": "completed", "done": True, "number": 3}


def test_a_row_of_sqlite_is_there_under_its_id(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, status TEXT, done BOOLEAN, number INTEGER)")
        connection.execute("INSERT INTO things (status) VALUES ('somebody else')")
    assert insert_sqlite(database, "things", ROW) == 2
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT * FROM things WHERE id = 2").fetchone() == (2, "completed", 1, 3)


def test_another_database_than_expected_is_told(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="not as expected: no such table: things"):
        insert_sqlite(tmp_path / "empty.sqlite3", "things", ROW)


def test_a_program_that_fails_is_told(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\nraise SystemExit('relation \"things\" does not exist')\n")
    python.chmod(0o700)
    with pytest.raises(LookupError, match='not as expected: relation "things" does not exist'):
        insert_postgresql(python, {}, "things", ROW)
