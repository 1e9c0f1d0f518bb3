"""Checks before a run that the target answers, is Label Studio, and accepts the key; `run.session` calls it."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx

from conformance.errors import printable
from conformance.target import screens
from conformance.target.credentials import Credentials, CredentialsRefused, KeyKind
from conformance.target.screens import PreflightFailed, Step
from conformance.wire.messages import ConnectionSettings, RawRequest
from conformance.wire.network.errors import TransportError
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.target.settings import TargetSettings
    from conformance.wire.messages import RawResponse

__all__ = ["PreflightFailed", "TargetFacts", "preflight"]

PRODUCT = "Label Studio"
VERSION_PATH = "/api/version/"
WHOAMI_PATH = "/api/current-user/whoami"
PROJECTS_PATH = "/api/projects/?page_size=1"
OWN_SCHEMA_PATH = "/docs/api/schema/json/"
BUDGET = 10.0
"""Seconds for all requests together that a run cannot do without."""
PATIENCE = 4.0
"""Seconds of silence to endure, per request; also for a connection."""
MAX_BODY = 256 * 1024
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _OK = 401, 403, 404, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What the target says of itself and of the key.

    Attributes:
        url: root of the server, without a slash at its end.
        product: ``Label Studio``.
        version: as the server announces it; empty if it does not.
        edition: ``community`` or ``enterprise``: announced, or else guessed from the packages that it lists.
        key_kind: which kind of key works.
        user_id: who the key belongs to; None if the server does not tell.
        email: the same, masked (``a***@example.com``); empty if not told.
        organization: id of the active organisation; None if not told.
        owner: the user made the organisation; None if not told.
        role: the user's role, where the edition has roles.
        rights: names of the permissions that the server says the user has, sorted.
        version_digest: SHA-256 (hex) of the version document, as it came.
        own_schema_available: the server publishes an OpenAPI document of itself.
    """

    url: str
    product: str
    version: str
    edition: str
    key_kind: KeyKind
    user_id: int | None
    email: str
    organization: int | None
    owner: bool | None
    role: str
    rights: tuple[str, ...] = field(repr=False)
    version_digest: str
    own_schema_available: bool


def preflight(
    settings: TargetSettings,
    transport_factory: Callable[[ConnectionSettings], Transport] = Transport,
    *,
    budget: float = BUDGET,
    patience: float = PATIENCE,
) -> TargetFacts:
    """Look at the target with a handful of harmless requests.

    Args:
        settings: where the target is; ``url`` and ``api_key`` must be there (an embedded one has started).
        transport_factory: makes the transport; for tests.
        budget: seconds for everything that is needed.
        patience: read timeout of each request in seconds.

    Raises:
        PreflightFailed: the target cannot be judged; its text says what was tried, what came and what to do.
    """
    if settings.url is None or settings.api_key is None:
        raise ValueError("preflight needs a URL and an API key")
    connection = replace(
        settings.connection,
        connect_timeout=min(patience, settings.connection.connect_timeout),
        read_timeout=min(patience, settings.connection.read_timeout),
        attempts=1,
    )
    try:
        transport = transport_factory(connection)
    except TransportError as error:
        raise screens.failed(error, Step(tried="", secrets=settings.secrets())) from error
    with transport:
        look = _Look(settings, settings.url, transport, time.monotonic() + budget, patience)
        document, raw = look.version()
        credentials = Credentials(
            settings.api_key, base_url=settings.url, transport=transport, timeout=min(patience, budget)
        )
        user = look.user(credentials)
        return TargetFacts(
            url=settings.url,
            product=PRODUCT,
            version=_announced_version(document),
            edition=_edition(document),
            key_kind=credentials.kind,
            **_person(user),
            version_digest=hashlib.sha256(raw).hexdigest(),
            own_schema_available=look.own_schema(),
        )


