"""A user of the official client: calls its methods, and each request that they make goes through the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.wire.messages import RawRequest
from conformance.witness.client import Came, Raised

if TYPE_CHECKING:
    from conformance.wire import Wire
    from conformance.witness.client import Client

__all__ = ["Raised", "User"]
OURS: Final = frozenset({"host", "authorization", "user-agent", "accept-encoding", "connection", "content-length"})
"""Headers that the wire knows better."""


class User:
    """``user.call("projects.create", title="...")`` calls a method of the client, and returns JSON.

    Args:
        client: started.
        wire: sends what the client asks for.
    """

    def __init__(self, client: Client, wire: Wire) -> None:
        self._client = client
        self._wire = wire

    @property
    def version(self) -> str:
        """Of ``label-studio-sdk``."""
        return self._client.version

    def call(self, method: str, **arguments: Any) -> Any:
        """Call a method; see :meth:`conformance.witness.client.Client.call`.

        Raises:
            Raised: it raised.
        """
        return self._client.call(method, self._send, **arguments)

    def _send(self, method: str, target: str, headers: list[tuple[str, str]], content: bytes) -> Came:
        kept = tuple((name, value) for name, value in headers if name.lower() not in OURS)
        exchange = self._wire.send(
            RawRequest(method=method, url=self._wire.base_url + target, headers=kept, content=content or None)
        )
        if exchange.response is None:
            return Came(status=599, content_type="", body=b"")  # the wire says why there was none
        kind = exchange.response.headers.get("content-type", "")
        return Came(status=exchange.status, content_type=kind, body=exchange.content)
