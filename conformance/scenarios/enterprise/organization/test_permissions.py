"""Overrides of what the organisation's roles may do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive


class Permissions:
    """The overrides of an organisation."""

    def __init__(self, api: Wire, org: int) -> None:
        self._api = api
        self._org = org

    def call(self, method: str, permission: str | None = None, **how: Any) -> Exchange:
        """Call an operation about overrides, or about the one of a permission."""
        path: dict[str, Any] = {"permission": permission} if permission is not None else {}
        return self._api.call(f"organizations.permissions.{method}", id=self._org, **path, **how)

    def listed(self) -> dict[str, list[str]]:
        """Return who has which permission by an override."""
        return {one["permission"]: sorted(one["roles"]) for one in self.call("list").json()}

    def free(self, count: int) -> list[dict[str, Any]]:
        """Permissions that nobody has overridden, and that two roles may get."""
        taken = self.listed()
        options = self.call("get_options").json()
        return [o for o in options if o["permission"] not in taken and len(o["options"]) > 1][:count]

    @contextmanager
    def overridden(self, option: dict[str, Any], *roles: str) -> Iterator[Exchange]:
        """Override a permission for a while."""
        name = option["permission"]
        try:
            yield self.call("create", json={"permission": name, "roles": list(roles)})
        finally:
            self.call("delete", name, expect=None)


@pytest.fixture
def permissions(api: Wire, org: int) -> Permissions:
    """The organisation's overrides."""
    return Permissions(api, org)


@pytest.mark.requirement("LS-PERMISSION-001")
def test_what_can_be_overridden_is_told(show: Show, permissions: Permissions) -> None:
    told = permissions.call("get_options")
    names = [option["permission"] for option in told.json()]
    odd = sorted({o["permission"] for o in told.json() if not o["options"] or names.count(o["permission"]) > 1})
    show("LS-PERMISSION-001", bool(names) and not odd, expected="each once", got=odd or names, exchange=told)


@pytest.mark.requirement("LS-PERMISSION-002", "LS-PERMISSION-003", "LS-PERMISSION-004", "LS-PERMISSION-005")
def test_an_override_comes_changes_and_goes(show: Show, permissions: Permissions) -> None:
    option, other = permissions.free(2)
    name, (one, two) = option["permission"], option["options"][:2]
    both = sorted([one, two])
    with permissions.overridden(other, other["options"][0]), permissions.overridden(option, one, two) as made:
        beside = permissions.listed()[other["permission"]]
        read = permissions.call("get", name)
        got = [read.json()["permission"], sorted(read.json()["roles"]), permissions.listed().get(name)]
        show.equal("LS-PERMISSION-002", expected=[name, both, both], got=got, exchange=made)
        replaced = permissions.call("replace", name, json={"permission": name, "roles": [two]})
        show.equal(
            "LS-PERMISSION-003", expected=[two], got=permissions.call("get", name).json()["roles"], exchange=replaced
        )
        changed = permissions.call("update", name, json={"roles": [one, two]})
        now = permissions.call("get", name).json()
        got_ = [now["permission"], sorted(now["roles"])]
        show.equal("LS-PERMISSION-004", expected=[name, both], got=got_, exchange=changed)
        permissions.call("delete", name)
        gone = permissions.call("get", name, expect=None)
        left = permissions.listed()
        show.status("LS-PERMISSION-005", gone, *GONE)
        state = [name in left, left.get(other["permission"])]
        show.equal("LS-PERMISSION-005", expected=[False, beside], got=state, signature="left")


@pytest.mark.requirement("LS-PERMISSION-006", "LS-PERMISSION-007")
def test_what_does_not_exist_is_refused(show: Show, permissions: Permissions) -> None:
    option = permissions.free(1)[0]
    name, one = option["permission"], option["options"][0]
    with permissions.overridden(option, one):
        for method in ("update", "replace"):
            refused = permissions.call(method, name, json={"permission": name, "roles": ["XX"]}, expect=None)
            show.status("LS-PERMISSION-006", refused, 400)
        now = permissions.call("get", name)
        show.equal("LS-PERMISSION-006", expected=[one], got=now.json()["roles"], exchange=now, signature="changed")
        before = permissions.listed()
        unknown = permissions.call("create", json={"permission": "no.such.permission", "roles": [one]}, expect=None)
        show.status("LS-PERMISSION-007", unknown, 400)
        show.equal("LS-PERMISSION-007", expected=before, got=permissions.listed(), signature="overridden")
