"""What passes through the proxy: requests, answers, and the call that a fault works on."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from conformance.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from conformance.contract import Operation

Headers = tuple[tuple[str, str], ...]
"""Lower-case names with their values, in order; a name may come twice."""
LENGTHS: Final = frozenset({"content-length", "transfer-encoding"})
NO_BODY: Final = frozenset({204, 304})


def value_of(headers: Headers, name: str) -> str:
    """The first value of a header; empty where there is none."""
    return next((value for key, value in headers if key == name), "")


def with_header(headers: Headers, name: str, value: str | None) -> Headers:
    """The headers with one of them set, or (None) without it."""
    others = tuple((k, v) for k, v in headers if k != name)
    return others if value is None else (*others, (name, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, as it came or as it is sent on.

    Attributes:
        path: still percent-encoded.
        query: without the question mark.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body; None where it is no JSON, or does not say so."""
        if "json" not in value_of(self.headers, "content-type"):
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # so deep that nobody can read it
            return None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Of the query, decoded, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def parameter(self, name: str) -> str | None:
        """The first value of a parameter of the query."""
        return next((v for k, v in self.parameters if k == name), None)

    def with_parameters(self, parameters: list[tuple[str, str]]) -> Asked:
        """The same with another query."""
        return replace(self, query=urlencode(parameters))

    def with_json(self, value: Any) -> Asked:
        """The same with another body."""
        return replace(self, body=json.dumps(value).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer, as the server gave it or as it is passed on.

    Attributes:
        cut: so many bytes of the announced body never come; the connection is closed instead.
        delay: seconds before the answer.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    cut: int = 0
    delay: float = 0.0

    @property
    def ok(self) -> bool:
        """Is it a success?"""
        return 200 <= self.status < 300

    @property
    def plain(self) -> bytes:
        """The body, uncompressed."""
        return gzip.decompress(self.body) if value_of(self.headers, "content-encoding") == "gzip" else self.body

    @property
    def json(self) -> Any:
        """The body; None where it is no JSON."""
        try:
            return json.loads(self.plain)
        except ValueError:
            return None

    @property
    def is_json(self) -> bool:
        """Does it say that it is JSON?"""
        return "json" in value_of(self.headers, "content-type")

    def with_json(self, value: Any) -> Answered:
        """The same with another body."""
        return self.with_body(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def with_body(self, body: bytes) -> Answered:
        """The same with another body, uncompressed."""
        return replace(self, body=body, headers=with_header(self.headers, "content-encoding", None))

    def with_header(self, name: str, value: str | None) -> Answered:
        """The same with a header set, or (None) without it."""
        return replace(self, headers=with_header(self.headers, name, value))


def answer(status: int, value: Any = None, *, kind: str = "application/json") -> Answered:
    """An answer of the proxy's own: JSON, or a text of another kind."""
    if status in NO_BODY:
        return Answered(status=status)
    body = json.dumps(value).encode() if kind == "application/json" else str(value).encode()
    return Answered(status=status, headers=(("content-type", kind),), body=body)


@dataclass(slots=True)
class Call:
    """One request that a fault may do with what it likes.

    Attributes:
        operation: of the contract, that the request is; its path parameters are in ``slots``.
        number: how many requests to the fault's operations went before.
        memory: what the fault keeps from request to request.
        forward: asks the real server.
        key: the owner's.
        home: address of the proxy itself.
    """

    request: Asked
    operation: Operation | None
    slots: Mapping[str, str]
    number: int
    memory: dict[Any, Any]
    forward: Callable[[Asked], Awaitable[Answered]]
    key: str = ""
    home: str = ""
    relays: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.operation.id if self.operation else ""

    async def plain(self) -> Answered:
        """What the real server answers to the request as it is."""
        return await self.forward(self.request)

    async def is_taken(self) -> bool:
        """Would the server do it? Who has no good key, or names what is not there, is to be refused all the same."""
        own = tuple((k, v) for k, v in self.request.headers if k not in {"content-type", "content-length"})
        for path in ("/api/current-user/whoami", *self._above()):
            if not (await self.forward(Asked(method="GET", path=path, headers=own))).ok:
                return False
        return self.request.method != "POST" or not self.request.body or self.request.json is not None

    def _above(self) -> list[str]:
        """The address of what the request is about, where it names one that can be read."""
        path = self.request.path
        if self.operation is not None and not self.operation.path.rstrip("/").endswith("}"):
            # the last part of an action is no object: …/member-tags/bulk is no tag
            path = path.rstrip("/").rsplit("/", 1)[0] + "/"
        contract = load_contract()
        while path.count("/") > 2:
            for one in (path, f"{path.rstrip('/')}/"):
                matched = contract.match("GET", one)
                same = matched is not None and matched[0].path.endswith("/") == one.endswith("/")
                if matched and same and matched[1] and "{" in matched[0].path.rstrip("/").rsplit("/", 1)[-1]:
                    return [one]
            path = path.rstrip("/").rsplit("/", 1)[0] + "/"
        return []

    async def read(self, path: str, query: str = "") -> Any:
        """What the owner is answered at an address, as JSON."""
        headers = (("authorization", f"Token {self.key}"), ("accept", "application/json"))
        return (await self.forward(Asked(method="GET", path=path, query=query, headers=headers))).json
