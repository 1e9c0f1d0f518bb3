"""Two descriptions of an API: each way to differ is told once, at its place, and what one does not say is none."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance import cli
from conformance.drift.client import read_client
from conformance.drift.compare import Part, compare
from conformance.drift.openapi import key_of, read_document
from conformance.drift.render import counted, render_markdown
from conformance.errors import ExitCode, InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOX: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/api/boxes/{id}/": {
            "patch": {
                "operationId": "boxes.update",
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "integer"}},
                    {"in": "query", "name": "dry", "schema": {"type": "boolean"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}}
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Box": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "title": {"type": "string"},
                    "kind": {"enum": ["wood", "paper"], "type": "string"},
                    "size": {"type": ["number", "null"]},
                    "parts": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}},
                },
            }
        }
    },
}


def properties(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["Box"]["properties"]
    return found


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(BOX)
    change(document)
    return document


OF_THE_BOX: list[tuple[Callable[[dict[str, Any]], object], tuple[Part, str, str, str]]] = [
    (lambda box: box["properties"].pop("size"), (Part.PROPERTY, "/size", "there", "—")),
    (
        lambda box: box["properties"]["parts"]["items"]["properties"].update(no={}),
        (Part.PROPERTY, "/parts/0/no", "—", "there"),
    ),
    (lambda box: box["properties"]["title"].update(type="integer"), (Part.TYPE, "/title", "string", "integer")),
    (
        lambda box: box["properties"]["size"].update(type="number"),
        (Part.NULLABLE, "/size", "null allowed", "never null"),
    ),
    (
        lambda box: box["properties"]["kind"]["enum"].append("tin"),
        (Part.ENUM, "/kind", "all of the other side's", "tin"),
    ),
    (lambda box: box.update(required=["title", "kind"]), (Part.REQUIRED, "/kind", "optional", "required")),
]


@pytest.mark.parametrize(("change", "expected"), OF_THE_BOX)
def test_a_schema_that_two_places_share_differs_at_both(
    change: Callable[[dict[str, Any]], object], expected: tuple[Part, str, str, str]
) -> None:
    part, pointer, before, after = expected
    other = changed(lambda d: change(d["components"]["schemas"]["Box"]))
    found = compare(read_document(BOX, "one"), read_document(other, "two"))
    assert [(d.part, d.where, d.before, d.after, d.operations) for d in found] == [
        (part, f"{at} {pointer}", before, after, ("boxes.update",)) for at in ("answer", "body")
    ]


def test_parameters_and_operations_differ() -> None:
    without = changed(lambda d: d["paths"]["/api/boxes/{id}/"]["patch"]["parameters"].pop())
    more = changed(lambda d: d["paths"].update({"/api/lids": {"get": {"responses": {}}}}))
    for other, expected in (
        (without, (Part.PARAMETER, "query dry", "there", "—")),
        (more, (Part.OPERATION, "", "—", "GET /api/lids")),
    ):
        (found,) = compare(read_document(BOX, "one"), read_document(other, "two"))
        assert (found.part, found.where, found.before, found.after) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["paths"].update({"/api/boxes/{pk}": d["paths"].pop("/api/boxes/{id}/")}),
        lambda d: properties(d).update(size={"anyOf": [{"type": "number"}, {"type": "null"}]}),
        lambda d: properties(d).update(title={}),
        lambda d: properties(d)["kind"]["enum"].reverse(),
    ],
)
def test_the_same_in_other_words_is_no_difference(change: Callable[[dict[str, Any]], object]) -> None:
    assert compare(read_document(BOX, "one"), read_document(changed(change), "two")) == ()


def test_swagger_2_is_read() -> None:
    swagger = {
        "swagger": "2.0",
        "basePath": "/api",
        "definitions": BOX["components"]["schemas"],
        "paths": {
            "/boxes/{id}/": {
                "patch": {
                    "parameters": [
                        {"in": "body", "name": "data", "schema": {"$ref": "#/definitions/Box"}},
                        {"in": "query", "name": "dry", "type": "boolean"},
                    ],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/Box"}}},
                }
            }
        },
    }
    assert compare(read_document(BOX, "one"), read_document(swagger, "two")) == ()


CLIENT = """
import typing
from .types.box import Box

