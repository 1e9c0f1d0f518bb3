"""Renders preflight failures: one screen per reason. Nothing is sent from here."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import httpx

from conformance.errors import ConformanceError, ExitCode, printable
from conformance.target.credentials import REFRESH_PATH, CredentialsRefused, KeyKind
from conformance.wire.network.errors import ConnectFailed, TransportError

if TYPE_CHECKING:
    from conformance.target.settings import TargetSettings
    from conformance.wire.messages import RawResponse

SHOWN = 200
"""Characters of a body that are shown."""
KEY = "$LABEL_STUDIO_API_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that the preflight tried.

    Attributes:
        tried: the shell line that does the same.
        secrets: what must not show up, whatever the server sends back.
    """

    tried: str
    secrets: frozenset[str] = field(repr=False)


class PreflightFailed(ConformanceError):
    """The target cannot be judged.

    Attributes:
        tried: the shell line that does the same, with ``$LABEL_STUDIO_API_KEY`` in place of the key.
        came: what came back, or why nothing did.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TARGET_UNUSABLE
    title: ClassVar[str] = "The target cannot be judged"

    def __init__(self, message: str, *, code: str, tried: str, came: str, hint: str) -> None:
        super().__init__(message, code=code, cause=came, hint=hint)
        self.tried = tried
        self.came = came

    def sections(self) -> tuple[tuple[str, str], ...]:
        """See the base class."""
        return (("What was tried", self.tried), ("What came", self.came), ("What to do", self.hint))


def curl(settings: TargetSettings, method: str, path: str, scheme: str | None, body: str = "") -> str:
    """The shell line for one request; the shell puts the key in."""
    parts = ["curl", "-sS", "-i"]
    if method != "GET":
        parts += ["-X", method]
    connection = settings.connection
    for option, value in (
        ("--cacert", connection.ca_bundle),
        ("--cert", connection.client_cert),
        ("--key", connection.client_key),
    ):
        if value is not None:
            parts += [option, shlex.quote(str(value))]
    if connection.insecure:
        parts.append("--insecure")
    if connection.proxy:
        scheme_of_proxy, _, rest = connection.proxy.partition("://")
        parts += ["--proxy", shlex.quote(f"{scheme_of_proxy}://{rest.rpartition('@')[2]}")]
    if scheme == "Token":
        parts += ["-H", f'"Authorization: Token {KEY}"']
    elif scheme == "Bearer":
        parts += ["-H", '"Authorization: Bearer $ACCESS_TOKEN"']
    if body:
        parts += ["-H", "'Content-Type: application/json'", "-d", body]
    return " ".join([*parts, shlex.quote(f"{settings.url}{path}")])


def curl_exchange(settings: TargetSettings) -> str:
    """The shell line that exchanges a personal access token."""
    return curl(settings, "POST", REFRESH_PATH, None, body=f'"{{\\"refresh\\": \\"{KEY}\\"}}"')


def came(response: RawResponse, secrets: frozenset[str]) -> str:
    """Status, content type, target of a redirect, and the beginning of the body."""
    kind = response.headers.get("content-type", "no content type")
    size = f"more than {len(response.content)}" if response.truncated else str(len(response.content))
    lines = [f"{response.status}, {printable(kind, limit=80)}, {size} bytes"]
    if "location" in response.headers:
        lines.append(f"Location: {printable(_without(response.headers['location'], secrets), limit=SHOWN)}")
    # Secrets are taken out before the text is cut: half a secret would not be recognised.
    text = _without(response.content[: 16 * SHOWN].decode("utf-8", "replace"), secrets)
    lines.append(printable(" ".join(text.split()), limit=SHOWN) or "(no body)")
    return "\n".join(lines)


def _without(text: str, secrets: frozenset[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def masked_email(email: str) -> str:
    """``a***@example.com``."""
    name, at, host = email.rpartition("@")
    return f"{printable(name[:1])}***@{printable(host, limit=60)}" if at else ""


def failed(error: TransportError, step: Step) -> PreflightFailed:
    """No response."""
    return PreflightFailed(
        error.message,
        code=error.code,
        tried=step.tried,
        came=_without(f"No response. {error.cause}".strip(), step.secrets),
        hint=error.hint + (_LOOPBACK if isinstance(error, ConnectFailed) and error.code == "connect-refused" else ""),
    )


_LOOPBACK = (
    "\nIn a container, 127.0.0.1 is the container itself, and not its host."
    "\nWithout --target (and LABEL_STUDIO_URL) the suite starts its own Label Studio."
)


def _api_hint(url: str) -> str:
    if not url.endswith("/api"):
        return ""
    return f"\nThe URL must be that of the root, without /api: try {url.removesuffix('/api')}"


def not_label_studio(response: RawResponse, step: Step, url: str) -> PreflightFailed:
    """Something answers ``/api/version/``, but not with Label Studio's version document."""
    status = response.status
    message, code = f"What answers at {url} is not Label Studio.", "not-label-studio"
    hint = "A JSON object with release and label-studio-os-package was expected. Check host and port."
    hint += _api_hint(url)
    if httpx.codes.is_redirect(status):
        message, code = f"{url} answers with a redirect.", "redirected"
        hint = (
            "Redirects are not followed, so that the key goes nowhere but to the target. "
            "If the redirect leads to Label Studio's root, give that URL (https instead of http?)."
        )
    elif status in {401, 403, 407}:
        message, code = f"{url} does not show its version without a login.", "version-protected"
        hint = "Label Studio shows /api/version/ without a login. Is there a gateway with its own login in front?"
    elif status == httpx.codes.TOO_MANY_REQUESTS:
        message, code, hint = (
            f"{url} rejects requests because there are too many (429).",
            "rate-limited",
            "Wait, or send fewer requests per second with --rate.",
        )
    elif status >= httpx.codes.INTERNAL_SERVER_ERROR:
        message, code = f"{url} answers with a server error.", "server-failure"
        hint = "Is the server still starting, or is a gateway without its server? The server's log shows the reason."
    return PreflightFailed(message, code=code, tried=step.tried, came=came(response, step.secrets), hint=hint)


