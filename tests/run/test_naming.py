"""Names of a run: what every title of it has to be, however long the run and what it is called."""

from __future__ import annotations

from conformance.contract.reading import read_table
from conformance.contract.tables.raw import CONTRACT
from conformance.naming import LONGEST_TITLE, Names, run_of

ORIGIN = "20261127-002207-ab12-gw11"


def test_a_title_is_as_long_as_the_contract_allows() -> None:
    schema = read_table(CONTRACT)["components"]["schemas"]["LseProjectCreateRequest"]
    assert schema["properties"]["title"]["maxLength"] == LONGEST_TITLE


def test_long_words_leave_a_title_that_names_its_run() -> None:
    names = Names(ORIGIN)
    titles = [names.title("of a person who leaves and of whom all work stays") for _ in range(1200)]
    assert max(map(len, titles)) <= LONGEST_TITLE
    assert {run_of("title", title) for title in titles} == {"20261127-002207-ab12"}
    assert len(set(titles)) == len(titles)
    assert titles[0].startswith("of a person who ")
