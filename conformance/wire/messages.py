"""Defines requests, responses and connection settings: plain values that every layer may name."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import httpx

from conformance import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNUSUAL = "a request in a state of the test's making"
"""What was done to a request of which its sender says nothing."""
USER_AGENT = f"label-studio-conformance/{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """How to connect.

    Attributes:
        ca_bundle: PEM file with the only CAs to trust; without it, those that certifi ships.
        client_cert: PEM file with the client's certificate (and its key, unless ``client_key`` is given).
        client_key: PEM file with the key of the client's certificate.
        insecure: trust any certificate.
        proxy: ``http://`` or ``https://`` URL; may hold user name and password.
        connect_timeout: seconds to wait for a connection.
        read_timeout: in seconds. Longer than the 100 s that parallel writes were seen to
            wait for each other on SQLite.
        rate: maximum number of requests per second; None for no limit.
        attempts: how often to try what can be repeated without harm; 1 for no repetition.
        max_body: bytes of a response's body to keep at most; guards the memory against an endless one.
        slowest: bytes of a body per second, on the average, below which it is given up: a request has an end.
        grace: seconds before that is looked at.
        read_only: nothing but GET and HEAD is sent.
        keep_alive: use a connection for more than one request.
        user_agent: what to call ourselves.
        headers: sent with each request, for a gateway in front of the target; none of the suite's own is replaced.
    """

    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    proxy: str | None = field(default=None, repr=False)
    connect_timeout: float = 10.0
    read_timeout: float = 120.0
    rate: float | None = None
    attempts: int = 3
    max_body: int = 256 * 2**20
    slowest: int = 1024
    grace: float = 5.0
    read_only: bool = False
    keep_alive: bool = True
    user_agent: str = USER_AGENT
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def ssl_context(self) -> ssl.SSLContext:
        """Return what these settings say about TLS.

        Raises:
            OSError: a file that cannot be read; :class:`ssl.SSLError`, a kind of it: one that holds no PEM.
        """
        if self.insecure:
            context = httpx.create_ssl_context(verify=False, trust_env=False)
        elif self.ca_bundle is not None:
            context = ssl.create_default_context(cafile=str(self.ca_bundle))
        else:
            context = httpx.create_ssl_context(trust_env=False)
        if self.client_cert is not None:
            # The empty password keeps OpenSSL from asking for one at the terminal.
            key = str(self.client_key) if self.client_key else None
            context.load_cert_chain(str(self.client_cert), key, password="")
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A request, ready for the wire.

    Attributes:
        method: sent as it is; upper and lower case are two methods.
        url: absolute; what follows the host is sent as it is, so it must be encoded already.
        headers: in the order in which they are sent (``Host`` goes first). ``Host``, ``User-Agent``,
            ``Accept``, ``Accept-Encoding`` and the length of the body are added where they are missing.
        content: the body, encoded.
        timeout: read timeout in seconds; None for the setting.
        deed: what its sender did to it, in a few words that hold no ids; empty where it is to be accepted as it is.
        spoiled: it is not to be accepted, whatever its bytes say.
        renewal: it exchanges the run's personal access token, without which nothing can be read.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    content: bytes | None = field(default=None, repr=False)
    timeout: float | None = None
    deed: str = UNUSUAL
    spoiled: bool = False
    renewal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """A response, read to its end.

    Attributes:
        headers: all of them, in order, as sent; looked up without regard to case.
        content: the body, with its ``Content-Encoding`` undone.
        elapsed: seconds from the (last) attempt's start to the last byte of the body.
        http_version: ``HTTP/1.1``.
        attempts: how many requests it took.
        truncated: the body was longer than the caller wanted; ``content`` is its beginning.
        excess: how many bytes came after the end that the answer's head announces; they are not in ``content``.
    """

    status: int
    headers: httpx.Headers = field(repr=False)
    content: bytes = field(repr=False)
    elapsed: float
    http_version: str
    attempts: int = 1
    truncated: bool = False
    excess: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawStream:
    """A response whose body is still on its way; see :class:`RawResponse` for the attributes."""

    status: int
    headers: httpx.Headers = field(repr=False)
    http_version: str
    chunks: Iterator[bytes] = field(repr=False)


class Authorization(Protocol):
    """The key of one role, as requests carry it."""

    def secrets(self) -> frozenset[str]:
        """Return what must not show up in what is kept."""

    def header(self) -> dict[str, str]:
        """The header to send."""

    def on_unauthorized(self) -> bool:
        """Told of a 401; returns whether there is another header now, so that sending again makes sense."""