def key_refused(response: RawResponse, step: Step, kind: KeyKind) -> PreflightFailed:
    """The server does not take the key."""
    text = response.content[:4096].decode("utf-8", "replace").lower()
    code = "key-refused"
    if "credentials were not provided" in text:
        code = "no-key-came"
        hint = (
            "The server received no key: something between here and there takes the header Authorization out. "
            "Let the gateway pass it on (its own login can be sent with --header), or use an address without it."
        )
    elif kind is KeyKind.LEGACY and "legacy" in text:
        code = "legacy-tokens-disabled"
        hint = (
            "Legacy tokens are switched off on this server: use a personal access token "
            "(Account & Settings), or let an administrator switch them on (Organization, API token settings)."
        )
    elif kind is KeyKind.LEGACY:
        hint = (
            "Copy the key again: Account & Settings, 'Legacy Token' or 'Personal Access Token'. "
            "A personal access token has three parts with dots between them, and all three are required."
        )
    else:
        hint = (
            "The server exchanged this personal access token, and then rejected the access token that it gave: "
            "are personal access tokens switched off for the organisation, or the user deactivated?"
        )
    return PreflightFailed(
        f"The server rejects the API key (recognised as a {kind.value}).",
        code=code,
        tried=step.tried,
        came=came(response, step.secrets),
        hint=hint,
    )


def key_unclear(response: RawResponse, step: Step, url: str) -> PreflightFailed:
    """Neither a yes nor a no to the key."""
    broken = response.status >= httpx.codes.INTERNAL_SERVER_ERROR
    hint = "A JSON object with the user's id was expected. Is this an unmodified Label Studio API?"
    if broken:
        hint = "The server failed: its log shows the reason."
    return PreflightFailed(
        "The server does not show whether the API key is valid.",
        code="server-failure" if broken else "key-unclear",
        tried=step.tried,
        came=came(response, step.secrets),
        hint=hint + _api_hint(url),
    )


def refused(error: CredentialsRefused, settings: TargetSettings) -> PreflightFailed:
    """The exchange of a personal access token failed."""
    if error.response is None:
        return PreflightFailed(
            error.message, code=error.code, tried="", came="Nothing was sent with it.", hint=error.hint
        )
    return PreflightFailed(
        error.message,
        code=error.code,
        tried=curl_exchange(settings),
        came=came(error.response, settings.secrets()),
        hint=error.hint,
    )
