"""Starts the stand-in: a real Community server, and the façade in front of it."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import uvicorn

from conformance.peers import Peers
from conformance.target.embedded.server import EmbeddedServer, start
from conformance.target.embedded.settings import EmbeddedSettings
from tests.enterprise.facade.app import Facade
from tests.enterprise.facade.upstream import Upstream
from tests.enterprise.http10 import Http10
from tests.enterprise.lawful import LAWFUL
from tests.enterprise.second import found_organization
from tests.enterprise.state.community import Community
from tests.enterprise.state.model import Model
from tests.listening import listen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = "127.0.0.1"
PATIENCE = 10.0
BUCKET = "conformance"
SERVICES = Path(__file__).with_name("services.toml")


class StandIn:
    """An Enterprise server that is real where it can be; ``with StandIn() as server: server.url``.

    Args:
        community: a Community server that runs already; else one of its own, that knows a GCS emulator.
        lawful: differences that HTTP and the contract allow (see :data:`LAWFUL`), the outermost last.
        port: 0 for a free one.

    Attributes:
        other_key: of the owner of another organisation (``--roles other=KEY``).
    """

    def __init__(self, community: EmbeddedServer | None = None, *, lawful: Iterable[str] = (), port: int = 0) -> None:
        self._given = community
        self._lawful = tuple(lawful)
        self._wanted = port
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.community = self._given or self._begin()
        self._renew()
        listening = listen(self._wanted)
        self.url = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            self._app(),
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=600,
            h11_max_incomplete_event_size=1 << 20,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        self._ending.callback(self._end)
        until = time.monotonic() + PATIENCE
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            self._thread.join(0.01)
        if "http-1.0" in self._lawful:
            self.url = self._ending.enter_context(Http10(listening.getsockname()[1])).url

    def _begin(self) -> EmbeddedServer:
        folder = Path(self._ending.enter_context(tempfile.TemporaryDirectory(prefix="stand-in-")))
        peers = self._ending.enter_context(Peers(log_dir=folder))
        settings = EmbeddedSettings(log_dir=folder, extra_environment={"STORAGE_EMULATOR_HOST": peers.gcs_endpoint()})
        filling = threading.Thread(target=_fill, args=(peers,), daemon=True)
        filling.start()
        server = self._ending.enter_context(start(settings))
        filling.join()
        return server

    def _renew(self) -> None:
        self.other_key = found_organization(self.community.data_dir)
        self.model = Model(Community(self.community.data_dir), Upstream(self.community.url))
        self._facade = Facade(self.model)

    def _app(self) -> ASGIApp:
        async def facade(scope: Scope, receive: Receive, send: Send) -> None:
            await self._facade(scope, receive, send)

        app: ASGIApp = facade
        for name in self._lawful:
            app = LAWFUL[name](app)
        return app

    @property
    def api_key(self) -> str:
        """The owner's key."""
        return self.community.api_key

    @property
    def document_root(self) -> Path:
        """The folder that local-files storages may see."""
        return self.community.document_root

    def reset(self) -> None:
        """Forget everything, here and on the real server."""
        self.community.reset()
        self._renew()

    def stop(self) -> None:
        """End it, and all that it started."""
        self._ending.close()

    def _end(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(PATIENCE)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _fill(peers: Peers) -> None:
    """Start the GCS emulator, with the bucket of ``services.toml``."""
    peers.gcs.make_bucket(BUCKET)
    peers.gcs.put(BUCKET, "tasks/one.json", b'{"data": {"text": "from a storage"}}')
