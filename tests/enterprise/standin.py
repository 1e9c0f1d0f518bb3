"""Starts the stand-in: a real Community server, and the façade in front of it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import uvicorn

from conformance.target.embedded.server import EmbeddedServer, start
from conformance.target.embedded.settings import EmbeddedSettings
from tests.enterprise.facade.app import Facade
from tests.enterprise.facade.upstream import Upstream
from tests.enterprise.state.community import Community
from tests.enterprise.state.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
PATIENCE = 10.0


class StandIn:
    """An Enterprise server that is real where it can be; ``with StandIn() as server: server.url``.

    Args:
        community: a Community server that runs already; else one of its own.
        faults: what it does wrong, by name (``faults/*.yaml``).
        port: 0 for a free one.
    """

    def __init__(self, community: EmbeddedServer | None = None, *, faults: Iterable[str] = (), port: int = 0) -> None:
        self._given = community
        self._faults = tuple(faults)
        self._wanted = port
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        self.community = self._given or self._ending.enter_context(start(EmbeddedSettings()))
        self.model = Model(Community(self.community.data_dir), Upstream(self.community.url))
        app: ASGIApp = Facade(self.model)
        listening = socket.create_server((LOOPBACK, self._wanted))
        self.url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, server_header=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        self._ending.callback(self._stop)
        until = time.monotonic() + PATIENCE
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            self._thread.join(0.01)
        return self

    @property
    def api_key(self) -> str:
        """The owner's key."""
        return self.community.api_key

    def _stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()
