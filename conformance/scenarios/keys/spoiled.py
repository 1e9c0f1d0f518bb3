"""Makes invalid tokens: every way in which a JWT (RFC 7519) can be wrong without knowing the signing key."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_GONE: Final = object()
LONG: Final = "9" * 300


def _part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def _claims(of: Mapping[str, Any], number: int, **changed: Any) -> dict[str, Any]:
    """The claims under an id that nobody was given, with some changed or left out."""
    whole = {**of, "jti": f"{number:032x}", **changed}
    return {k: v for k, v in whole.items() if v is not _GONE}


def made_up(like: str) -> dict[str, str]:
    """Tokens that nobody was given, by what is odd about them; their claims are those of ``like`` but for its id."""
    head, _, signature = like.split(".")
    claims = claims_of(like)
    odd: dict[str, Any] = {
        "only the id is wrong": _claims(claims, 1),
        "no id": {k: v for k, v in claims.items() if k != "jti"},
        "id is null": {**claims, "jti": None},
        "id is a list": {**claims, "jti": [1]},
        "id is a number": {**claims, "jti": 5},
        "id is very long": {**claims, "jti": LONG},
        "no user": _claims(claims, 2, user_id=_GONE),
        "user is nobody": _claims(claims, 3, user_id=2_000_000_001),
        "user is a word": _claims(claims, 4, user_id="somebody"),
        "no end": _claims(claims, 5, exp=_GONE),
        "end is a word": _claims(claims, 6, exp="never"),
        "end is beyond all time": _claims(claims, 7, exp=10**30),
        "ended": _claims(claims, 8, exp=1),
        "another type": _claims(claims, 9) | {"token_type": "access"},
        "claims are a list": [1],
        "claims are a text": "claims",
        "claims are no JSON": b"{",
    }
    unsigned = {name: f"{head}.{_part(value)}" for name, value in odd.items()}
    first = unsigned["only the id is wrong"]
    other = {
        "another's signature": f"{first}.{signature}",
        "alg none": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(_claims(claims, 10))}.",
        "another alg": f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(_claims(claims, 11))}.{signature}",
        "no header": f".{_part(_claims(claims, 12))}.{signature}",
        "one part": "token",
        "empty": "",
    }
    return {**unsigned, **other}
