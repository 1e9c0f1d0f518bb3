"""The two kinds of API key: what goes into ``Authorization``, kept valid for as long as a run takes."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from conformance.errors import ConformanceError, ExitCode, printable
from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.messages import RawResponse
    from conformance.wire.network.transport import Transport

REFRESH_PATH = "/api/token/refresh/"
MARGIN = 30.0
"""Seconds before its end at which an access token is replaced."""
ASSUMED_LIFETIME = 300.0
"""Seconds that an access token is taken to live if it does not say."""


class KeyKind(StrEnum):
    """What an API key is."""

    LEGACY = "legacy token"
    PERSONAL = "personal access token"


class CredentialsRefused(ConformanceError):
    """The key is of no use: the server does not take it, or it is visibly not what it should be.

    Attributes:
        request: the exchange that was refused; None where nothing was sent.
        response: what the server answered.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TARGET_UNUSABLE
    title: ClassVar[str] = "API key"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        cause: str = "",
        hint: str = "",
        request: RawRequest | None = None,
        response: RawResponse | None = None,
    ) -> None:
        super().__init__(message, code=code, cause=cause, hint=hint)
        self.request = request
        self.response = response


def claims(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and payload of a JWT, unverified; None if it is none."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        return None
    try:
        header, payload = (json.loads(_decoded(part)) for part in parts[:2])
    except (ValueError, RecursionError):
        return None
    return (header, payload) if isinstance(header, dict) and isinstance(payload, dict) else None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    """An access token, and the time (by our clock) from which it should not be used any more."""

    token: str
    until: float
    after_401: bool


class Credentials:
    """One key, and the header that it makes; safe to use from several threads.

    A key that has three parts but is no readable JWT is tried as a personal access token first; if the server
    refuses to exchange it, it is sent as a legacy token, and the server's answer to that decides.

    Args:
        key: legacy token or personal access token.
        base_url: root of the server, without a slash at its end.
        transport: carries the exchange.
        clock: seconds since 1970; for tests.
        timeout: seconds that the exchange may take; None for the transport's settings.

    Attributes:
        kind: what the key is (so far, for a key of the ambiguous sort).
    """

    def __init__(
        self,
        key: str,
        *,
        base_url: str,
        transport: Transport,
        clock: Callable[[], float] = time.time,
        timeout: float | None = None,
    ) -> None:
        self._key = key
        self._refresh = key
        self._url = base_url + REFRESH_PATH
        self._transport = transport
        self._clock = clock
        self._timeout = timeout
        self._lock = threading.RLock()
        self._access: _Access | None = None
        self._secrets = frozenset({key})  # replaced, never changed: it is asked for with every text that is kept
        self._claims = claims(key)
        self._certain = self._claims is not None or key.count(".") != 2  # noqa: PLR2004 - a JWT has two
        self.kind = KeyKind.LEGACY if self._claims is None and self._certain else KeyKind.PERSONAL

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kind={self.kind.value!r})"

    def header(self) -> dict[str, str]:
        """``Authorization`` as it is to be sent now; exchanges the key if need be.

        Raises:
            CredentialsRefused: the server does not exchange the key.
            TransportError: no answer to the exchange.
        """
        with self._lock:
            if self.kind is KeyKind.PERSONAL:
                if self._access is None or self._clock() >= self._access.until:
                    self._exchange(after_401=False)
                if self._access is not None:
                    return {"Authorization": f"Bearer {self._access.token}"}
            return {"Authorization": f"Token {self._key}"}

    def on_unauthorized(self, used: str | None = None) -> bool:
        """The server answered 401: whether the request is worth repeating, with a new :meth:`header`.

        A new access token is fetched once after a 401, and not again until it has lived its time: a server
        that refuses everything is not asked for ever.

        Args:
            used: the ``Authorization`` that was refused; True at once if another thread has replaced it
                meanwhile.

        Raises:
            CredentialsRefused: the server does not exchange the key (any more).
            TransportError: no answer to the exchange.
        """
        with self._lock:
            if self.kind is KeyKind.LEGACY or self._access is None:
                return False
            if used is not None and used != f"Bearer {self._access.token}":
                return True
            if self._access.after_401:
                return False
            self._exchange(after_401=True)
            return True

    def secrets(self) -> frozenset[str]:
        """The key and every access token so far: nothing of it may show up in what a run writes."""
        with self._lock:
            return self._secrets

    def _exchange(self, *, after_401: bool) -> None:
        """Trade the personal access token for an access token."""
        self._refuse_hopeless()
        request = RawRequest(
            method="POST",
            url=self._url,
            headers=(("Content-Type", "application/json"), ("Accept", "application/json")),
            content=json.dumps({"refresh": self._refresh}).encode(),
            timeout=self._timeout,
            renewal=True,
        )
        response = self._transport.send(request, max_bytes=65536, deadline=self._timeout)
        if not self._certain and httpx.codes.is_client_error(response.status):
            self.kind, self._access = KeyKind.LEGACY, None
            return
        try:
            answer = json.loads(response.content) if response.status == httpx.codes.OK else None
        except (ValueError, RecursionError):
            answer = None
        token = answer.get("access") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise self._refused(request, response)
        self._certain = True
        self._secrets |= {token}
        if isinstance(answer, dict) and isinstance(answer.get("refresh"), str) and answer["refresh"]:
            self._refresh = answer["refresh"]  # a server that rotates personal access tokens on use
            self._secrets |= {self._refresh}
        self._access = _Access(
            token=token, until=self._clock() + _usable_for(token, self._clock()), after_401=after_401
        )

    def _refuse_hopeless(self) -> None:
        """Keys that are visibly something else are not sent at all."""
        if self._claims is not None and self._claims[1].get("token_type") == "access":
            raise CredentialsRefused(
                "The API key is an access token: it lives for minutes only and cannot be renewed.",
                code="access-token",
                hint="Give the personal access token that it was created from.",
            )

    def _refused(self, request: RawRequest, response: RawResponse) -> CredentialsRefused:
        detail = response.content[:4096].decode("utf-8", "replace")
        for secret in self._secrets:
            detail = detail.replace(secret, "***")
        detail = printable(" ".join(detail.split()), limit=200) or "(empty)"
        code, message, hint = self._why_refused(response.status)
        return CredentialsRefused(
            message,
            code=code,
            cause=f"POST {REFRESH_PATH} was answered {response.status}: {detail}",
            hint=hint,
            request=request,
            response=response,
        )

    def _why_refused(self, status: int) -> tuple[str, str, str]:
        """Code, message and hint."""
        ended = _number(self._claims[1].get("exp")) if self._claims else None
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return (
                "exchange-failed",
                "The server fails to exchange the personal access token.",
                "This is the server's own failure: look into its log.",
            )
        if status == httpx.codes.NOT_FOUND:
            return (
                "exchange-missing",
                "The server does not know personal access tokens.",
                "Use a legacy token, or check that the URL names the root of the server.",
            )
        if status < httpx.codes.BAD_REQUEST:
            return (
                "exchange-unusable",
                "The server's answer to the exchange of the personal access token holds no access token.",
                'Expected is 200 with {"access": "…"}. Does the URL name the root of the server?',
            )
        if ended is not None and ended <= self._clock():
            return (
                "key-expired",
                f"The personal access token has expired ({_day(ended)}).",
                "Make a new one in Label Studio: Account & Settings, 'Personal Access Token'.",
            )
        return (
            "key-refused",
            "The server refuses the personal access token.",
            "Is it revoked, or another server's? A new one: Account & Settings, 'Personal Access Token'.",
        )


def _usable_for(token: str, now: float) -> float:
    """Seconds for which an access token is used: its life, less a margin. Clocks that differ do no harm."""
    read = claims(token)
    expires = _number(read[1].get("exp")) if read else None
    issued = _number(read[1].get("iat")) if read else None
    lifetime = ASSUMED_LIFETIME if expires is None else expires - (now if issued is None else issued)
    return max(0.0, lifetime - min(MARGIN, lifetime / 5))


def _day(timestamp: float) -> str:
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return "long ago"
