"""Whoever speaks for others is asked on every server, and there is one for each kind."""

from __future__ import annotations

from conformance.contract import Edition, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.properties.generation.sparing import speaks_for_field, speaks_for_kind, speaks_for_parser


def test_a_community_operation_speaks_for_every_parser_that_there_is_one_for() -> None:
    community = list(load_contract().of(Edition.COMMUNITY))
    for operation in community:
        if operation.body is None:
            continue
        speakers = [
            o
            for o in community
            if o.body and o.area == operation.area and set(o.body.content) == set(operation.body.content)
        ]
        assert sum(map(speaks_for_parser, speakers)) == 1


def test_each_kind_of_object_has_one_who_looks_it_up() -> None:
    resources = load_resources()
    speakers = [
        kind
        for operation in load_contract()
        for slot, kind in resources.slot_kinds(operation).items()
        if speaks_for_kind(operation, slot, resources)
    ]
    assert len(speakers) == len(set(speakers))
    assert {"project", "task", "annotation", "s3_import"} <= set(speakers)


def test_a_field_of_all_storages_is_one() -> None:
    operations = [o for o in load_contract().of(Edition.COMMUNITY) if o.id.endswith("_storage.s3.create")]
    assert len(operations) == 2
    assert not all(speaks_for_field(o, "title") for o in operations)
