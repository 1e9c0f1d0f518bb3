"""Cases of an operation as plain values: with ``stateful/machine.py`` the one place that touches Schemathesis.

Its coverage generator is not documented API, so the version is pinned (pyproject.toml), and tests/properties shows that
what is relied on here still works.
"""

from __future__ import annotations

import copy
import gc
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import hypothesis
import requests
import schemathesis
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode, overrides
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.transport.requests import REQUESTS_TRANSPORT

from conformance.contract.tables.requests.prepared import NOTHING, Pairs
from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from schemathesis.config import SchemathesisConfig
    from schemathesis.schemas import BaseSchema

    from conformance.contract import Contract, Operation

# Hypothesis draws from the constants of whatever local modules are loaded: then a case would depend on which tests were
# selected, and on the last change of this suite. No setting turns it off.
_NO_CONSTANTS = Constants()
providers._get_local_constants = lambda: _NO_CONSTANTS  # noqa: SLF001

Mode = Literal["positive", "negative"]
BASE = "http://target.invalid"
SHORT = 2
BOUNDARY = b"conformance-boundary"
_DROPPED = {"x-schemathesis-testcaseid", "user-agent", "accept", "accept-encoding", "connection", "content-length"}
SETTINGS: dict[str, Any] = {
    "base-url": BASE,
    "generation": {
        "max-examples": 5,
        "no-shrink": True,
        "database": "none",
        "with-security-parameters": False,
        "allow-x00": False,
        "allow-extra-parameters": False,
    },
    # constants of whatever Python code is loaded would be other ones tomorrow
    "analysis": {"constants": {"enabled": False}},
    # undeclared methods have a rule of their own
    "phases": {"coverage": {"unexpected-methods": []}},
}


@dataclass(kw_only=True)
class GeneratedCase:
    """One request as it was generated, still to be bound to real objects.

    Attributes:
        mode: ``negative`` where something in it breaks the contract on purpose.
        broken: the component that does: ``path``, ``query``, ``header``, ``cookie``, ``body``; None in positive ones.
        parameter: name of the broken parameter; for a body its media type.
        what: what is wrong (or covered), in words: ``title: Incorrect type``.
        scenario: kind of the case, ``incorrect_type``; ``fuzz`` for random ones.
        place: where in the schema it is, ``/properties/title/type``; empty where unknown.
        path: values of the path parameters, as generated.
        body: NOTHING where none is sent.
        symbolic: it was written down with names in place of ids (see ``examples``), and is sent as it is written.
        sensible: fields that another operation speaks for get the value that a user would send.
    """

    operation: Operation
    mode: Mode
    broken: str | None
    parameter: str | None
    what: str
    scenario: str
    place: str
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any
    media_type: str | None
    symbolic: bool = False
    sensible: bool = False
    _case: Any = field(default=None, repr=False)

    @property
    def deed(self) -> str:
        """What is special about it, in a few words that stay the same while it is made smaller."""
        if self.what:
            first = self.what.splitlines()[0].removeprefix("- ")
            return f"{self.parameter}: {first}" if self.parameter and "/" not in self.parameter else first
        if self.symbolic and isinstance(self.body, dict):
            return f"with {', '.join(sorted(self.body))}"
        return "a generated request"

    def serialise(self, base_url: str) -> RawRequest:
        """The request as bytes; multipart boundaries are always the same.

        Raises:
            ValueError: what was generated can't be put into a request.
        """
        if self.symbolic:
            return self._written(base_url)
        case = self._case
        case.path_parameters, case.query = self.path, self.query
        sent = self._as_form() if self.mode == "positive" and "form" in (self.media_type or "") else self.body
        case.body, case.media_type = NOT_SET if sent is NOTHING else sent, self.media_type
        try:
            prepared = requests.Request(**_arguments(REQUESTS_TRANSPORT.serialize_case(case))).prepare()
        except (requests.RequestException, UnicodeError, TypeError) as problem:
            raise ValueError(f"can't be sent: {problem}") from problem
        body: Any = prepared.body
        content: bytes | None = body.encode() if isinstance(body, str) else body
        headers = {k: v for k, v in prepared.headers.items() if k.lower() not in _DROPPED}
        kind = str(headers.get("Content-Type", ""))
        if content and "boundary=" in kind and kind.startswith("multipart/"):
            boundary = kind.partition("boundary=")[2].encode()
            if boundary and boundary in content:
                content = content.replace(boundary, BOUNDARY)
                headers["Content-Type"] = kind.replace(boundary.decode(), BOUNDARY.decode())
        return RawRequest(
            method=str(prepared.method),
            url=base_url + str(prepared.url).removeprefix(BASE),
            headers=tuple((k, v if isinstance(v, str) else v.decode("latin-1")) for k, v in headers.items()),
            content=content or None,
        )

    def _as_form(self) -> Any:
        """The body without what a form has no way to say: nothing (it would be the word ``null``).

        Raises:
            ValueError: it holds an object, which no two readers of forms take in the same way.
        """
        if not isinstance(self.body, dict):
            return self.body
        body = {name: value for name, value in self.body.items() if value is not None}
        for value in body.values():
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict | list) for v in value)):
                raise ValueError("can't be sent: a form has no objects")
        return body

    def _written(self, base_url: str) -> RawRequest:
        content = None
        if isinstance(self.body, Pairs):
            content = urlencode([(str(name), str(value)) for name, value in self.body]).encode()
        elif self.body is not NOTHING:
            content = json.dumps(self.body).encode()
        query = f"?{urlencode(self.query, doseq=True)}" if self.query else ""
        return RawRequest(
            method=self.operation.method,
            url=base_url + self.operation.fill(self.path) + query,
            headers=(("Content-Type", self.media_type),) if content is not None and self.media_type else (),
            content=content,
        )


