"""Normalises error texts: equal for one cause, whatever the database, the value or the place.

Accepted deviations hold such texts. A server says the same of a null on SQLite, PostgreSQL and MySQL, in other words.
"""

from __future__ import annotations

import re

_KEPT = 80
_DIGITS = re.compile(r"(?<![A-Za-z])\d+")
# an apostrophe within a word (can't) quotes nothing, and one before a word does not end a quotation
_VALUES = re.compile(r"(?<!\w)'(?:[^']|'(?=\w))*'(?!\w)|\"[^\"]*\"|\b[0-9a-f-]{16,}\b")
# What common libraries put after the cause: the value itself, however deep; each place of it; how many characters.
_DETAILS = (
    (re.compile(r"\bbut got .*"), "but got …"),
    (re.compile(r"\bvalidation errors? for (\w+).*"), r"validation errors for \1"),
    (re.compile(r"\bcharacters in position N-N\b"), "character … in position N"),
)
# What a database refuses: in the words of SQLite, of PostgreSQL, of MySQL.
_NULL = "the database refuses a null"
_REFERENCE = "the database refuses a reference to nothing"
_TWICE = "the database refuses what is there already"
_CHECK = "the database refuses a value (its check)"
_NUMBER = "the database takes no number as large as this"
_LONG = "the database takes no text as long as this"
_SURROGATE = "half a surrogate pair is no text to store"
_NUL = "the database takes no text with a NUL"
_DATABASE = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"NOT NULL constraint failed: (?P<table>\w+)\.(?P<column>\w+)", _NULL),
        (r"null value in column \"(?P<column>\w+)\" of relation \"(?P<table>\w+)\" violates not-null", _NULL),
        (r"Column '(?P<column>\w+)' cannot be null", _NULL),
        (r"FOREIGN KEY constraint failed|violates foreign key constraint|foreign key constraint fails", _REFERENCE),
        (r"UNIQUE constraint failed|duplicate key value violates unique constraint|Duplicate entry .* for key", _TWICE),
        (r"CHECK constraint failed|violates check constraint|Check constraint '.*' is violated", _CHECK),
        (r"int too large to convert to SQLite INTEGER|\b(?:small|big)?int(?:eger)? out of range", _NUMBER),
        (r"out of range for type (?:small|big)?int|Out of range value for column", _NUMBER),
        (r"value too long for type character|Data too long for column", _LONG),
        (r"surrogates not allowed|Unicode (?:high|low) surrogate must", _SURROGATE),
        (r"\\u0000 cannot be converted to text|cannot contain NUL \(0x00\)", _NUL),
    )
)


def cause(text: str) -> str:
    """The part of an error's text that is the same for the same cause."""
    for pattern, said in _DATABASE:
        if found := pattern.search(text):
            named = found.groupdict()
            place = ".".join(named[part] for part in ("table", "column") if named.get(part))
            return f"{said} in {place}" if place else said
    text = _DIGITS.sub("N", _VALUES.sub("…", text))
    for pattern, short in _DETAILS:
        text = pattern.sub(short, text)
    return text[:_KEPT]
