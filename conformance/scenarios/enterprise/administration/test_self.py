"""The account behind a key, and how long keys last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.scenarios.accounts import with_role
from conformance.scenarios.checks import show_each
from conformance.scenarios.enterprise.steps import CLOSED

if TYPE_CHECKING:
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Wire

pytestmark = pytest.mark.destructive

ALONE = {"first_name": "Zażółć", "last_name": "Gęśla-Jaźń", "phone": "+48 22 000 00 00", "allow_newsletters": True}
MOVES = {"last_activity", "initials", "avatar", "org_membership", "organization_membership"}


def tells_password(value: object) -> bool:
    """Return whether a property ``password`` holds a text anywhere: its hash is a secret, too."""
    if isinstance(value, dict):
        return any((k == "password" and v and isinstance(v, str)) or tells_password(v) for k, v in value.items())
    return isinstance(value, list) and any(map(tells_password, value))


@pytest.mark.requirement("LS-SELF-001", "LS-SELF-002", "LS-SELF-003", "LS-SELF-004", "LS-SELF-005")
def test_people_change_themselves(api: Wire, show: Show, org: int, staff: Staff) -> None:
    person = with_role(api, "annotator")
    now = api.call("users.get_current_user", role=person.role)
    got = [now.json()["id"], now.json()["email"]]
    show.equal("LS-SELF-001", expected=[person.id, person.email], got=got, exchange=now)
    beside = api.call("users.get_current_user", role=staff.second.role).json()
    before, cases = now.json(), {}
    for name, value in ALONE.items():
        api.call("users.update_current_user", json={name: value}, role=person.role)
        after = api.call("users.get_current_user", role=person.role).json()
        changed = sorted(k for k, v in after.items() if before.get(k) != v and k not in MOVES)
        cases[name] = ({"changed": [name], "to": value}, {"changed": changed, "to": after.get(name)})
        before = after
    show_each("LS-SELF-002", show, api.call("users.get_current_user", role=person.role), cases)
    there = api.call("users.get_current_user", role=staff.second.role).json()
    kept = ("id", "email", *ALONE)
    show.equal("LS-SELF-003", expected=[beside[k] for k in kept], got=[there[k] for k in kept])
    secret = "a-password-of-the-conformance-suite"  # noqa: S105 - to be looked for
    with api.key_at_risk():
        answers = [
            api.call("users.update_current_user", json={"password": secret}, role=person.role, expect=None),
            api.call("users.get_current_user", role=person.role, expect=None),
        ]
        body = {"role": "AD", "organization_membership": {"role": "AD", "organization_id": org}}
        raised = api.call("users.update_current_user", json=body, role=person.role, expect=None)
    told = [
        answer.brief() for answer in answers if secret in answer.text or (answer.ok and tells_password(answer.json()))
    ]
    show("LS-SELF-004", not told, expected="no password", got=told, exchange=answers[0])
    listed = api.call("organizations.members.list", id=org, query={"search": person.email})
    roles = [item["role"] for item in listed.json()["results"]]
    show.equal("LS-SELF-005", expected=["AN"], got=roles, exchange=raised)


@pytest.mark.requirement("LS-LIFETIME-001", "LS-LIFETIME-002")
def test_lifetimes_are_the_administrators(api: Wire, show: Show, staff: Staff) -> None:
    before = api.call("jwt_settings.get").json()
    names = ("api_tokens_enabled", "legacy_api_tokens_enabled", "api_token_ttl_days")
    settings = {name: before[name] for name in names}
    policy = api.call("session_policy.get").json()
    other = {**settings, "api_token_ttl_days": 77}
    for person in (staff.manager, staff.reviewer, staff.annotator):
        for operation, body in (("jwt_settings.update", other), ("session_policy.update", {"max_session_age": 77})):
            answer = api.call(operation, json=body, role=person.role, expect=None)
            show.status("LS-LIFETIME-001", answer, *CLOSED)
    kept = [api.call("jwt_settings.get").json()["api_token_ttl_days"], api.call("session_policy.get").json()]
    show.equal("LS-LIFETIME-001", expected=[before["api_token_ttl_days"], policy], got=kept, signature="changed")
    try:
        api.call("jwt_settings.update", json=other)
        now = api.call("jwt_settings.get")
        show.equal("LS-LIFETIME-002", expected=other, got={k: now.json()[k] for k in names}, exchange=now)
    finally:
        api.call("jwt_settings.update", json=settings, expect=None)
