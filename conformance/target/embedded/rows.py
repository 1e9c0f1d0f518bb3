"""Writes a row into the embedded server's database: what no request can make, and a test needs to be there."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

Row = Mapping[str, str | int | bool]
PATIENCE: Final = 30.0
"""Seconds to wait for a database that others write to."""

# Run by the server's own Python, which has the driver, in the server's environment, which says where the database is.
_INSERT = """
import json, os, sys, psycopg
from psycopg import sql
table, row = json.load(sys.stdin)
told = {n.lower(): os.environ["POSTGRE_" + n] for n in ("HOST", "PORT", "USER", "PASSWORD")}
with psycopg.connect(dbname=os.environ["POSTGRE_NAME"], **told) as connection:
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    print(connection.execute(query, list(row.values())).fetchone()[0])
"""


def insert_sqlite(database: Path, table: str, row: Row) -> int:
    """Write a row into a file of SQLite; returns its id.

    Raises:
        LookupError: the database is not as expected (another version).
    """
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    try:
        with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection, connection:
            query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of ours
            return int(connection.execute(query, tuple(row.values())).lastrowid or 0)
    except sqlite3.Error as problem:
        raise LookupError(f"the database is not as expected: {problem}") from problem


def insert_postgresql(python: Path, environment: Mapping[str, str], table: str, row: Row) -> int:
    """Write a row into PostgreSQL, with the server's Python and environment; returns its id.

    Raises:
        LookupError: the database is not as expected (another version).
    """
    try:
        done = subprocess.run(  # noqa: S603 - the server's own interpreter, a text of ours
            [str(python), "-s", "-c", _INSERT],
            env=dict(environment),
            input=json.dumps([table, dict(row)]),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.strip().rpartition("\n")[2]
        raise LookupError(f"the database is not as expected: {said}") from problem
    except subprocess.TimeoutExpired as problem:
        raise LookupError(f"the database did not answer within {PATIENCE:.0f} s") from problem
    return int(done.stdout)
