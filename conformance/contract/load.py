"""Reads ``spec/openapi.yaml`` once and keeps the parsed document in the user's cache, by digest."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from conformance.contract.model import (
    Contract,
    Edition,
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    Response,
)
from conformance.contract.reading import SPEC, ContractError, decode_yaml, entry, read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "LS_CONFORMANCE_CONTRACT"
"""Where a process and its workers find the document that was put in place of the contract."""
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def cache_root() -> Path:
    """The user's cache folder of this suite; ``LS_CONFORMANCE_CACHE`` overrides it."""
    named = os.environ.get("LS_CONFORMANCE_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("ls-conformance")


def _document(path: Path) -> tuple[dict[str, Any], str]:
    """Parsed document and digest.

    Parsing 1 MB of YAML takes seconds, JSON tens of milliseconds: the JSON form is kept by the digest of the text,
    so a changed file can never meet an old cache entry.
    """
    raw = read_bytes(path)
    digest = hashlib.sha256(raw).hexdigest()
    cached = cache_root() / "contract" / f"{digest}.json"
    try:
        return json.loads(cached.read_bytes()), digest
    except (OSError, ValueError):
        pass
    document = decode_yaml(path, raw)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise ContractError(f"{path}: no OpenAPI document: `paths` is missing")
    _keep(cached, document)
    return document, digest


def _keep(cached: Path, document: dict[str, Any]) -> None:
    """Write the cache entry atomically; a cache that can't be written costs time, nothing else."""
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=cached.parent, delete=False) as out:
            json.dump(document, out)
        Path(out.name).replace(cached)
    except (OSError, TypeError):
        return


def escape(part: str) -> str:
    """One step of a JSON pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """The name that one step of a JSON pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def _resolve(document: Mapping[str, Any], node: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str]:
    """Follow the ``$ref`` of a parameter, body or response."""
    while "$ref" in node:
        pointer = node["$ref"]
        target: Any = document
        for part in pointer.removeprefix("#/").split("/"):
            target = target[unescape(part)]
        node = target
    return node, pointer


def _exploded(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> bool:
    """An object in a query, in OpenAPI's default style (form)."""
    schema, _ = _resolve(document, parameter.get("schema") or {}, "")
    return parameter["in"] == "query" and schema.get("type") == "object" and parameter.get("explode", True)


def _content(node: Mapping[str, Any], pointer: str) -> dict[str, MediaType]:
    return {
        name: MediaType(name=name, schema=media.get("schema"), pointer=f"{pointer}/content/{escape(name)}/schema")
        for name, media in (node.get("content") or {}).items()
    }


def _operation(document: Mapping[str, Any], path: str, method: str, node: Mapping[str, Any]) -> Operation:
    pointer = f"#/paths/{escape(path)}/{method}"
    parameters = []
    for index, parameter in enumerate(node.get("parameters") or ()):
        parameter_node, at = _resolve(document, parameter, f"{pointer}/parameters/{index}")
        parameters.append(
            Parameter(
                name=parameter_node["name"],
                location=parameter_node["in"],
                required=bool(parameter_node.get("required")),
                schema=parameter_node.get("schema") or {},
                pointer=at,
                exploded=_exploded(document, parameter_node),
            )
        )
    body = None
    if "requestBody" in node:
        body_node, at = _resolve(document, node["requestBody"], f"{pointer}/requestBody")
        body = RequestBody(required=bool(body_node.get("required")), content=_content(body_node, at), pointer=at)
    responses = {}
    for status, response in (node.get("responses") or {}).items():
        response_node, at = _resolve(document, response, f"{pointer}/responses/{status}")
        responses[int(status)] = Response(status=int(status), content=_content(response_node, at), pointer=at)
    security = node.get("security", document.get("security") or [])
    return Operation(
        id=node["operationId"],
        method=method.upper(),
        path=path,
        edition=Edition(node["x-edition"]),
        area=node["tags"][0],
        summary=node.get("summary", ""),
        parameters=tuple(parameters),
        body=body,
        responses=responses,
        # an empty requirement among the alternatives means that anonymous requests are welcome
        secured=bool(security) and {} not in security,
        pointer=pointer,
        absent=bool(node.get("x-absent")),
    )


def load_contract(path: Path | None = None) -> Contract:
    """Read the contract.

    Args:
        path: an OpenAPI 3.1 document with ``x-edition`` and one tag on each operation; by default ours, or what was put
            in its place (``--spec``).

    Raises:
        ContractError: the file can't be read or is no such document.
    """
    named = os.environ.get(VARIABLE)
    return load_from(path or (Path(named) if named else SPEC / "openapi.yaml"))


@lru_cache(maxsize=4)
def load_from(path: Path) -> Contract:
    """Read a contract from a file, once: see :func:`load_contract`."""
    document, digest = _document(path)
    operations: dict[str, Operation] = {}
    for route, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            with entry(path, f"{method.upper()} {route}"):
                operation = _operation(document, route, method, item[method])
            if operation.id in operations:
                raise ContractError(f"{path}: operationId {operation.id} stands twice")
            operations[operation.id] = operation
    return Contract(
        version=str((document.get("info") or {}).get("version", "")),
        digest=digest,
        document=document,
        operations=operations,
    )
