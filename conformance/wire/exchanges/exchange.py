"""One request with its response."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conformance.contract.json_equal import parse
from conformance.wire.exchanges.answers import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Operation
    from conformance.wire.messages import RawRequest, RawResponse
    from conformance.wire.network.errors import TransportError

SUCCESSFUL, CLIENT_ERROR, SERVER_ERROR = 2, 4, 5  # classes of statuses
GONE = (404, 410)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What was sent and what came back.

    Attributes:
        operation: which operation of the contract it is; None for anything else (an undeclared method, say).
        response: None where nothing came back; then ``problem`` says why.
        role: whose key it carried: ``default``, ``anonymous``, or the name of another role.
        path_values: raw values of the path parameters.
        started: monotonic seconds when it was sent.
        no_route: the answer is a 404, and OPTIONS found no route there either.
        void: the answer is what the server says where nothing is, too: whatever its status, it is no success.
        repeatedly: the same problem came a second time while the target was well, so the network is not to blame.
    """

    operation: Operation | None
    request: RawRequest
    response: RawResponse | None
    problem: TransportError | None = None
    request_id: str = ""
    role: str = "default"
    path_values: Mapping[str, str] = field(default_factory=dict)
    started: float = 0.0
    no_route: bool = False
    void: bool = False
    repeatedly: bool = False

    @property
    def status(self) -> int:
        """The response's status; 0 where none came."""
        return self.response.status if self.response else 0

    @property
    def ok(self) -> bool:
        """A 2xx that the contract documents for the operation."""
        return self.succeeded and (self.operation is None or self.status in self.operation.responses)

    @property
    def succeeded(self) -> bool:
        """A 2xx, documented or not, that is more than what the server says to anything."""
        return self.claims_success and not self.void

    @property
    def claims_success(self) -> bool:
        """A 2xx, whatever it is worth: not how a refusal is answered."""
        return self.status // 100 == SUCCESSFUL

    @property
    def rejected(self) -> bool:
        """A 4xx: the server found something wrong with the request."""
        return self.status // 100 == CLIENT_ERROR

    @property
    def server_error(self) -> bool:
        """A 5xx."""
        return self.status // 100 == SERVER_ERROR

    @property
    def gone(self) -> bool:
        """A 404 or 410: there is no such thing, or no more."""
        return self.status in GONE

    @property
    def content(self) -> bytes:
        """The response's body."""
        return self.response.content if self.response else b""

    @cached_property
    def content_type(self) -> str:
        """Media type of the response, lower case, without its parameters; empty where there is none."""
        if self.response is None:
            return ""
        return str(self.response.headers.get("content-type", "")).split(";")[0].strip().lower()

    @cached_property
    def text(self) -> str:
        """The response's body as text."""
        return self.content.decode(errors="replace")

    @cached_property
    def _json(self) -> Any:
        return parse(self.content)

    @cached_property
    def _answer(self) -> Any:
        return answer(self)

    def plain(self) -> Any:
        """The response's body as a JSON value of plain lists and dictionaries.

        Raises:
            ValueError: it is none.
        """
        return self._json

    def json(self) -> Any:
        """The response's body as a JSON value that knows what was read of it (see :mod:`.answers`).

        Raises:
            AnswerLacks: it is none; a ``ValueError``, too.
        """
        return self._answer

    def object(self) -> dict[str, Any] | None:
        """The response's body if it is a JSON object; None if it is anything else."""
        try:
            data = self.plain()
        except (ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None

    def brief(self) -> str:
        """``POST /api/projects/ → 400 application/json``."""
        target = self.request.url.split("//", 1)[-1]
        path = "/" + target.split("/", 1)[1] if "/" in target else "/"
        came = f"{self.status} {self.content_type}".strip() if self.response else f"no response ({self.problem})"
        return f"{self.request.method} {path[:160]} → {came}" + ", as it answers anything" * self.void
