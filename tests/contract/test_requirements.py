"""The requirements, and the gate: each is shown by a test, or says why not."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from conformance.contract import SPEC, ContractError
from conformance.contract.load import parse_yaml
from conformance.contract.requirements import load_requirements
from conformance.contract.resources import load_resources

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = load_requirements()


_ASK = """
import json, sys, pytest

class Claims:
    def pytest_collection_modifyitems(self, items):
        ids = {str(i) for item in items for mark in item.iter_markers("requirement") for i in mark.args}
        print("CLAIMS", json.dumps(sorted(ids)))

sys.exit(pytest.main(["--collect-only", "-p", "no:terminal", "conformance/scenarios"], plugins=[Claims()]))
"""


@lru_cache(maxsize=1)
def claimed_by_tests() -> frozenset[str]:
    """The ids in the markers of all scenarios, as pytest collects them (many come from tables)."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK], cwd=SPEC.parent, capture_output=True, text=True, timeout=120, check=False
    )
    line = next((text for text in done.stdout.splitlines() if text.startswith("CLAIMS ")), None)
    assert line is not None, done.stdout + done.stderr
    return frozenset(json.loads(line.removeprefix("CLAIMS ")))


def test_each_requirement_is_shown_by_a_test_or_says_why_not() -> None:
    claimed = claimed_by_tests()
    assert sorted(i for i, r in REQUIREMENTS.items() if i not in claimed and not r.untested) == []


def test_each_id_that_a_test_names_is_a_requirement() -> None:
    assert sorted(claimed_by_tests() - set(REQUIREMENTS)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "TASK-1"}, "an id looks like"),
        ({"verb": "shall"}, "verb is one of"),
        ({"operations": ["tasks.fly"]}, "no operation tasks.fly"),
        ({"statement": "No full stop"}, "a statement is a sentence"),
        ({"colour": "red"}, "unknown: colour"),
        ({"source": None, "id": "LS-A-001"}, None),
    ],
)
def test_a_wrong_entry_is_explained(tmp_path: Path, change: dict[str, object], said: str | None) -> None:
    entry = {
        "id": "LS-A-001",
        "verb": "must",
        "statement": "It works.",
        "operations": [],
        "source": "x",
    } | change
    (tmp_path / "a.yaml").write_text(repr({"area": "a", "requirements": [entry]}).replace("None", "null"))
    if said is None:
        assert list(load_requirements(tmp_path)) == ["LS-A-001"]
        return
    with pytest.raises(ContractError, match=said):
        load_requirements(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("requirements: [{E}, {E}]", "stands twice"),
        ("removed: [LS-A-001]\nrequirements: [{E}]", "never used again"),
        ("area: a", "expected"),
    ],
)
def test_an_id_is_never_used_twice_nor_again(tmp_path: Path, text: str, said: str) -> None:
    entry = "{id: LS-A-001, verb: must, statement: It works., operations: [], source: x}"
    (tmp_path / "a.yaml").write_text(text.replace("{E}", entry))
    with pytest.raises(ContractError, match=said):
        load_requirements(tmp_path)


def test_the_resource_graph_names_operations_and_kinds_that_are_there() -> None:
    resources = load_resources()
    assert set(resources.paths.values()) <= set(resources.kinds)
    assert all(k.parent is None or k.parent in resources.kinds for k in resources.kinds.values())


def test_a_wrong_resource_graph_is_explained(tmp_path: Path) -> None:
    data = parse_yaml((SPEC / "resources.yaml").read_text(encoding="utf-8"))
    data["kinds"]["project"]["create"] = "projects.make"
    path = tmp_path / "resources.yaml"
    path.write_text(repr(data).replace("None", "null"))
    with pytest.raises(ContractError, match=r"kinds\.project\.create.*no operation projects\.make"):
        load_resources(path)
