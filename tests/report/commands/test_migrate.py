"""Accepted deviations are brought to new signatures, and nothing else is accepted by that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.contract.reading import parse_yaml
from conformance.judge.deviations import Deviation, DeviationFile, acceptance, read_deviations
from conformance.judge.observation import Observation, Outcome
from conformance.report.commands.migrate import migrate, render_migration

OLD = Deviation(
    requirement="",
    rule="no-server-error",
    operations=frozenset({"a.create", "b.create"}),
    signature="HTTP 500 'list' object has no attribute 'get'",
    reason="A list where an object is expected is not looked at.",
    owner="kim",
)


def seen(operation: str, signature: str, **more: Any) -> Observation:
    return Observation(
        requirement=f"{operation}#no-server-error",
        outcome=Outcome.FAIL,
        operation=operation,
        rule="no-server-error",
        signature=signature,
        **more,
    )


def test_a_reason_is_passed_on_to_what_fails_at_the_same_place_now() -> None:
    bad = [seen("a.create", "HTTP 500 /items: list for object"), seen("b.create", "HTTP 500 /items: list for object")]
    found = migrate([OLD], bad)
    ((entry, spoke),) = found.renewed
    assert spoke == (OLD,)
    assert (entry.reason, entry.owner, entry.operations) == (OLD.reason, "kim", OLD.operations)
    assert all(acceptance(o, [entry]) for o in bad)
    assert not found.homeless


def test_another_place_or_another_status_stays_red() -> None:
    bad = [
        seen("c.create", "HTTP 500 /items: list for object"),
        seen("a.create", "HTTP 502 /items: list for object"),
        replace(seen("a.create", "HTTP 500 /items: list for object"), rule="valid-requests"),
    ]
    found = migrate([OLD], bad)
    assert found.renewed == ()
    assert found.homeless == tuple(bad)
    assert found.idle == (OLD,)


def test_what_accepts_something_stays_as_it_is_and_is_no_source_for_more() -> None:
    bad = [seen("a.create", OLD.signature), seen("a.create", "HTTP 500 something new")]
    found = migrate([OLD], bad)
    assert found.kept == (OLD,)
    assert found.homeless == (bad[1],)


def test_the_likeliest_of_several_gives_its_reason_and_the_others_are_shown() -> None:
    other = replace(OLD, signature="HTTP 500 division by zero", reason="Page size 0.")
    found = migrate([other, OLD], [seen("a.create", "HTTP 500 list has no attribute get")])
    ((entry, spoke),) = found.renewed
    assert entry.reason == OLD.reason
    assert spoke == (OLD, other)


def test_the_file_can_be_read_and_says_what_each_entry_was() -> None:
    file = DeviationFile(product="label-studio", edition="community", versions=">=1.23,<1.24", deviations=(OLD,))
    found = migrate([OLD], [seen("a.create", "HTTP 500 /items: list for object")])
    text = render_migration(file, found)
    assert f"# was: {OLD.signature}" in text
    again = read_deviations(parse_yaml(text), "migrated.yaml")
    assert [d.signature for d in again.deviations] == ["HTTP 500 /items: list for object"]
    assert again.applies(product="Label Studio", edition="community", version="1.23.2")


def test_a_rule_that_was_part_of_another_takes_its_reasons_but_not_for_the_usual_request() -> None:
    parted = replace(seen("a.create", "HTTP 500: items: Valid object"), rule="valid-never-fails")
    found = migrate([OLD], [parted])
    ((entry, _),) = found.renewed
    assert (entry.rule, entry.reason) == ("valid-never-fails", OLD.reason)
    assert acceptance(parted, [entry])
    usual = replace(parted, signature="HTTP 500: a valid request")
    assert migrate([OLD], [usual]).homeless == (usual,)


def test_what_came_tells_the_reason_where_signatures_do_not() -> None:
    other = replace(OLD, signature="HTTP 500 division by zero", reason="Page size 0.")
    found = migrate([OLD, other], [seen("a.create", "HTTP 500: /page: number for text", got="500 division by zero")])
    ((entry, _),) = found.renewed
    assert entry.reason == "Page size 0."
