"""The requirements, and the gate: each is shown by a test, or says why not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.contract import SPEC, ContractError, load_contract
from conformance.contract.reading import parse_yaml
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.resources import load_resources
from conformance.judge.observation import Aspect, Impact, Verb
from conformance.report.inputs import load_profiles
from conformance.scenarios.table import TABLE, render, shown_by

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = load_requirements()


_ASK = """
import json, sys
from conformance.scenarios.table import claims
print("CLAIMS", json.dumps(claims()))
"""


@lru_cache(maxsize=1)
def claimed_by_tests() -> dict[str, dict[str, int]]:
    """What the markers of all scenarios say; asked in a process of its own, since pytest runs already."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK], cwd=SPEC.parent, capture_output=True, text=True, timeout=120, check=False
    )
    line = next((text for text in done.stdout.splitlines() if text.startswith("CLAIMS ")), None)
    assert line is not None, done.stdout + done.stderr
    return cast("dict[str, dict[str, int]]", json.loads(line.removeprefix("CLAIMS ")))


def test_each_requirement_is_shown_by_a_test_or_says_why_not() -> None:
    claimed = claimed_by_tests()
    assert sorted(i for i, r in REQUIREMENTS.items() if i not in claimed and not r.untested) == []


def test_each_id_that_a_test_names_is_a_requirement() -> None:
    assert sorted(set(claimed_by_tests()) - set(REQUIREMENTS)) == []


def test_what_a_test_shows_is_not_called_untested() -> None:
    assert sorted(i for i in claimed_by_tests() if REQUIREMENTS[i].untested) == []


_FIELD = re.compile(r"\b([A-Z][A-Za-z]{3,})\.([a-z_]+)\b")


def test_each_field_of_a_schema_that_a_source_names_is_in_the_contract() -> None:
    schemas = cast("dict[str, Any]", load_contract().document)["components"]["schemas"]

    def fields(schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            return fields(schemas[schema["$ref"].rpartition("/")[2]])
        parts = [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, [])]
        return set(schema.get("properties", {})).union(*map(fields, parts))

    named = [(i, *found) for i, r in REQUIREMENTS.items() for found in _FIELD.findall(r.source)]
    assert len(named) > 100, "sources name fields"
    assert [(i, s, f) for i, s, f in named if f not in fields(schemas.get(s, {}))] == []


def test_the_written_table_is_current() -> None:
    written = TABLE.read_text(encoding="utf-8")
    assert written == render(REQUIREMENTS, claimed_by_tests()), "run: python -m conformance.scenarios.table"


_EVIDENCE = re.compile(r"^## `(LS-[A-Z]+-\d+)`[^\n]*\n\n([^\n]+)\n\n- ", re.MULTILINE)


def test_the_evidence_of_accepted_deviations_repeats_today_s_statements() -> None:
    found = [pair for page in SPEC.glob("deviations/*.md") for pair in _EVIDENCE.findall(page.read_text("utf-8"))]
    assert len(found) > 500, "evidence has sections of this form"
    assert [pair for pair in found if pair[1] != REQUIREMENTS[pair[0]].statement] == []


def test_the_table_names_every_requirement_with_its_tests() -> None:
    for requirement in REQUIREMENTS.values():
        found = shown_by(requirement.id)
        assert bool(found) != bool(requirement.untested), requirement.id
    assert shown_by("LS-STORAGE-105") == ["storages/test_storages.py::test_each_object_becomes_one_task"]
    assert shown_by("LS-NOTHING-001") == []


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


def test_one_template_makes_the_requirements_of_each_kind_of_storage() -> None:
    made = [r for r in REQUIREMENTS.values() if r.file == "storages/each.yaml"]
    by_kind = {digit: [r for r in made if r.id[len("LS-STORAGE-")] == digit] for digit in "32541"}
    # azure, gcs, local, redis, s3: what has no secret, and what hands no files through, is asked less
    assert {d: len(rows) for d, rows in by_kind.items()} == {"3": 58, "2": 55, "5": 48, "4": 48, "1": 58}
    assert [r.id for r in made] == [r.id for rows in by_kind.values() for r in rows]
    first = REQUIREMENTS["LS-STORAGE-301"]
    assert first.statement.startswith("An Azure storage for import is listed for its project")
    assert first.operations == tuple(f"import_storage.azure.{name}" for name in ("create", "get", "list"))
    assert first.feature == "storage.azure"
    assert "LS-STORAGE-502" not in REQUIREMENTS
    assert REQUIREMENTS["LS-STORAGE-218"].untested
    assert REQUIREMENTS["LS-STORAGE-118"].untested is None
    assert not any("$" in repr(r) for r in made)


def test_a_template_with_an_unknown_word_is_explained(tmp_path: Path) -> None:
    entry = '{id: "LS-A-${digit}01", verb: must, statement: $colour works., operations: [], source: x}'
    (tmp_path / "a.yaml").write_text(f"products: {{s3: {{digit: 1, called: an S3}}}}\nrequirements: [{entry}]")
    with pytest.raises(ContractError, match=r"products\.s3: KeyError\('colour'\)"):
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


def test_what_opens_a_door_is_never_a_should() -> None:
    soft = [
        r.id
        for r in REQUIREMENTS.values()
        if r.aspect is Aspect.SECURE and r.impact in {None, Impact.OPEN_DOOR} and r.verb is not Verb.MUST
    ]
    assert soft == []


def test_each_aspect_is_asked_for() -> None:
    assert {r.aspect for r in REQUIREMENTS.values()} == set(Aspect)


def test_what_only_enterprise_does_is_owed_by_no_other_edition() -> None:
    community = load_profiles().profiles["community"]
    owed = {r for name in (*community.core, *community.further) for r in load_profiles().features[name].behaviours}
    assert sorted(i for i, r in REQUIREMENTS.items() if r.file.startswith("enterprise/") and i in owed) == []


def test_what_is_provisional_binds_nobody_until_a_report_confirmed_it(tmp_path: Path) -> None:
    digest = "sha256:" + "ab" * 32
    entry = "id: LS-A-00{n}, verb: must, statement: It works., operations: [], source: x"
    confirmed = f"confirmed: {{report: '{digest}', version: Label Studio Enterprise 2.31.0}}"
    written = [
        "{" + entry.format(n=1) + "}",
        "{" + entry.format(n=2) + ", provisional: true}",
        "{" + entry.format(n=3) + f", provisional: true, {confirmed}" + "}",
    ]
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.yaml").write_text(f"area: a\nrequirements: [{', '.join(written)}]")
    found = load_requirements(tmp_path)
    assert [r.owed for r in found.values()] == [Verb.MUST, Verb.SHOULD, Verb.MUST]
    assert [r.called for r in found.values()] == ["must", "must, provisional", "must"]
    record = found["LS-A-003"].confirmed
    assert record is not None
    assert (record.report, record.version) == (digest, "Label Studio Enterprise 2.31.0")
    assert {r.file for r in found.values()} == {"below/a.yaml"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("confirmed: {report: x, version: y}", "only what is provisional"),
        ("provisional: true, confirmed: {report: x, version: y}", "named by its digest"),
        ("provisional: true, confirmed: somebody", "confirmed is"),
    ],
)
def test_a_confirmation_names_a_report(tmp_path: Path, more: str, said: str) -> None:
    entry = f"{{id: LS-A-001, verb: must, statement: It works., operations: [], source: x, {more}}}"
    (tmp_path / "a.yaml").write_text(f"requirements: [{entry}]")
    with pytest.raises(ContractError, match=said):
        load_requirements(tmp_path)
