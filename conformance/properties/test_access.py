"""Requests without a key, with a wrong one, or with a replaced one are rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.judge.observation import Observation, Outcome, Verb
from conformance.outcomes import Unsupported
from conformance.properties.judging.recording import record
from conformance.properties.registry import shows
from conformance.target.credentials import Credentials
from conformance.wire.checking.checks import route_missing
from conformance.world import CannotMake
from conformance.world.keys import LEGACY_OFF

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.judging.recording import Check
    from conformance.wire import Exchange, Wire
    from conformance.world import World

NOBODYS = "0123456789abcdef0123456789abcdef01234567"
UNAUTHORIZED = 401
REFUSED = (UNAUTHORIZED, 403)


@pytest.fixture(scope="session")
def roles(whole_world: World, wire: Wire, policy: DepthPolicy) -> dict[str, str]:
    """Rule -> role whose key is no good: none, one that nobody has, and (where somebody may sign up) a replaced one.

    The role is empty where the target has switched off the keys that can be replaced.
    """
    if not policy.thorough:
        return {"refuses-anonymous": "anonymous"}
    found = {"refuses-anonymous": "anonymous", "refuses-wrong-key": "nobody"}
    keys = {"nobody": NOBODYS}
    if wire.disposable:
        try:
            keys["revoked"] = whole_world.account.revoked()
            found["refuses-revoked-key"] = "revoked"
        except CannotMake:
            pass
        except Unsupported:
            found["refuses-revoked-key"] = ""
    for role, key in keys.items():
        wire.credentials[role] = Credentials(key, base_url=wire.base_url, transport=wire.transport)
    return found


@shows("refuses-anonymous", "refuses-wrong-key", "refuses-revoked-key", "challenge")
def test_access(operation: Operation, whole_world: World, wire: Wire, roles: dict[str, str], check: Check) -> None:
    """Without a valid key there is no answer but 401 (or 403), and a 401 says how to get further."""
    with check.prerequisites():
        prepared = whole_world.request(operation.id)
    arguments = prepared.arguments()
    for rule, role in roles.items():
        if not role:
            record(
                wire,
                Observation(
                    requirement=f"{operation.id}#{rule}",
                    outcome=Outcome.UNSUPPORTED,
                    operation=operation.id,
                    rule=rule,
                    message=LEGACY_OFF,
                    signature="legacy tokens are off",
                ),
            )
            continue
        exchange = wire.call(operation.id, expect=None, **{**arguments, "role": role}, **prepared.path)
        whole_world.note(exchange)
        if exchange.response is None or route_missing(exchange):
            return
        judge(check, operation, rule, exchange)


def judge(check: Check, operation: Operation, rule: str, exchange: Exchange) -> None:
    """Record whether a request without a valid key was refused as it should be."""
    check(
        rule=rule,
        holds=exchange.status in REFUSED,
        message=f"{operation} answered {exchange.status} to a request without a valid key.",
        expected="status 401",
        got=str(exchange.status),
        signature=f"HTTP {exchange.status}",
        exchange=exchange,
        # letting strangers in is the breach; a 400 before the key is looked at is merely odd
        verb=Verb.MUST if exchange.succeeded or exchange.status in REFUSED else Verb.SHOULD,
    )
    if exchange.status == UNAUTHORIZED and exchange.response is not None:
        check(
            rule="challenge",
            holds=bool(exchange.response.headers.get("www-authenticate")),
            message=f"{operation} answered 401, and not how to show a key.",
            expected="WWW-Authenticate: …",
            got="no such header",
            signature="no challenge",
            exchange=exchange,
        )