class _Look:
    """The requests of one preflight; every failure becomes a screen."""

    def __init__(self, settings: TargetSettings, url: str, transport: Transport, until: float, patience: float) -> None:
        self._settings = settings
        self._url = url
        self._transport = transport
        self._until = until
        self._patience = patience

    def _get(self, path: str, credentials: Credentials | None) -> tuple[RawResponse, Step]:
        secrets = self._settings.secrets()
        step = Step(tried=screens.curl(self._settings, "GET", path, None), secrets=secrets)
        try:
            authorization = credentials.header() if credentials else {}
            if credentials is not None:
                secrets |= credentials.secrets()
                scheme = "Token" if credentials.kind is KeyKind.LEGACY else "Bearer"
                step = Step(tried=screens.curl(self._settings, "GET", path, scheme), secrets=secrets)
            left = max(0.05, self._until - time.monotonic())
            request = RawRequest(
                method="GET",
                url=self._url + path,
                headers=(("Accept", "application/json"), *authorization.items()),
                timeout=min(self._patience, left),
            )
            return self._transport.send(request, max_bytes=MAX_BODY, deadline=left), step
        except CredentialsRefused as error:
            raise screens.refused(error, self._settings) from error
        except TransportError as error:
            if error.request is not None and error.request.method == "POST":
                step = replace(step, tried=screens.curl_exchange(self._settings))
            raise screens.failed(error, step) from error

    def version(self) -> tuple[dict[str, Any], bytes]:
        """The version document. Asked for without the key: a stranger at this address shall not get it."""
        response, step = self._get(VERSION_PATH, None)
        document = _object(response)
        if response.status != _OK or document is None or not _is_label_studio(document):
            raise screens.not_label_studio(response, step, self._url)
        return document, response.content

    def user(self, credentials: Credentials) -> dict[str, Any]:
        """Return who the key belongs to; empty if the server knows the key but has no such operation."""
        response, step = self._get(WHOAMI_PATH, credentials)
        user = _object(response)
        if response.status == _OK and user is not None and isinstance(user.get("id"), int):
            return user
        if response.status in {_UNAUTHORIZED, _FORBIDDEN} or httpx.codes.is_redirect(response.status):
            raise screens.key_refused(response, step, credentials.kind)
        if response.status == _NOT_FOUND:
            # One missing operation is a finding of the run, not a reason not to run.
            response, step = self._get(PROJECTS_PATH, credentials)
            if response.status == _OK and isinstance((_object(response) or {}).get("results"), list):
                return {}
            if response.status in {_UNAUTHORIZED, _FORBIDDEN}:
                raise screens.key_refused(response, step, credentials.kind)
        raise screens.key_unclear(response, step, self._url)

    def own_schema(self) -> bool:
        """Return whether there is an OpenAPI document; nothing that goes wrong here stops the run."""
        request = RawRequest(method="GET", url=self._url + OWN_SCHEMA_PATH, headers=(("Accept", "application/json"),))
        try:
            response = self._transport.send(request, max_bytes=4096, deadline=2 * self._patience)
        except TransportError:
            return False
        # Only the beginning is read: the document has hundreds of KiB.
        return response.status == _OK and response.content.lstrip()[:1] == b"{" and b'"openapi"' in response.content


def _object(response: RawResponse) -> dict[str, Any] | None:
    """The JSON object of a response; None if it is anything else, or too long to be one."""
    if response.truncated:
        return None
    try:
        value = json.loads(response.content)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
    return value if isinstance(value, dict) else None


def _is_label_studio(document: dict[str, Any]) -> bool:
    """A version document names at least a release, and a part of Label Studio or its edition."""
    release = document.get("release")
    if not isinstance(release, str) or not release:
        return False
    editions = {"community", "enterprise"}
    named = str(document.get("edition", "")).lower() in editions
    return named or any(key.startswith(("label-studio", "label_studio")) for key in document)


def _announced_version(document: dict[str, Any]) -> str:
    return printable(str(document["release"]), limit=60)


def _edition(document: dict[str, Any]) -> str:
    announced = str(document.get("edition", "")).lower()
    if announced in {"community", "enterprise"}:
        return announced
    return "enterprise" if any("enterprise" in key.lower() for key in document) else "community"


def _person(user: dict[str, Any]) -> dict[str, Any]:
    """The part of :class:`TargetFacts` that is about the user; nothing in it is taken for granted."""
    email = user.get("email") if isinstance(user.get("email"), str) else ""
    organization = user.get("active_organization")
    meta = user.get("active_organization_meta")
    creator = meta.get("email") if isinstance(meta, dict) else None
    membership = user.get("organization_membership")
    role = membership.get("role") if isinstance(membership, dict) else None
    rights = user.get("permissions")
    return {
        "user_id": user.get("id"),
        "email": screens.masked_email(email or ""),
        "organization": organization if isinstance(organization, int) else None,
        "owner": creator == email if creator and email else None,
        "role": printable(role, limit=60) if isinstance(role, str) else "",
        "rights": tuple(sorted(r for r in rights if isinstance(r, str))) if isinstance(rights, list) else (),
    }
