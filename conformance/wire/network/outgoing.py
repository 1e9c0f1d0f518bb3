"""Turns our request into one of httpx, byte for byte; what httpx cannot send is refused here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import httpx

from conformance.wire.network.errors import unsendable

if TYPE_CHECKING:
    from conformance.wire.messages import ConnectionSettings, RawRequest


def outgoing(request: RawRequest, settings: ConnectionSettings) -> httpx.Request:
    """Return what httpx is to send.

    Raises:
        Unsendable: a URL, header or body that cannot be put on the wire.
    """
    prefix, target = _split(request)
    try:
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers]
    except UnicodeEncodeError as error:
        raise unsendable(request, f"A header holds a character that HTTP has no byte for: {error}") from error
    given = {name.lower() for name, _ in headers}
    for name, value in (
        (b"User-Agent", settings.user_agent.encode("latin-1")),
        (b"Accept", b"*/*"),
        (b"Accept-Encoding", b"gzip, deflate"),
        *(() if settings.keep_alive else ((b"Connection", b"close"),)),
        *((name.encode("ascii"), value.encode("latin-1")) for name, value in settings.headers),
    ):
        if name.lower() not in given:
            headers.append((name, value))
            given.add(name.lower())
    try:
        made = httpx.Request(request.method, prefix, headers=headers, content=request.content)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise unsendable(request, str(error)) from error
    _check_length(request, made)
    made.method = request.method
    made.url = _ExactURL(prefix, target)
    return made


def _check_length(request: RawRequest, made: httpx.Request) -> None:
    """Refuse a wrong ``Content-Length`` before the first byte leaves; h11 would notice in the middle."""
    length = made.headers.get("content-length")
    if length is not None and length.strip() != str(len(request.content or b"")):
        raise unsendable(request, f"Content-Length is {length!r}, the body has {len(request.content or b'')} bytes.")


def _split(request: RawRequest) -> tuple[httpx.URL, bytes]:
    """Scheme, host and port as httpx knows them; the rest as it is to be sent."""
    url = request.url
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise unsendable(request, "The URL is not absolute.")
    start = next((i for i, c in enumerate(rest) if c in "/?#"), len(rest))
    try:
        target = rest[start:].partition("#")[0].encode("ascii")
        prefix = _prefix(f"{scheme}://{rest[:start]}/")
    except (httpx.InvalidURL, ValueError) as error:
        raise unsendable(request, str(error)) from error
    return prefix, target if target.startswith(b"/") else b"/" + target


_PORTS = 65536


@lru_cache(maxsize=64)
def _prefix(text: str) -> httpx.URL:
    """The parsed URL of a host; cached, since a run talks to one.

    Raises:
        ValueError: not http(s), no host, or user name and password in it; httpx.InvalidURL, not a kind of it.
    """
    url = httpx.URL(text)
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise ValueError("The URL needs http or https, a host, and no user name or password.")
    if url.port is not None and not 0 < url.port < _PORTS:
        raise ValueError(f"No such port: {url.port}.")
    return url


class _ExactURL(httpx.URL):
    """A URL whose path and query are sent as given; httpx drops dot segments and encodes anew.

    Not httpx' extension ``target``: httpcore hands it to proxies as well, in place of the host to connect to.
    """

    def __init__(self, prefix: httpx.URL, target: bytes) -> None:
        super().__init__(prefix)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target
