"""The real server behind the façade: what passes through to it, and what the façade asks it itself."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]
# RFC 9110 §7.6.1: about one connection, and so not passed on
HOP_BY_HOP = frozenset(
    name.encode()
    for name in ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
PATIENCE = httpx.Timeout(120, connect=10)
CONNECTIONS = 32
LONGEST_WRITE = 25.0
READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Passed:
    """An answer of the real server."""

    status: int
    headers: Headers
    content: bytes

    def header(self, name: bytes) -> bytes:
        """The first header of this name, in lower case; empty where there is none."""
        return next((value for key, value in self.headers if key == name), b"")


class Upstream:
    """Sends requests to the real server as they are.

    Args:
        url: of the real server, without a slash at its end.
    """

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        # one at a time: who writes to SQLite while somebody else does may be told a 500, or, worse, a success half done
        self._writing = threading.Lock()
        # none is used again: an export of half a character leaves the real server's thread without a database, and
        # whoever comes next over that connection would be told a 500 that somebody else brought about
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits, retries=1)
        self._client = httpx.Client(
            base_url=url, timeout=PATIENCE, limits=limits, follow_redirects=False, trust_env=False
        )
        # nobody is to be somebody else by a cookie that came before
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def pass_on(self, method: str, target: bytes, headers: Headers, content: bytes) -> Passed:
        """What the real server answers to a request.

        Args:
            target: path and query as they came.
        """
        kept = [(k, v) for k, v in headers if k not in HOP_BY_HOP and k != b"content-length"]
        if content or any(k in {b"content-length", b"transfer-encoding"} for k, _ in headers):
            kept.append((b"content-length", str(len(content)).encode()))
        request = httpx.Request(
            method,
            self._url.copy_with(raw_path=target),
            headers=kept,
            content=content,
            extensions={"timeout": PATIENCE.as_dict()},
        )
        alone = method not in READS and await anyio.to_thread.run_sync(self._alone)
        try:
            response = await self._transport.handle_async_request(request)
            try:
                raw = b"".join([part async for part in response.aiter_raw()])
            finally:
                await response.aclose()
        finally:
            if alone:
                self._writing.release()
        return Passed(
            response.status_code, [(k.lower(), v) for k, v in response.headers.raw if k.lower() not in HOP_BY_HOP], raw
        )

    def ask(self, method: str, path: str, who: Iterable[tuple[str, str]], body: Any = None) -> httpx.Response:
        """Ask something on behalf of somebody, from a thread of its own."""
        headers, content = [(name.encode(), value.encode("latin-1")) for name, value in who], b""
        if body is not None:
            headers, content = [*headers, (b"content-type", b"application/json")], json.dumps(body).encode()
        alone = method not in READS and self._alone()
        try:
            return self._client.request(method, path, headers=headers, content=content)
        finally:
            if alone:
                self._writing.release()

    def _alone(self) -> bool:
        """Wait until nobody else writes; not for ever, since what somebody waits for may come from elsewhere."""
        return self._writing.acquire(timeout=LONGEST_WRITE)

    async def close(self) -> None:
        """End all connections."""
        await self._transport.aclose()
        await asyncio.to_thread(self._client.close)
