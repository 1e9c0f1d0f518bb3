"""A peer that is a small HTTP server within this process."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from conformance.peers.arrivals import Arrivals
from conformance.peers.base import LOOPBACK
from conformance.peers.errors import PeerUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_httpserver import HTTPServer
    from werkzeug import Request, Response
    from werkzeug.serving import ThreadedWSGIServer

    from conformance.peers.base import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request that the target sent to a peer, exactly as it came.

    Attributes:
        method: ``POST``.
        path: Path without the query.
        query: The query as it was written, without the question mark.
        headers: Names in lower case.
        body: The bytes of the body.
        at: When it was read, in seconds since the epoch.
        arrival: Number of its connection, as the server accepted them; requests can be read in another order.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    arrival: int = 0

    def json(self) -> Any:
        """Return the body, read as JSON; raises ValueError when it is none."""
        return json.loads(self.body)


class HttpPeer(ABC):
    """An HTTP server on a free port; each request is handed to `_answer` in a thread of its own."""

    name: ClassVar[str]

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.RLock()
        self._server: HTTPServer | None = None
        self._stopping = threading.Event()
        self._arrivals = Arrivals()

    @abstractmethod
    def _answer(self, received: Received) -> Response:
        """Answer one request."""

    @property
    def host(self) -> str:
        """The suite's own way to the peer."""
        return LOOPBACK

    @property
    def port(self) -> int:
        """The port; the peer must run."""
        if self._server is None:
            raise RuntimeError(f"the peer {self.name} has not been started: call start() first")
        return int(self._server.port)

    @property
    def url(self) -> str:
        """The suite's own way to the peer, as a URL without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def address_for_target(self) -> str:
        """Return the URL under which the target reaches the peer."""
        return f"http://{self._site.callback_host}:{self.port}"

    def secrets(self) -> frozenset[str]:
        """Return what must not appear in any artefact."""
        return frozenset()

    def start(self) -> None:
        """Start the server; starting twice does no harm.

        Raises:
            PeerUnavailable: The library is not installed.
        """
        with self._lock:
            if self._server is not None:
                return
            try:
                from pytest_httpserver import HTTPServer
            except ImportError as error:
                raise PeerUnavailable(
                    self.name,
                    f"pytest-httpserver is not installed ({error})",
                    "pip install pytest-httpserver into the environment of the suite",
                ) from None
            logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per request belongs into our own log
            self._site.log_dir.mkdir(parents=True, exist_ok=True)
            self._stopping.clear()
            server = HTTPServer(host=self._site.bind_host, port=0, threaded=True)
            server.expect_request(re.compile(".*")).respond_with_handler(self._handle)
            server.start()
            self._arrivals.watch(cast("ThreadedWSGIServer", server.server))
            self._server = server

    def stop(self) -> None:
        """Stop the server and free its port; stopping twice does no harm."""
        with self._lock:
            self._stopping.set()  # whoever answers slowly answers now
            if self._server is not None:
                self._server.stop()
                self._server = None

    def _wait(self, seconds: float) -> None:
        """Take ``seconds``, or less when the server stops."""
        self._stopping.wait(seconds)

    def _handle(self, request: Request) -> Response:
        client = (request.environ["REMOTE_ADDR"], request.environ["REMOTE_PORT"])
        received = Received(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("latin-1"),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.get_data(),
            at=time.time(),
            arrival=self._arrivals.number(client),
        )
        if self._server is not None:
            self._server.log.clear()  # the library keeps every request; we keep those that matter
        response = self._answer(received)
        line = f"{received.method} {received.path} {len(received.body)} bytes -> {response.status_code}\n"
        with self._lock, (self._site.log_dir / f"{self.name}.log").open("a", encoding="utf-8") as log:
            log.write(line)
        return response
