"""Every row of a database, as stored: of SQLite from its file, of PostgreSQL by a program of the server's own Python.

The program has the server's environment, and so its database and its driver.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.deployments.residue.canaries import PASSING, rows_by_key, sqlite_rows

if TYPE_CHECKING:
    from conformance.target.embedded import EmbeddedServer
    from tests.deployments.residue.canaries import Rows

# One JSON object: table → its columns, and its rows, each behind its key and as the database writes it.
_READ = """
import json, os, psycopg
from psycopg import sql
told = {n.lower(): os.environ["POSTGRE_" + n] for n in ("HOST", "PORT", "USER", "PASSWORD")}
found = {}
with psycopg.connect(dbname=os.environ["POSTGRE_NAME"], **told) as connection:
    ask = connection.execute
    tables = ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
                 " AND table_type = 'BASE TABLE' ORDER BY 1").fetchall()
    for (table,) in tables:
        columns = [c for c, in ask("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                                   " AND table_name = %s ORDER BY ordinal_position", [table])]
        keys = [c for c, in ask("SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
                                " AND a.attnum = ANY(i.indkey) WHERE i.indisprimary AND i.indrelid = %s::regclass",
                                ['public."' + table + '"'])]
        every = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns)
        rows = ask(sql.SQL("SELECT {} FROM {}").format(every, sql.Identifier(table))).fetchall()
        places = [columns.index(k) for k in keys] or list(range(len(columns)))
        found[table] = [columns, [[", ".join(str(row[p]) for p in places), *row] for row in rows]]
print(json.dumps(found))
"""


def rows(server: EmbeddedServer) -> Rows:
    """Every row, without what changes whenever somebody looks."""
    if server.settings.database == "sqlite":
        return sqlite_rows(next(server.data_dir.glob("*.sqlite3")))
    process = Path(f"/proc/{server.pid}")
    told = (process / "environ").read_text(encoding="utf-8").split("\0")
    done = subprocess.run(
        [(process / "cmdline").read_text(encoding="utf-8").split("\0")[0], "-s", "-c", _READ],
        env=dict(line.split("=", 1) for line in told if "=" in line),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return {t: rows_by_key(t, columns, listed) for t, (columns, listed) in found.items() if t not in PASSING}
