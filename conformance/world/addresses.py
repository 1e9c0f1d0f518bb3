"""Finds out which addresses the target accepts: SSRF protection rejects some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.wire import RefusedByGuard

if TYPE_CHECKING:
    from conformance.wire import Wire

PROTECTED = "The target refuses addresses of this machine (protection against SSRF)."
# Port 9 of loopback, where nobody listens; and of a network that serves DNS and nothing else (AS112, RFC 7534), since
# protection against SSRF refuses private and reserved addresses. Only for what is never sent.
UNUSED = ("http://127.0.0.1:9/nobody-listens", "http://192.175.48.1:9/nobody-listens")
_NO_ACTION = "no such action"
_BAD_REQUEST = 400


def takes(wire: Wire, url: str) -> bool:
    """Return whether the target accepts this address for a webhook.

    It is asked with an action that does not exist, so that nothing is made: it takes the address if that action is all
    that it complains of. Where it can't be asked it is taken to.
    """
    body = {"url": url, "is_active": False, "actions": [_NO_ACTION]}
    try:
        with wire.unchecked(), wire.key_at_risk():
            answer = wire.call("webhooks.create", json=body, expect=None)
    except RefusedByGuard:
        return True
    if answer.ok:
        return True
    errors = (answer.object() or {}).get("validation_errors", answer.object())
    return answer.status == _BAD_REQUEST and isinstance(errors, dict) and "url" not in errors


def unused(wire: Wire) -> str:
    """An address that the target takes, for what is stored and never sent; the first one if it takes none."""
    return next((url for url in UNUSED if takes(wire, url)), UNUSED[0])
