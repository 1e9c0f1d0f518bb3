"""Another document in place of the contract: a vendor's extension, or what a target publishes of itself.

What it says of an operation counts; the names of ours stay where method and path are the same, since requirements,
templates of requests and rules go by them. What it does not say anything of is there, but nothing is asked of it.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.load import METHODS, VARIABLE, cache_root, load_contract
from conformance.contract.model import anonymous
from conformance.contract.reading import ContractError, parse_yaml, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OURS: Final = "contract."
"""Prefix of the schemas of ours in a document of others."""
OTHER: Final = "other"
_SLOT: Final = re.compile(r"\{([^}]*)\}")
_REFERENCES: Final = re.compile(r'"#/components/(\w+)/')


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        ContractError: it can't be read.
    """
    return read_bytes(path)


def read_document(text: bytes, source: str) -> dict[str, Any]:
    """An OpenAPI document.

    Raises:
        ContractError: it is none, or one of another version.
    """
    try:
        document = parse_yaml(text.decode())
    except Exception as problem:
        told = " ".join(str(problem).split())[:200]
        raise ContractError(f"{source}: neither JSON nor YAML: {told}", hint=_WANTED) from problem
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise ContractError(f"{source}: no OpenAPI document: `paths` is missing", hint=_WANTED)
    version = str(document.get("openapi") or document.get("swagger") or "")
    if not version.startswith("3."):
        raise ContractError(f"{source}: OpenAPI {version or 'of no version'}, and not 3.0 or 3.1", hint=_WANTED)
    return document


_WANTED: Final = "Give an OpenAPI document, 3.0 or 3.1, in JSON or YAML. Label Studio's: /docs/api/schema/json/"


def use(document: Mapping[str, Any], source: str) -> Path:
    """Judge by a document from now on, in this process and those that it starts.

    Args:
        document: see :func:`read_document`.
        source: its file or address.

    Returns:
        the document as it is used: a file in the cache.

    Raises:
        ContractError: it can't be used.
    """
    ours = json.loads(json.dumps(load_contract().document))
    joined = json.dumps(join(ours, json.loads(json.dumps(document)), source)).encode()
    path = cache_root() / "contract" / f"other-{hashlib.sha256(joined).hexdigest()[:32]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(joined)
    load_contract(path)  # whatever is wrong with it is told now
    os.environ[VARIABLE] = str(path)
    return path


def join(ours: dict[str, Any], theirs: dict[str, Any], source: str) -> dict[str, Any]:
    """Their document with our names; what only we have is marked as absent.

    Args:
        ours: the contract; changed.
        theirs: the other document; changed.
        source: of theirs, for errors.

    Raises:
        ContractError: an operation of theirs can't be used.
    """
    known = {(method, anonymous(path)): (path, node) for method, path, node in _operations(ours)}
    nullable = str(theirs.get("openapi", "")).startswith("3.0")
    paths: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for method, path, node in list(_operations(theirs)):
        our_path, our_node = known.pop((method, anonymous(path)), (path, None))
        told = _renamed(node, path, our_path)
        told["operationId"] = our_node["operationId"] if our_node else node.get("operationId") or f"{method}.{path}"
        told["tags"] = our_node["tags"] if our_node else [str((node.get("tags") or [OTHER])[0])]
        told["x-edition"] = our_node["x-edition"] if our_node else node.get("x-edition", "community")
        told["responses"] = {s: r for s, r in (node.get("responses") or {}).items() if str(s).isdecimal()}
        if told["operationId"] in taken:
            raise ContractError(f"{source}: operationId {told['operationId']} stands twice")
        taken.add(told["operationId"])
        paths.setdefault(our_path, {})[method] = told
    components = theirs.get("components") or {}
    told_of = {"paths": paths, "components": components}
    if nullable:
        told_of = _of_today(told_of)
    rest = {"paths": {}, "components": ours.get("components") or {}}
    for (method, _), (path, node) in known.items():
        rest["paths"].setdefault(path, {})[method] = {**node, "x-absent": True}
    moved = json.loads(_REFERENCES.sub(rf'"#/components/\1/{OURS}', json.dumps(rest)))
    for path, item in moved["paths"].items():
        told_of["paths"].setdefault(path, {}).update(item)
    for kind, entries in moved["components"].items():
        told_of["components"].setdefault(kind, {}).update({OURS + name: entry for name, entry in entries.items()})
    return {
        "openapi": "3.1.0",
        "info": theirs.get("info") or {"title": source, "version": ""},
        "security": theirs.get("security") or ours.get("security") or [],
        "x-source": source,
        **told_of,
    }


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and content of each operation; what its path says for all of them is said of each."""
    for path, item in document["paths"].items():
        for method in METHODS:
            node = item.get(method) if isinstance(item, dict) else None
            if isinstance(node, dict):
                shared = copy.deepcopy(item.get("parameters") or [])
                yield method, path, {**node, "parameters": [*shared, *(node.get("parameters") or [])]}


def _renamed(node: dict[str, Any], path: str, our_path: str) -> dict[str, Any]:
    """An operation whose slots have our names."""
    names = dict(zip(_SLOT.findall(path), _SLOT.findall(our_path), strict=True))
    parameters = [
        {**p, "name": names.get(p["name"], p["name"])} if p.get("in") == "path" else p for p in node["parameters"]
    ]
    return {**node, "parameters": parameters}


def _of_today(value: Any) -> Any:
    """A part of OpenAPI 3.0 as 3.1 says it: null is a type, and limits are numbers."""
    if isinstance(value, list):
        return [_of_today(one) for one in value]
    if not isinstance(value, dict):
        return value
    node = {name: _of_today(one) for name, one in value.items()}
    for limit, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(limit), bool) and node.pop(limit) and plain in node:
            node[limit] = node.pop(plain)
    if node.get("nullable") is not True:
        return node
    del node["nullable"]
    if not isinstance(node.get("type"), str):
        return {"anyOf": [node, {"type": "null"}]}
    node["type"] = [node["type"], "null"]
    if isinstance(node.get("enum"), list) and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    return node
