"""The comparison of JSON values: what is one value, and what is not."""

from __future__ import annotations

import copy
import json
import math
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.json_equal import ExactFloat, any_order, differing, equal, parse

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1e20", "100000000000000000000"),
        ("0.1", "1e-1"),
        ("1", "1.0"),
        ("-0", "0"),
        ("9007199254740993", "9007199254740993.0"),
        ("12345678901234567890.5", "1.23456789012345678905e19"),
        ("1e400", "10e399"),
        ('{"a": 1, "b": [2]}', '{"b": [2.0], "a": 1e0}'),
        ('"\\u00e9"', '"é"'),
    ],
)
def test_two_ways_to_write_one_value(one: str, other: str) -> None:
    assert equal(parse(one), parse(other))
    assert equal(any_order([parse(one)]), [parse(other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9007199254740993", "9007199254740992"),
        ("9007199254740993", "9007199254740992.0"),
        ("12345678901234567890.5", "12345678901234567000"),
        ("0.1", "0.1000000000000000055511151231257827"),
        ("1e400", "2e400"),
        ("1", "true"),
        ("0", "false"),
        ("0", "null"),
        ("1", '"1"'),
        ("[1, 2]", "[2, 1]"),
        ("[1]", "[1, 1]"),
        ('{"a": null}', "{}"),
        ('"a"', '"A"'),
        ("{}", "[]"),
    ],
)
def test_two_values(one: str, other: str) -> None:
    assert not equal(parse(one), parse(other))
    assert not equal(parse(other), parse(one))
    assert not equal(any_order([parse(one)]), [parse(other)])


def test_a_list_in_any_order_holds_each_element_as_often() -> None:
    wanted = any_order([{"a": 1}, {"b": 2}, {"a": 1}])
    assert equal(wanted, [{"b": 2}, {"a": 1.0}, {"a": 1}])
    assert equal([{"b": 2}, {"a": 1}, {"a": 1}], wanted)
    assert not equal(wanted, [{"b": 2}, {"b": 2}, {"a": 1}])
    assert not equal({"in": wanted}, {"in": [{"a": 1}, {"b": 2}]})


def test_freedom_is_found_a_partner_even_if_the_first_one_is_taken() -> None:
    loose, strict = any_order([1, 2]), [1, 2]
    assert equal(any_order([loose, strict]), [[1, 2], [2, 1]])
    assert equal(any_order([loose, strict]), [[2, 1], [1, 2]])
    assert not equal(any_order([loose, strict]), [[2, 1], [2, 1]])


def test_texts_may_be_equal_otherwise() -> None:
    def alike(one: str, other: str) -> bool:
        return one.lower() == other.lower()

    assert equal({"a": ["X"]}, {"a": ["x"]}, texts=alike)
    assert equal(any_order(["X", "y"]), ["Y", "x"], texts=alike)
    assert not equal({"A": 1}, {"a": 1}, texts=alike)


def test_what_differs_is_named() -> None:
    assert [*differing({"a": 1, "b": 2, "d": 1.0}, {"a": 2, "c": 3, "d": 1})] == ["a", "b", "c"]


def test_a_number_that_no_float_holds_keeps_its_digits_on_its_way() -> None:
    number = parse("12345678901234567890.5")
    assert isinstance(number, ExactFloat)
    for same in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert same.exact == Decimal("12345678901234567890.5")
    assert type(parse("0.1")) is float
    assert math.isinf(parse("1e400"))
    assert math.isinf(parse("1e99999999999999999999"))


@given(value=VALUES)
def test_what_was_written_is_read_equal(value: Any) -> None:
    read = parse(json.dumps(value))
    assert equal(value, read)
    assert equal(any_order([value]), [read])


@given(text=NUMBERS)
def test_numbers_are_what_they_say(text: str) -> None:
    (read,) = parse(f"[{text}]")
    assert equal(read, ExactFloat(text))
    assert not equal(read, ExactFloat(f"{Decimal(text) + Decimal(1):f}")) or Decimal(text) + 1 == Decimal(text)


@given(values=st.lists(VALUES, max_size=6), data=st.data())
def test_any_order_is_any_order(values: list[Any], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(values))
    assert equal(any_order(values), shuffled)
    assert equal(shuffled, any_order(values))
    assert not equal(any_order(values), [*shuffled, None])


@given(one=VALUES, other=VALUES)
def test_equality_is_mutual_and_counts_as_it_compares(one: Any, other: Any) -> None:
    assert equal(one, other) == equal(other, one) == equal(any_order([one]), [other])
    assert equal(one, one)
