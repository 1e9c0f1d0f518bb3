"""A second organisation on the real server, which has no operation that makes one."""

from __future__ import annotations

import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FIRST = 1


def found_organization(data_dir: Path) -> str:
    """Found it, with one account of its own; returns the account's key."""
    connection = sqlite3.connect(data_dir / "label_studio.sqlite3", timeout=20)
    connection.row_factory = sqlite3.Row
    name = f"other-{secrets.token_hex(4)}"
    with connection:
        user = _copy(connection, "htx_user", email=f"{name}@example.com", username=name, active_organization_id=None)
        place = _copy(connection, "organization", title=name, created_by_id=user, token=secrets.token_hex(20))
        connection.execute("UPDATE htx_user SET active_organization_id = ? WHERE id = ?", (place, user))
        member = "organizations_organizationmember"
        _copy(connection, member, organization_id=place, user_id=user)
        _copy(connection, "jwt_auth_jwtsettings", organization_id=place)
        key = secrets.token_hex(20)
        moment = connection.execute("SELECT created FROM authtoken_token").fetchone()[0]
        connection.execute("INSERT INTO authtoken_token (key, created, user_id) VALUES (?, ?, ?)", (key, moment, user))
    connection.close()
    return key


def _copy(connection: sqlite3.Connection, table: str, **other: Any) -> int:
    """A row like the first one, but for some of its values; returns its number."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    key = "organization_id" if "id" not in columns else "id"
    first = connection.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchone()  # noqa: S608 - names of ours
    values = {name: first[name] for name in columns if name != "id"} | other
    names, places = ", ".join(values), ", ".join("?" * len(values))
    made = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(values.values()))  # noqa: S608 - names of ours
    return int(made.lastrowid or 0)
