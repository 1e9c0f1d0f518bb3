"""The file server: serves what scenarios give it, for import by URL and media in tasks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from conformance.peers.http import HttpPeer, Received

if TYPE_CHECKING:
    from werkzeug import Response

    from conformance.peers.base import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    body: bytes
    status: int
    headers: dict[str, str]


class ServedFile:
    """One file on the server, at an address that nobody else uses."""

    def __init__(self, server: FileServer, path: str) -> None:
        self._server = server
        self.path = path

    @property
    def url(self) -> str:
        """The address for the target."""
        return self._server.address_for_target() + quote(self.path)

    def hits(self) -> int:
        """Return how often it has been asked for."""
        return len(self.requests())

    def requests(self) -> list[Received]:
        """Return the requests for it, in their order."""
        return self._server.requests(self.path)


class FileServer(HttpPeer):
    """Serves bytes under names: ``files.serve("tasks.csv", b"...").url``."""

    name: ClassVar[str] = "files"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._contents: dict[str, _Content] = {}
        self._requests: list[Received] = []

    def serve(
        self, name: str, content: bytes, *, content_type: str = "application/octet-stream", status: int = 200
    ) -> ServedFile:
        """Serve ``content`` as a file called ``name``.

        Args:
            name: The last part of its address; what stands after its dot tells the target its kind.
            content: Its bytes.
            content_type: Sent as ``Content-Type``.
            status: Something else than 200 makes it a file that can't be had.
        """
        return self._add(name, _Content(body=content, status=status, headers={"Content-Type": content_type}))

    def redirect(self, name: str, to: str) -> ServedFile:
        """Serve an address that sends whoever asks to ``to``."""
        return self._add(name, _Content(body=b"", status=302, headers={"Location": to}))

    def requests(self, path: str | None = None) -> list[Received]:
        """Return the requests so far, for ``path`` or for anything, in their order."""
        with self._lock:
            return [each for each in self._requests if path is None or each.path == path]

    def _add(self, name: str, content: _Content) -> ServedFile:
        path = f"/files/{secrets.token_hex(8)}/{name}"
        with self._lock:
            self._contents[path] = content
        return ServedFile(self, path)

    def _answer(self, received: Received) -> Response:
        from werkzeug import Response

        with self._lock:
            self._requests.append(received)
            content = self._contents.get(received.path)
        if content is None:
            return Response("no such file\n", status=404)
        return Response(content.body, status=content.status, headers=content.headers)
