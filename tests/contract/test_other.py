"""Another document in place of the contract: what it says counts, under our names; what it lacks is not asked."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import ContractError, Edition, load_contract
from conformance.contract.load import VARIABLE, load_from
from conformance.contract.other import join, read_document, use
from conformance.contract.tables.resources import load_resources
from tests.suite import run_suite

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from conformance.contract import Contract

ANSWER = {
    "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
}
THEIRS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "vendor", "version": "7"},
    "paths": {
        # the contract's projects.get, with another name of its slot, and without the slash
        "/api/projects/{project_id}": {
            "parameters": [{"name": "project_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getProject", "responses": {**ANSWER, "default": {"description": ""}}},
        },
        "/api/vendor/things/": {"post": {"tags": ["things"], "responses": ANSWER}},
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["vendor"],
                "properties": {
                    "vendor": {"type": "string", "nullable": True, "enum": ["a"]},
                    "n": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                    "of": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Thing"}]},
                },
            }
        }
    },
}


@pytest.fixture
def joined(tmp_path: Path) -> Contract:
    ours = json.loads(json.dumps(load_contract().document))
    path = tmp_path / "joined.json"
    path.write_text(json.dumps(join(ours, json.loads(json.dumps(THEIRS)), "vendor.json")))
    return load_from(path)


def test_what_both_have_has_our_name_and_their_content(joined: Contract) -> None:
    operation = joined["projects.get"]
    assert operation.path == load_contract()["projects.get"].path
    assert [p.name for p in operation.parameters] == ["id"]
    assert list(operation.responses) == [200]
    media = operation.responses[200].content["application/json"]
    assert media.schema == {"$ref": "#/components/schemas/Thing"}
    assert not operation.absent


def test_null_and_limits_of_3_0_are_those_of_3_1(joined: Contract) -> None:
    properties = joined.document["components"]["schemas"]["Thing"]["properties"]
    assert properties["vendor"] == {"type": ["string", "null"], "enum": ["a", None]}
    assert properties["n"] == {"type": "integer", "exclusiveMinimum": 0}
    assert properties["of"] == {"anyOf": [{"allOf": [{"$ref": "#/components/schemas/Thing"}]}, {"type": "null"}]}


def test_what_only_they_have_is_asked_of_everybody(joined: Contract) -> None:
    (theirs,) = [o for o in joined if o.path == "/api/vendor/things/"]
    assert (theirs.id, theirs.area, theirs.edition) == ("post./api/vendor/things/", "things", Edition.COMMUNITY)
    assert load_resources(edition=Edition.COMMUNITY).offered(theirs)


def test_what_they_lack_is_there_and_nothing_is_asked_of_it(joined: Contract) -> None:
    absent = joined["projects.create"]
    assert absent.absent
    assert set(load_contract().operations) <= set(joined.operations)
    assert not load_resources(edition=Edition.COMMUNITY).offered(absent)
    # its schemas are ours still, beside theirs of the same name
    text = json.dumps(joined.document)
    names = {f"#/components/schemas/{name}" for name in joined.document["components"]["schemas"]}
    assert {
        part.split('"')[0] for part in text.split('"$ref": "')[1:] if part.startswith("#/components/schemas")
    } <= names


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"{", "neither JSON nor YAML"),
        (b"\xff\xfe", "neither JSON nor YAML"),
        (b"[]", "`paths` is missing"),
        (b'{"swagger": "2.0", "paths": {}}', "OpenAPI 2.0, and not 3.0 or 3.1"),
        (b'{"paths": {}}', "of no version"),
    ],
)
def test_what_is_no_such_document_is_told(text: bytes, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        read_document(text, "vendor.json")


def test_two_operations_of_one_name_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ})
    paths = {f"/api/vendor/{n}/": {"get": {"operationId": "same", "responses": ANSWER}} for n in "ab"}
    with pytest.raises(ContractError, match="same stands twice"):
        use({**THEIRS, "paths": paths}, "vendor.json")
    assert VARIABLE not in os.environ


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_suite(*arguments, timeout=200)


def test_tests_are_those_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "vendor.json"
    path.write_text(json.dumps(THEIRS))
    done = run("--spec", str(path), "--collect-only", "conformance/properties/test_success.py")
    collected = {line.partition("[")[2].rstrip("]") for line in done.stdout.splitlines() if "::" in line}
    assert collected == {"projects.get", "post./api/vendor/things/"}, done.stdout + done.stderr


def test_a_document_that_cannot_be_read_is_one_screen(tmp_path: Path) -> None:
    done = run("--spec", str(tmp_path / "none.json"), "conformance/properties/test_success.py")
    assert done.returncode == 4
    told = done.stdout + done.stderr
    assert "none.json: can't be read" in told
    assert "Traceback" not in told
    assert len(told.splitlines()) < 25
