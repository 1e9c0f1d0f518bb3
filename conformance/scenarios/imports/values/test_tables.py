"""Tables: cells as they stand in the file, rows that fit their header, and files that can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conformance.scenarios.checks import show_each
from conformance.scenarios.imports.values.growing import REFUSED, Growing
from conformance.scenarios.steps import data, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire


class Column(NamedTuple):
    """Cells of one column, and what may come of them: cell by cell one of several values."""

    requirement: str
    cells: list[str]
    allowed: list[list[Any]]


def text(*cells: str) -> list[list[Any]]:
    """The text of the cell, and nothing else."""
    return [[cell] for cell in cells]


def number(*cells: str) -> list[list[Any]]:
    """The text of the cell, or the number that it stands for: a whole one stays whole."""
    return [[cell, float(cell) if "." in cell else int(cell)] if cell else [""] for cell in cells]


COLUMNS = {
    "whole numbers with gaps": Column("LS-IMPORT-101", ["1", "", "3"], number("1", "", "3")),
    "whole numbers beside others": Column("LS-IMPORT-101", ["1", "2.5", "3"], number("1", "2.5", "3")),
    "whole numbers": Column("LS-IMPORT-101", ["1", "-2", "30"], number("1", "-2", "30")),
    "long digits": Column(
        "LS-IMPORT-102",
        ["1234567890123456789", "9007199254740993", "4111111111111111"],
        number("1234567890123456789", "9007199254740993", "4111111111111111"),
    ),
    "long digits with gaps": Column(
        "LS-IMPORT-102",
        ["1234567890123456789", "", "9007199254740993"],
        number("1234567890123456789", "", "9007199254740993"),
    ),
    "longer than 64 bits": Column(
        "LS-IMPORT-102",
        ["12345678901234567890123", "1", "98765432109876543210987"],
        number("12345678901234567890123", "1", "98765432109876543210987"),
    ),
    "leading zeros": Column("LS-IMPORT-103", ["007", "0012", "00"], text("007", "0012", "00")),
    "plus signs": Column("LS-IMPORT-103", ["+49301234", "+1", "+44"], text("+49301234", "+1", "+44")),
    "exponents": Column("LS-IMPORT-103", ["1e5", "12E3", "2E-4"], text("1e5", "12E3", "2E-4")),
    "trailing zeros": Column("LS-IMPORT-103", ["3.10", "1.50", "2.0"], text("3.10", "1.50", "2.0")),
    "many digits": Column(
        "LS-IMPORT-103",
        ["0.12345678901234567890", "3.14159265358979323846", "1.0000000000000000001"],
        text("0.12345678901234567890", "3.14159265358979323846", "1.0000000000000000001"),
    ),
    "NA": Column("LS-IMPORT-104", ["NA", "N/A", "n/a"], text("NA", "N/A", "n/a")),
    "null": Column("LS-IMPORT-104", ["null", "NULL", "None"], text("null", "NULL", "None")),
    "nan": Column("LS-IMPORT-104", ["nan", "NaN", "-nan"], text("nan", "NaN", "-nan")),
    "a few more": Column("LS-IMPORT-104", ["#N/A", "<NA>", "-NaN"], text("#N/A", "<NA>", "-NaN")),
    "truth": Column("LS-IMPORT-105", ["True", "False", "True"], [["True", True], ["False", False], ["True", True]]),
    "truth in other words": Column("LS-IMPORT-105", ["yes", "TRUE", "off"], text("yes", "TRUE", "off")),
    "dates": Column("LS-IMPORT-105", ["2024-02-29", "01/02/03", "12:30"], text("2024-02-29", "01/02/03", "12:30")),
    "thousands": Column("LS-IMPORT-105", ["1,000", "2.500,00", "1_000"], text("1,000", "2.500,00", "1_000")),
    "blanks around": Column("LS-IMPORT-105", [" a ", "  ", "\tb"], text(" a ", "  ", "\tb")),
    "formulas and signs": Column("LS-IMPORT-105", ["=1+1", "50%", "0x1F"], text("=1+1", "50%", "0x1F")),
    "quotes": Column("LS-IMPORT-105", ['say "hi"', "it's", '"'], text('say "hi"', "it's", '"')),
    "separators": Column("LS-IMPORT-105", ["a,b", "c;d", "e|f"], text("a,b", "c;d", "e|f")),
    "lines": Column("LS-IMPORT-105", ["a\nb", "c\n\nd", "e\n"], text("a\nb", "c\n\nd", "e\n")),
    "JSON": Column("LS-IMPORT-105", ['{"a": [1]}', "[1, 2]", '"x"'], text('{"a": [1]}', "[1, 2]", '"x"')),
    "other scripts": Column("LS-IMPORT-105", ["Größe", "世界", "🌍\u2028x"], text("Größe", "世界", "🌍\u2028x")),
    "comments": Column("LS-IMPORT-105", ["#a", "// b", "-- c"], text("#a", "// b", "-- c")),
    "backslashes": Column("LS-IMPORT-105", ["a\\nb", "C:\\x", "\\"], text("a\\nb", "C:\\x", "\\")),
    "nothing": Column("LS-IMPORT-105", ["", "", "x"], text("", "", "x")),
}


def quoted(cell: str) -> str:
    """As RFC 4180 writes it where it has to."""
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',;|\t"\n\r') else cell


@pytest.mark.requirement("LS-IMPORT-101", "LS-IMPORT-102", "LS-IMPORT-103", "LS-IMPORT-104", "LS-IMPORT-105")
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_cells_keep_what_they_hold(api: Wire, show: Show, new_project: NewProject, separator: str) -> None:
    kind = "tsv" if separator == "\t" else "csv"
    # a tab is what separates, and TSV has no way to write lines and quotes
    named = {
        case: column
        for case, column in COLUMNS.items()
        if kind == "csv" or not any(sign in "".join(column.cells) for sign in '\t\n"')
    }
    lines = [separator.join(named)]
    for row in range(3):
        cells = [column.cells[row] for column in named.values()]
        lines.append(separator.join(quoted(cell) if kind == "csv" else cell for cell in cells))
    project = new_project(label_config='<View><Text name="t" value="$dates"/></View>')
    made = upload(api, project, (f"cells.{kind}", "\n".join([*lines, ""]).encode()), expect=None)
    tasks = data(api, project) if made.ok else []
    for requirement in sorted({column.requirement for column in named.values()}):
        cases: dict[str, tuple[object, object]] = {}
        for case, column in named.items():
            if column.requirement == requirement:
                cases[case] = (column.allowed, [task.get(case) for task in tasks])
        show_each(requirement, show, made, cases, agree=_allowed, about=kind)


def _allowed(allowed: list[list[Any]], got: list[Any]) -> bool:
    """Return whether each is one of those, of that type: 1.0 is not 1, nor is true."""
    return len(allowed) == len(got) and all(
        any(type(one) is type(value) and one == value for one in choices)
        for choices, value in zip(allowed, got, strict=True)
    )


# name, content, and the tasks that it may become; None where it has to be refused
SHAPES: dict[str, tuple[str, str, bytes, list[list[dict[str, Any]]]]] = {
    "one cell too many": ("LS-IMPORT-106", "t.csv", b"text,n\na,b,c\n", []),
    "one cell too many in every row": ("LS-IMPORT-106", "t.csv", b"text,n\na,b,c\nd,e,f\n", []),
    "one cell too many, later": ("LS-IMPORT-106", "t.csv", b"text,n\na,b\nc,d,e\n", []),
    "one cell too many in TSV": ("LS-IMPORT-106", "t.tsv", b"text\tn\na\tb\tc\n", []),
    "a separator at the end of rows": (
        "LS-IMPORT-106",
        "t.csv",
        b"text,n\na,b,\nc,d,\n",
        [[{"text": "a", "n": "b"}, {"text": "c", "n": "d"}]],
    ),
    "an apostrophe around a comma": ("LS-IMPORT-106", "t.csv", b"text,n\n'a,b',c\n", []),
    "one cell too few": (
        "LS-IMPORT-107",
        "t.csv",
        b"text,n\na\nb,c\n",
        [[{"text": "a", "n": ""}, {"text": "b", "n": "c"}], [{"text": "a"}, {"text": "b", "n": "c"}]],
    ),
    "no line end at the end": ("LS-IMPORT-107", "t.csv", b"text,n\na,b", [[{"text": "a", "n": "b"}]]),
    "lines of Windows": ("LS-IMPORT-107", "t.csv", b"text,n\r\na,b\r\n", [[{"text": "a", "n": "b"}]]),
    "lines of old Macs": ("LS-IMPORT-107", "t.csv", b"text,n\ra,b\r", [[{"text": "a", "n": "b"}]]),
    "empty lines": ("LS-IMPORT-107", "t.csv", b"text,n\n\na,b\n\n", [[{"text": "a", "n": "b"}]]),
    "a column twice": ("LS-IMPORT-108", "t.csv", b"text,n,n\na,1x,2x\n", [[{"text": "a", "n": "1x", "n.1": "2x"}]]),
    "a column without name": ("LS-IMPORT-108", "t.csv", b"text,\na,x\n", [[{"text": "a", "Unnamed: 1": "x"}]]),
    "commas in a quoted column name": (
        "LS-IMPORT-109",
        "t.csv",
        b'text;"a,b,c"\nx;y\n',
        [[{"text": "x", "a,b,c": "y"}]],
    ),
    "semicolons in a quoted column name": (
        "LS-IMPORT-109",
        "t.csv",
        b'text,"a;b;c"\nx,y\n',
        [[{"text": "x", "a;b;c": "y"}]],
    ),
    "commas in cells between semicolons": (
        "LS-IMPORT-109",
        "t.csv",
        b"text;n\na,b,c;1,5\n",
        [[{"text": "a,b,c", "n": "1,5"}]],
    ),
    "semicolons in cells between commas": (
        "LS-IMPORT-109",
        "t.csv",
        b"text,n\na;b;c,d;e\n",
        [[{"text": "a;b;c", "n": "d;e"}]],
    ),
    "a byte order mark and semicolons": (
        "LS-IMPORT-109",
        "t.csv",
        b"\xef\xbb\xbftext;n\na;b\n",
        [[{"text": "a", "n": "b"}]],
    ),
}


@pytest.mark.requirement("LS-IMPORT-106", "LS-IMPORT-107", "LS-IMPORT-108", "LS-IMPORT-109")
def test_rows_fit_their_header_or_are_refused(api: Wire, show: Show, new_project: NewProject) -> None:
    project = Growing(api, new_project(label_config='<View><Text name="t" value="$text"/></View>'))
    cases: dict[str, dict[str, tuple[object, object]]] = {}
    for case, (requirement, name, content, allowed) in SHAPES.items():
        made = upload(api, project.described, (name, content), expect=None)
        cases.setdefault(requirement, {})[case] = ([*allowed, REFUSED], project.outcome(made))
    for requirement, outcomes in cases.items():
        # how a column is called that has no name of its own is the server's to say
        agree = _same_values if requirement == "LS-IMPORT-108" else _one_of
        show_each(requirement, show, made, outcomes, agree=agree)


def _one_of(allowed: list[Any], got: Any) -> bool:
    return got in allowed


def _same_values(allowed: list[Any], got: Any) -> bool:
    """Return whether each task holds what it may, under whatever names."""
    return _values(got) in map(_values, allowed)


def _values(outcome: Any) -> Any:
    """What each task holds, under whatever names."""
    return outcome if isinstance(outcome, str) else [sorted(map(str, task.values())) for task in outcome]
