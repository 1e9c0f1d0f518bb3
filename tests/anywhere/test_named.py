from __future__ import annotations

from functools import lru_cache

import pytest

from conformance.cli import main
from conformance.contract import SPEC
from conformance.run.plan.named import about, refuse_unknown
from conformance.run.starting import COMMAND, arguments_of_pytest, as_given

SCENARIO = "conformance/scenarios/exports/test_export.py::test_chosen_tasks_are_exported"
READ_BACK = "conformance/properties/test_writing.py::test_read_back[projects.create]"
READ_BACK_RICH = "conformance/properties/test_writing.py::test_read_back_rich[projects.create]"
READ_BACK_EMPTY = "conformance/properties/test_writing.py::test_read_back_empty[projects.create]"
READ_BACK_LONGEST = "conformance/properties/test_writing.py::test_read_back_longest[projects.create]"


class Kept:
    """Keeps what pytest collects."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items += session.items


@lru_cache(maxsize=1)
def everything() -> tuple[pytest.Item, ...]:
    kept = Kept()
    folders = [str(SPEC.parent / "conformance" / folder) for folder in ("properties", "scenarios")]
    pytest.main(["--collect-only", "-p", "no:terminal", "-p", "no:cacheprovider", *folders], plugins=[kept])
    return tuple(kept.items)


def chosen(*names: str) -> list[str]:
    kept = {item for name in names for item in about(name, everything())}
    return [item.nodeid for item in everything() if item in kept]


def test_a_requirement_is_its_tests() -> None:
    assert chosen("LS-EXPORT-020") == [SCENARIO]


def test_names_add_up_and_a_rule_of_an_operation_is_its_tests() -> None:
    assert chosen("LS-EXPORT-020", "projects.create#read-back") == [
        *(READ_BACK, READ_BACK_RICH, READ_BACK_EMPTY, READ_BACK_LONGEST),
        SCENARIO,
    ]


def test_an_operation_is_all_that_is_asked_of_it() -> None:
    found = chosen("projects.create")
    assert READ_BACK in found
    assert any(t.startswith("conformance/scenarios/projects/") for t in found)
    generated = [t for t in found if t.startswith("conformance/properties/")]
    assert generated
    assert all("[projects.create" in t for t in generated)
    # what the wire looks at in every response belongs to no test of its own: all that send the operation show it
    assert set(chosen("projects.create#status")) == set(generated)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("LS-EXPORT-92", "LS-EXPORT-192"),
        ("project.create", "projects.create"),
        ("projects.create#read-bak", "projects.create#read-back"),
        ("projects.create#", ""),
        ("nothing-like-it-at-all", "explain"),
    ],
)
def test_what_nothing_has_for_a_name_is_told_with_what_is_near(name: str, near: str) -> None:
    with pytest.raises(pytest.UsageError) as told:
        refuse_unknown(name)
    assert str(told.value).startswith(f"{name}: ")
    assert near in str(told.value)


def test_a_line_that_repeats_a_run_holds_what_a_person_typed() -> None:
    folder = SPEC.parent
    assert as_given(arguments_of_pytest(["-k", "x"], folder), folder) == (COMMAND, ["-k", "x"])
    assert as_given(["-k", "x"], folder) == ("pytest", ["-k", "x"])


def test_the_command_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "ls-conformance run" in capsys.readouterr().out