class RawBoxesClient:
    def update(
        self, id: int, *, title: str, kind: typing.Optional[str] = OMIT, size: typing.Optional[float] = OMIT,
        parts: typing.Optional[typing.Sequence[typing.Any]] = OMIT, dry: typing.Optional[bool] = None,
    ) -> HttpResponse[Box]:
        return self._client_wrapper.httpx_client.request(
            f"api/boxes/{encode_path_param(id)}/",
            method="PATCH",
            params={"dry": dry},
            json={"title": title, "kind": kind, "size": size, "parts": wrapped(object_=parts)},
        )
"""
MODEL = """
import typing
Kind = typing.Union[typing.Literal["wood", "paper"], typing.Any]

class Box(UncheckedBaseModel):
    title: str
    kind: typing.Optional[Kind] = None
    size_: typing_extensions.Annotated[typing.Optional[float], FieldMetadata(alias="size")] = None
    parts: typing.Optional[typing.List[typing.Any]] = None
    model_config: typing.ClassVar[dict] = {}
"""


def client(folder: Path, model: str = MODEL) -> Path:
    for name, text in (("boxes/raw_client.py", CLIENT), ("boxes/types/box.py", model)):
        file = folder / "label_studio_sdk" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "label_studio_sdk"


def test_the_client_is_read_from_its_source(tmp_path: Path) -> None:
    assert compare(read_document(BOX, "one"), read_client(client(tmp_path), "client")) == ()


def test_a_client_that_expects_something_else_differs(tmp_path: Path) -> None:
    other = (
        MODEL.replace("title: str", "title: int")
        .replace('"paper"', '"tin"')
        .replace("kind: typing.Optional[Kind] = None", "kind: Kind")
    )
    found = compare(read_document(BOX, "one"), read_client(client(tmp_path, other), "client"))
    assert [(d.part, d.where, d.after) for d in found] == [
        (Part.REQUIRED, "answer /kind", "required"),
        (Part.TYPE, "answer /title", "integer"),
        (Part.ENUM, "answer /kind", "tin"),
    ]


def test_the_page_names_what_differs(tmp_path: Path) -> None:
    one, two = read_document(BOX, "one"), read_document(changed(lambda d: properties(d).pop("size")), "two")
    found = compare(one, two)
    assert counted(found) == "2 properties"
    assert "| `body /size` | there | — | boxes.update |" in render_markdown(one, two, found)
    folder = tmp_path / "out"
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(BOX))
    assert cli.main(["drift", str(file), "--out", str(folder)]) == ExitCode.DEVIATIONS
    written = json.loads((folder / "drift-theirs.json.json").read_text())
    assert {d["part"] for d in written["differences"]} == {"operation"}


@pytest.mark.parametrize("content", ["{}", "[]", "paths: 1"])
def test_another_document_is_wrong_usage(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(content)
    assert cli.main(["drift", str(file)]) == ExitCode.USAGE
    with pytest.raises(InputError):
        read_document(content, "x")


def test_nothing_to_compare_with_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABEL_STUDIO_URL", raising=False)
    assert cli.main(["drift"]) == ExitCode.USAGE


def test_a_reference_to_itself_says_nothing() -> None:
    schemas = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
    document = {
        "openapi": "3.1.0",
        "paths": {"/things/": {"get": {"operationId": "things", "responses": {"200": {"content": content}}}}},
        "components": {"schemas": schemas},
    }
    described = read_document(document, "a document").operations[key_of("get", "/things/")]
    assert described.answer is not None
    assert not described.answer.properties


def places(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for name, item in items for place in places(item, (*here, name)))]


SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "paths": {
        "/boxes/": {
            "get": {
                "parameters": [{"in": "query", "name": "dry", "type": "boolean", "required": True}],
                "responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Box"}}}},
            }
        }
    },
    "definitions": {"Box": {"properties": {"title": {"type": "string", "enum": ["a"]}}, "required": ["title"]}},
}


def test_a_parameter_of_swagger_2_is_required_or_not() -> None:
    (operation,) = read_document(SWAGGER, "x").operations.values()
    assert operation.parameters["dry"].required


@pytest.mark.parametrize("odd", [True, None, 7, "x", [], {}, [7], {"x": 7}], ids=repr)
@pytest.mark.parametrize("document", [BOX, SWAGGER], ids=["openapi", "swagger"])
def test_no_odd_part_of_a_document_ends_in_a_traceback(document: dict[str, Any], odd: object) -> None:
    for place in places(document):
        if len(place) < 2:  # without paths it is none, and says so
            continue
        spoiled = copy.deepcopy(document)
        holder: Any = spoiled
        for name in place[:-1]:
            holder = holder[name]
        holder[place[-1]] = odd
        assert read_document(spoiled, "x").source == "x", place
