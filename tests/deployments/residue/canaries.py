"""Somebody else's things on a target: what a run, a killed run and a sweep must leave exactly as they are.

``plant`` makes them, through the API and the sign-up page, as people would. ``Canaries.answers`` and a table of
database rows are two independent looks at them: what the API says, and what is stored.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Rows = dict[str, dict[str, tuple[Any, ...]]]
"""Table → primary key → row."""

SETTINGS = ("/api/session-policy", "/api/jwt/settings", "/api/current-user/whoami")
CONFIG = (
    '<View><Text name="text" value="$text"/>'
    '<Choices name="label" toName="text"><Choice value="A"/><Choice value="B"/></Choices></View>'
)
# Titles that look like those of a run: with its words, its dates, and whole ids in the wrong places.
TITLES = (
    "Production labels Q4",
    "customer reviews (production)",
    "Annotation batch 20261125 north",
    "conformance",
    "conformance 20261125-100000-ab12 copied by hand",
    "scenario of 20261125-100000-ab12",
    "about conformance 20261125-100000-ab12 1",
)
# What changes by itself whenever somebody uses the server: when the key's user was last seen, and sessions.
VOLATILE: Mapping[str, frozenset[str]] = {"htx_user": frozenset({"activity_at", "last_activity", "last_login"})}
PASSING_FIELDS = frozenset({"created_ago", "last_activity"})
PASSING = frozenset({"django_session", "sqlite_sequence"})


_COLLEAGUES = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Canaries:
    """What was planted.

    Attributes:
        paths: addresses at which the API shows it.
        second_user: e-mail address of somebody else of the same organisation.
    """

    client: httpx.Client
    paths: tuple[str, ...]
    second_user: str

    def answers(self) -> dict[str, str]:
        """What the API says of each, as text that two moments can be compared by."""
        return {path: _answer(self.client.get(path)) for path in self.paths}

    def things(self) -> dict[str, str]:
        """What the API says of somebody's things, without the settings of the whole instance."""
        return {path: answer for path, answer in self.answers().items() if path not in SETTINGS}


def plant(url: str, key: str, **options: Any) -> Canaries:
    """Make them on a target.

    Args:
        url: base URL of the target.
        key: a legacy token of its owner.
        options: of the client, such as ``verify``.
    """
    client = httpx.Client(base_url=url, headers={"Authorization": f"Token {key}"}, timeout=60, **options)
    paths = [*SETTINGS]
    for title in TITLES:
        paths += _project(client, title)
    second = _sign_up(client, url, options)
    return Canaries(client, tuple(paths), second)


def _post(client: httpx.Client, path: str, **request: Any) -> dict[str, Any]:
    answer = client.post(path, **request)
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()
    return made


def _project(client: httpx.Client, title: str) -> list[str]:
    """A project with a file, its tasks, an annotation, a prediction, a view, a snapshot and a webhook."""
    project = _post(client, "/api/projects/", json={"title": title, "label_config": CONFIG})["id"]
    files = {"file": ("theirs.csv", f"text\n{title}\nsecond\n", "text/csv")}
    _post(client, f"/api/projects/{project}/import", files=files)
    listed = client.get("/api/tasks/", params={"project": project, "fields": "all"}).json()["tasks"]
    task = listed[0]["id"]
    choice = {"id": "r1", "from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["A"]}}
    annotation = _post(client, f"/api/tasks/{task}/annotations/", json={"result": [choice]})["id"]
    prediction = _post(client, "/api/predictions/", json={"task": task, "result": [choice], "score": 0.5})["id"]
    chosen = {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": 0}
    data = {"title": title, "filters": {"conjunction": "and", "items": [chosen]}}
    view = _post(client, "/api/dm/views/", json={"project": project, "data": data})["id"]
    export = _post(client, f"/api/projects/{project}/exports/", json={"title": title})["id"]
    hook = _webhook(client, {"url": "https://example.com/hook", "project": project})
    return [
        f"/api/projects/{project}/",
        f"/api/tasks/?project={project}&fields=all",
        *(f"/api/tasks/{t['id']}/" for t in listed),
        f"/api/annotations/{annotation}/",
        f"/api/predictions/{prediction}/",
        f"/api/dm/views/{view}/",
        f"/api/projects/{project}/exports/{export}",
        f"/api/projects/{project}/file-uploads?all=true",
        f"/api/projects/{project}/export?exportType=JSON",
        hook,
    ]


def _webhook(client: httpx.Client, body: Mapping[str, Any]) -> str:
    return f"/api/webhooks/{_post(client, '/api/webhooks/', json=body)['id']}/"


def _sign_up(owner: httpx.Client, url: str, options: Mapping[str, Any]) -> str:
    """Somebody else of the same organisation, by the page at which people sign up."""
    # one more for each test that plants on the same server
    email = f"conformance-20261125-100000-ab12.colleague{next(_COLLEAGUES)}@example.com"
    link = re.search(r"token=([^\"&]+)", owner.get("/api/invite").text)
    with httpx.Client(base_url=url, timeout=60, **options) as visitor:
        path = f"/user/signup/?token={link[1]}" if link else "/user/signup/"
        visitor.get(path)
        form = {"email": email, "password": "a long password", "csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
        answer = visitor.post(path, data=form, headers={"Referer": url + path})
        assert answer.status_code in {302, 303}, answer.text[:300]
    return email


def _answer(response: httpx.Response) -> str:
    """Status and body; of JSON without what counts or names everybody's latest doings."""
    try:
        data = response.json()
    except ValueError:
        return f"{response.status_code} {response.text}"
    return f"{response.status_code} {json.dumps(still(data), sort_keys=True)}"


def still(data: Any) -> Any:
    """An answer without what passes by itself: relative times, and when somebody was last seen."""
    if isinstance(data, dict):
        return {k: still(v) for k, v in data.items() if k not in PASSING_FIELDS}
    return [still(item) for item in data] if isinstance(data, list) else data


def sqlite_rows(database: Path) -> Rows:
    """Every row of an SQLite database, without what changes whenever somebody looks."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: Rows = {}
        for table in sorted(set(tables) - PASSING):
            cursor = connection.execute(f'SELECT rowid, * FROM "{table}"')  # noqa: S608 - names are the database's own
            found[table] = rows_by_key(table, [c[0] for c in cursor.description][1:], cursor.fetchall())
    connection.close()
    return found


def rows_by_key(table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Rows of one table, each with its key in front, by key; volatile columns are left out."""
    kept = [i for i, name in enumerate(columns) if name not in VOLATILE.get(table, ())]
    return {str(row[0]): tuple(row[1:][i] for i in kept) for row in rows}


def changed(before: Rows, after: Rows) -> dict[str, list[str]]:
    """Rows that were there before, and are gone or other ones now: table → keys."""
    found = {t: [k for k, row in rows.items() if after.get(t, {}).get(k) != row] for t, rows in before.items()}
    return {table: keys for table, keys in found.items() if keys}


def added(before: Rows, after: Rows) -> dict[str, list[str]]:
    """Rows that were not there before: table → keys."""
    found = {t: [k for k in rows if k not in before.get(t, {})] for t, rows in after.items()}
    return {table: keys for table, keys in found.items() if keys}


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file of the server's media folder, with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