def _arguments(kwargs: dict[str, Any]) -> dict[str, Any]:
    known = {"method", "url", "headers", "files", "data", "json", "params", "auth", "cookies"}
    return {k: v for k, v in kwargs.items() if k in known}


class Generator:
    """Cases for the operations of one contract. Loading takes a second; generation is lazy.

    Args:
        contract: what to generate from.
        seed: of the random cases; the covering ones are the same for every seed.
    """

    def __init__(self, contract: Contract, seed: int) -> None:
        self._contract = contract
        self._schema = _schema(contract.digest, lambda: dict(contract.document))
        self._seed = seed

    def coverage(self, operation: Operation) -> Iterator[GeneratedCase]:
        """Covering cases, positive and negative: every enum value, limit, type, property, ..."""
        api = self._schema[operation.path][operation.method]
        config = self._schema.config.generation_for(operation=api, phase="coverage")
        cases = CoverageGenerator(
            operation=api,
            generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
            generation_config=config,
            auth_storage=None,
            override=overrides.with_config_headers(self._schema.config, operation=api),
            feedback=NO_FEEDBACK,
        )
        for case in cases:
            yield _plain(operation, case)

    def fuzz(self, operation: Operation, mode: Mode, count: int, *, round_number: int = 0) -> list[GeneratedCase]:
        """Random cases; the same for the same seed and round. Empty where nothing can be varied (or broken)."""
        # forms take most of the time to make and say little that JSON doesn't: random bodies are JSON where they can
        name, pruned = ("short", _short) if mode == "positive" else ("json", _without_forms)
        schema = _schema(f"{name} {self._contract.digest}", lambda: pruned(self._contract.document))
        api = schema[operation.path][operation.method]
        found: list[GeneratedCase] = []

        @hypothesis.seed(f"{self._seed}:{operation.id}:{mode}" + (f":{round_number}" if round_number else ""))
        @hypothesis.settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=api.as_strategy(generation_mode=GenerationMode(mode)))
        def collect(case: Any) -> None:
            found.append(_plain(operation, case))

        try:
            collect()
        except Unsatisfiable:
            return []
        return found


@lru_cache(maxsize=4)
def _loaded(digest: str) -> list[BaseSchema]:
    """A place for the schema of a contract; filled by :func:`_schema`."""
    del digest
    return []


def _without_forms(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with JSON bodies only, wherever there is a choice."""
    pruned = copy.deepcopy(dict(document))
    for item in pruned["paths"].values():
        for node in item.values():
            content = node.get("requestBody", {}).get("content", {}) if isinstance(node, dict) else {}
            if "application/json" in content:
                node["requestBody"]["content"] = {"application/json": content["application/json"]}
    return pruned


def _short(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same with short lists of objects: valid all the same, and an import does not take longer than all the rest.

    For valid cases only: what breaks *this* limit would not break the contract.
    """
    pruned = _without_forms(document)
    _shorten(pruned["components"]["schemas"])
    _shorten(pruned["paths"])
    return pruned


def _shorten(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _shorten(item)
    if not isinstance(node, dict):
        return
    items = node.get("items")
    if node.get("type") == "array" and isinstance(items, dict) and ("$ref" in items or items.get("type") == "object"):
        node.setdefault("maxItems", max(SHORT, node.get("minItems", 0)))
    for value in node.values():
        _shorten(value)


def _schema(digest: str, document: Callable[[], dict[str, Any]]) -> BaseSchema:
    place = _loaded(digest)
    if not place:
        config: SchemathesisConfig = schemathesis.Config.from_dict(SETTINGS)
        place.append(schemathesis.openapi.from_dict(document(), config=config))
        # it stays, and it is large: whoever looks for garbage need not go through it thousands of times
        gc.collect()
        gc.freeze()
    return place[0]


def _plain(operation: Operation, case: Any) -> GeneratedCase:
    meta = case.meta
    data = meta.phase.data
    mode: Mode = "negative" if meta.generation.mode.is_negative else "positive"
    negative = [location.value for location, info in meta.components.items() if info.mode.is_negative]
    location = getattr(data, "parameter_location", None)
    broken = None
    if mode == "negative":
        broken = location.value if location is not None else (negative[0] if negative else None)
    return GeneratedCase(
        operation=operation,
        mode=mode,
        broken=broken,
        parameter=getattr(data, "parameter", None),
        what=str(getattr(data, "description", "") or ""),
        scenario=str(getattr(getattr(data, "scenario", None), "value", "fuzz")),
        place=str(getattr(data, "location", "") or ""),
        path=dict(case.path_parameters or {}),
        query=dict(case.query or {}),
        body=NOTHING if case.body is NOT_SET else case.body,
        media_type=case.media_type,
        _case=case,
    )
