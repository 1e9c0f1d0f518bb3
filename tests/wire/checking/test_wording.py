from __future__ import annotations

import pytest

from conformance.wire.checking.wording import cause

SAME = {
    "a null": (
        "NOT NULL constraint failed: data_export_export.counters",
        'null value in column "counters" of relation "data_export_export" violates not-null constraint DETAIL: Failing',
    ),
    "a reference": (
        "FOREIGN KEY constraint failed",
        'insert or update on table "task" violates foreign key constraint "task_project_id_fk"',
        "Cannot add or update a child row: a foreign key constraint fails (`ls`.`task`, CONSTRAINT `x`)",
    ),
    "what is there": (
        "UNIQUE constraint failed: htx_user.email",
        'duplicate key value violates unique constraint "htx_user_email_key"',
        "Duplicate entry 'a@b.c' for key 'email'",
    ),
    "a number": (
        "Python int too large to convert to SQLite INTEGER",
        "bigint out of range",
        "integer out of range",
        'value "9669583394909710336" is out of range for type bigint',
        "Out of range value for column 'id' at row 1",
    ),
    "half a pair": (
        "'utf-8' codec can't encode character '\\udc80' in position 3: surrogates not allowed",
        "unsupported Unicode escape sequence DETAIL: Unicode low surrogate must follow a high surrogate.",
    ),
    "a NUL": (
        "PostgreSQL text fields cannot contain NUL (0x00) bytes",
        "A string literal cannot contain NUL (0x00) characters.",
        "unsupported Unicode escape sequence DETAIL: \\u0000 cannot be converted to text.",
    ),
}


@pytest.mark.parametrize("texts", SAME.values(), ids=SAME)
def test_one_cause_has_one_wording_whatever_the_database(texts: tuple[str, ...]) -> None:
    said = {cause(text) for text in texts}
    assert len(said) == 1
    text = said.pop().lower()
    assert not [word for word in ("sqlite", "postgres", "constraint", "python") if word in text]


def test_different_causes_stay_apart() -> None:
    assert len({cause(texts[0]) for texts in SAME.values()}) == len(SAME)
    assert cause("NOT NULL constraint failed: a.b") != cause("NOT NULL constraint failed: a.c")


def test_what_no_database_says_stays_as_it_is() -> None:
    assert cause("time data 'x' does not match format '%Y'") == "time data … does not match format …"
