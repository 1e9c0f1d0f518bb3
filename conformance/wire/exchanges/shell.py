"""Shell lines that send a request again: what a stranger pastes, with the key in one variable.

``LABEL_STUDIO_API_KEY`` is the key of the run; a personal access token is exchanged within the line, as it is not
what requests carry. What it takes to reach the target at all (a CA, a client certificate, a proxy) is named by the
variables that the suite itself reads.
"""

from __future__ import annotations

import base64
import gzip
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from conformance.wire.exchanges.evidence import KEPT, UNINTERESTING

if TYPE_CHECKING:
    from conformance.wire.exchanges.exchange import Exchange
    from conformance.wire.exchanges.redact import Redactor
    from conformance.wire.messages import ConnectionSettings

KEY: Final = "$LABEL_STUDIO_API_KEY"
_EXCHANGE: Final = (
    """$({curl} -H 'Content-Type: application/json' -d '{{"refresh":"'"{key}"'"}}' {url} | cut -d'"' -f4)"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurlOptions:
    """How curl comes to the target.

    Attributes:
        options: of curl, each ready for a shell.
        refresh_url: where a personal access token is exchanged.
    """

    options: tuple[str, ...] = ()
    refresh_url: str = ""

    @classmethod
    def of(cls, connection: ConnectionSettings, base_url: str) -> Self:
        """The way of a run that connects like this."""
        named = (
            ("--cacert", "CA_BUNDLE", connection.ca_bundle),
            ("--cert", "CLIENT_CERT", connection.client_cert),
            ("--key", "CLIENT_KEY", connection.client_key),
            ("--proxy", "PROXY", connection.proxy),
        )
        options = [f'{option} "$LS_CONFORMANCE_{variable}"' for option, variable, given in named if given is not None]
        return cls(
            options=(*options, *(["--insecure"] if connection.insecure else [])),
            refresh_url=f"{base_url}/api/token/refresh/",
        )

    def authorization(self, scheme: str, role: str) -> str:
        """The header that carries the key of a role, for a shell to complete."""
        if role != "default":
            # of another account: whoever knows its key puts it there
            return f'"Authorization: {scheme} {KEY}_OF_{re.sub(r"[^A-Z0-9]", "_", role.upper())}"'
        if scheme != "Bearer":
            return f'"Authorization: {scheme} {KEY}"'
        curl = " ".join(["curl", "-sS", *self.options])
        return f'"Authorization: Bearer {_EXCHANGE.format(curl=curl, key=KEY, url=shlex.quote(self.refresh_url))}"'


def shell_line(exchange: Exchange, redactor: Redactor, options: CurlOptions) -> str:
    """A shell line that sends the same request.

    A body that is no text, or longer than 4 KiB, goes in packed; one that is too long even so is left to a file.
    """
    request = exchange.request
    source = ""
    parts = ["curl", "-sS", "-i", "--globoff", "--path-as-is", *options.options, "-X", request.method]
    if request.method == "HEAD":
        parts[-2:] = ["--head"]  # with -X it would wait for a body
    content_type = ""
    for name, value in request.headers:
        lower = name.lower()
        if lower == "content-type":
            content_type = value
        if lower == "authorization":
            scheme = value.partition(" ")[0]
            if exchange.role == "anonymous" or scheme not in {"Token", "Bearer"}:
                parts += ["-H", shlex.quote(f"{name}: {redactor.text(value)}")]
            else:
                parts += ["-H", options.authorization(scheme, exchange.role)]
        elif lower not in UNINTERESTING:
            parts += ["-H", shlex.quote(f"{name}: {redactor.text(value)}")]
    if request.content:
        source, body = _body(redactor.sendable(request.content, content_type.split(";")[0].strip().lower()))
        parts += ["--data-binary", body]
    parts.append(shlex.quote(redactor.url(request.url)))
    return source + " ".join(parts)


def _body(content: bytes) -> tuple[str, str]:
    """Return what stands before ``curl`` in a shell line, and its argument for the body."""
    if len(content) <= KEPT and b"\0" not in content:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            pass
        else:
            if not text.startswith("@"):  # to curl that is the name of a file
                return "", shlex.quote(text)
    packed = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    if len(packed) > KEPT:
        return "", "@body.bin"
    return f"echo {packed} | base64 -d | gunzip | ", "@-"
