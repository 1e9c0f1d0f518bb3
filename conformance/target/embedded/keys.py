"""The keys of an embedded server under the policy that ships: a personal access token, and no legacy ones."""

from __future__ import annotations

import http.client
import json
from typing import Any

from conformance.target.embedded.errors import StartFailed
from conformance.target.embedded.ready import LOOPBACK

_WITHIN = 30.0
_PERSONAL_ONLY = {"api_tokens_enabled": True, "legacy_api_tokens_enabled": False}


def personal_only(port: int, legacy: str) -> str:
    """Make a personal access token, then switch legacy tokens off; returns the token.

    Raises:
        StartFailed: The server would not do it; versions before personal access tokens can't.
    """
    token = _asked(port, legacy, "/api/token/", {})["token"]
    _asked(port, legacy, "/api/jwt/settings", _PERSONAL_ONLY)
    return str(token)


def _asked(port: int, legacy: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_WITHIN)
    headers = {"Authorization": f"Token {legacy}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise _refused(path, str(problem)) from problem
    finally:
        connection.close()
    if response.status not in {200, 201} or not isinstance(answer, dict):
        raise _refused(path, f"it answered {response.status}")
    return answer


def _refused(path: str, cause: str) -> StartFailed:
    return StartFailed(
        "the embedded Label Studio can't be brought to the policy that ships",
        cause=f"POST {path}: {cause}",
        hint="versions without personal access tokens are judged under the policy `open`",
    )
