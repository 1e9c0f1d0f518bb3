"""Takes secrets out of everything that is kept of an exchange."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from conformance.wire.exchanges.secrets import SecretForms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MASK = "***"
_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-csrftoken", "x-api-key"})
# Field and query names whose values are secrets, whatever product they come from.
_NAMES = re.compile(
    r"(?i)^(.*_)?(token|access|refresh|password|passwd|secret|api_?key|account_key|access_key(_id)?"
    r"|secret_access_key|session_token|application_credentials|service_account.*|signature|sig|credential(s)?"
    r"|x-amz-(signature|credential|security-token)|jwt|csrfmiddlewaretoken|invite_url|auth_token)$"
)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}(\.[\w-]*)?")
_SCHEME = re.compile(r"(?i)\b(token|bearer|basic)\s+[\w.~+/=-]{8,}")
# The same names inside text that doesn't parse as JSON (cut off, malformed on purpose).
_PAIR = re.compile(
    r'(?i)("[\w-]*(?:token|access|refresh|password|secret|api_?key|account_key|access_key|credentials?|jwt)[\w-]*"\s*:\s*)"(?:[^"\\]|\\.)*"?'
)
_BETWEEN = "\0"
"""Stands between texts that are looked into together: no secret goes beyond it."""
_PARSED = 1 << 20
_MARGIN = 4096
"""Characters; no secret in any of its forms is longer."""


class Redactor:
    """Knows the run's own secrets and the names that secrets go by.

    Args:
        secrets: called each time, since access tokens change while a run goes on; the same object where none has.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        self._secrets = secrets
        self._forms = SecretForms()
        self._learnt: Iterable[str] | None = None

    def known(self, value: str) -> str:
        """Mask known secrets in a sentence of the suite's own, in every form of `written_forms`."""
        secrets = self._secrets()
        if secrets is not self._learnt:
            self._forms.learn(secrets)
            self._learnt = secrets
        for form in self._forms.within(value):
            value = value.replace(form, MASK)
        return value

    def text(self, value: str) -> str:
        """Mask known secrets, JWTs and ``Token …``/``Bearer …`` in a text."""
        value = _JWT.sub(MASK, self.known(value))
        return _SCHEME.sub(lambda m: f"{m[1]} {MASK}", value)

    def headers(self, pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
        """Header pairs with secret values masked; the scheme of ``Authorization`` stays readable."""
        names, values = [], []
        for name, value in pairs:
            names.append(name)
            if name.lower() in _HEADERS:
                scheme, _, rest = value.partition(" ")
                values.append(f"{scheme} {MASK}" if rest and name.lower() == "authorization" else MASK)
            else:
                values.append(value)
        # all at once: to look into a text costs more than the length of a header
        masked = self.text(_BETWEEN.join(values)).split(_BETWEEN)
        if len(masked) != len(names):  # a value holds what no header may hold
            masked = [self.text(value) for value in values]
        return [[name, value] for name, value in zip(names, masked, strict=True)]

    def url(self, url: str) -> str:
        """A URL whose secret query values are masked; one without secrets stays as it is, byte for byte."""
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        if any(_NAMES.match(name) for name, _ in pairs):
            query = urlencode([(n, MASK if _NAMES.match(n) else v) for n, v in pairs], safe="*")
            url = urlunsplit(parts._replace(query=query))
        return self.text(url)

    def excerpt(self, content: bytes, content_type: str, size: int) -> str:
        """The beginning of a body as text, secrets masked; bytes that are no text are shown as a length.

        Args:
            content: the body.
            content_type: without parameters.
            size: characters to show; where there are more, their number is said.
        """
        if not content:
            return ""
        try:
            text = content.decode()
        except UnicodeDecodeError:
            if not content_type.startswith(("multipart/", "text/", "application/json")):
                return f"({len(content)} bytes of {content_type or 'unknown type'})"
            text = content.decode(errors="backslashreplace")
        named = self._without_named(text, content_type)
        if len(named) <= size + _MARGIN:
            shown = self.text(named)
            return shown if len(shown) <= size else f"{shown[:size]}… ({len(shown)} characters)"
        # to look for secrets costs more than the exchange did: it ends where no more is shown, and what could be the
        # beginning of a secret there is left out
        shown = self.text(named[: size + _MARGIN])[:-_MARGIN]
        return f"{shown[:size]}… ({len(named)} characters)"

    def _masked(self, text: str, content_type: str) -> str:
        return self.text(self._without_named(text, content_type))

    def _without_named(self, text: str, content_type: str) -> str:
        """A body without the values that are secret by their names."""
        if ("json" in content_type or text[:1] in "{[") and len(text) <= _PARSED:
            try:
                value = json.loads(text)
                masked = self.value(value)
            except (ValueError, RecursionError):
                return _PAIR.sub(rf'\1"{MASK}"', text)
            # a body without secrets is shown as it was sent, byte for byte
            return text if masked == value else json.dumps(masked, ensure_ascii=False)
        text = _PAIR.sub(rf'\1"{MASK}"', text)
        if "x-www-form-urlencoded" in content_type:
            pairs = parse_qsl(text, keep_blank_values=True)
            if any(_NAMES.match(n) for n, _ in pairs):
                text = urlencode([(n, MASK if _NAMES.match(n) else v) for n, v in pairs], safe="*")
        return text

    def sendable(self, content: bytes, content_type: str) -> bytes:
        """A body that can be sent again: byte for byte what was sent where there is no secret in it."""
        try:
            text = content.decode()
        except UnicodeDecodeError:
            # each byte as one character: secrets are plain ASCII, and the way back is exact
            return self._masked(content.decode("latin-1"), content_type).encode("latin-1", "backslashreplace")
        return self._masked(text, content_type).encode(errors="backslashreplace")

    def value(self, data: Any) -> Any:
        """A JSON value with the values of secret-named fields masked (empty and boolean ones stay)."""
        if isinstance(data, dict):
            return {
                k: MASK if isinstance(v, str) and v and _NAMES.match(str(k)) else self.value(v) for k, v in data.items()
            }
        if isinstance(data, list):
            return [self.value(v) for v in data]
        return data
