"""A wire between the suite and a server, on which the weather is made: connections break, answers come late."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from tests.listening import listen

if TYPE_CHECKING:
    from types import TracebackType

_REQUEST: Final = re.compile(rb"[A-Z]+ /")
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What happens to requests.

    Attributes:
        says: in a few words.
        every: the weather is there for each so many-th request; 0 for none.
        during: or for so many seconds, once, ``after`` so many requests.
        after: how many requests go well before.
        answer: what is answered in place of the server, as it goes over the wire; empty for a closed connection.
        loses_answer: the server gets the request, and its answer is lost.
        slows: seconds that each answer takes longer.
    """

    says: str
    every: int = 0
    during: float = 0.0
    after: int = 60
    answer: bytes = b""
    loses_answer: bool = False
    slows: float = 0.0


def _refusal(status: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close", "", ""]
    return "\r\n".join(lines).encode()


WEATHERS: Final = {
    "fine": Weather(says="nothing happens"),
    "resets": Weather(says="one connection in 25 breaks before the request is through", every=25),
    "lost-answers": Weather(says="one answer in 40 is lost", every=40, loses_answer=True),
    "429": Weather(
        says="one request in 30 is turned away for a second",
        every=30,
        answer=_refusal("429 Too Many Requests", "Retry-After: 1"),
    ),
    "502": Weather(says="a gateway answers 502 for 5 s", during=5, answer=_refusal("502 Bad Gateway")),
    "503": Weather(
        says="a gateway answers 503 for 20 s",
        during=20,
        answer=_refusal("503 Service Unavailable", "Retry-After: 2"),
    ),
    "restart": Weather(says="the target is away for 8 s", during=8),
    "slow": Weather(says="each answer takes 0.4 s longer", slows=0.4),
}


class WeatherProxy:
    """``with WeatherProxy(server.url, WEATHERS["resets"]) as proxy: proxy.url``; ``proxy.disturbed`` counts."""

    def __init__(self, upstream: str, weather: Weather) -> None:
        self._upstream = urlsplit(upstream)
        self._weather = weather
        self._asked = 0
        self._until = 0.0
        self.disturbed = 0
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._socket.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, sock=self._socket))
        self._loop.run_forever()
        server.close()
        open_ones = asyncio.all_tasks(self._loop)
        for task in open_ones:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*open_ones, return_exceptions=True))
        self._loop.close()

    def _is_bad(self) -> bool:
        """Whether the request that begins now meets the weather."""
        weather = self._weather
        self._asked += 1
        if weather.during and self._asked == weather.after:
            self._until = time.monotonic() + weather.during
        bad = time.monotonic() < self._until or (
            self._asked > weather.after and weather.every > 0 and self._asked % weather.every == 0
        )
        self.disturbed += bad
        return bad

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        back = asyncio.create_task(self._back(there, writer))
        try:
            while data := await reader.read(_CHUNK):
                bad = _REQUEST.match(data) is not None and self._is_bad()
                if bad and self._weather.loses_answer:
                    back.cancel()
                    await asyncio.gather(back, return_exceptions=True)  # one reader at a time
                if bad and not self._weather.loses_answer:
                    writer.write(self._weather.answer)
                    break
                here.write(data)
                await here.drain()
                if bad:
                    await there.read(_CHUNK)
                    break
        except ConnectionError:
            pass
        finally:
            back.cancel()
            here.close()
            writer.close()

    async def _back(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await there.read(_CHUNK):
                if self._weather.slows:
                    await asyncio.sleep(self._weather.slows)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        # not where it is cancelled: then an answer is lost, and the client learns of it once the server had the request
        writer.close()
