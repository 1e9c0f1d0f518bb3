"""A relay on loopback that answers in HTTP/1.0: one request per connection, and the status line says so."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

LOOPBACK = "127.0.0.1"
CHUNK = 65536
HEAD = b"HTTP/1.1 "


class Http10:
    """``with Http10(port) as relay: relay.url``; what is behind it ends each connection by itself.

    Args:
        port: of the server behind it, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        begun = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, LOOPBACK, 0), self._loop)
        self._server = begun.result()
        self.url = f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            theirs, ours = await asyncio.open_connection(LOOPBACK, self._port)
            asking = asyncio.ensure_future(_pour(reader, ours))
            begin = await theirs.read(len(HEAD))
            writer.write(b"HTTP/1.0 " if begin == HEAD else begin)
            await _pour(theirs, writer)
            asking.cancel()
            ours.close()
        writer.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
