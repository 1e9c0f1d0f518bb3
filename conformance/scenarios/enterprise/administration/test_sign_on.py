"""Single sign-on: SAML and SCIM settings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.checks import SENSELESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

GROUPS = ("roles_groups", "workspaces_groups", "projects_groups")
FIELDS = ("domain", "mapping_email", "mapping_first_name", "mapping_last_name", "mapping_groups", *GROUPS)


class SignOn:
    """The settings of one way to sign on, which are written back afterwards."""

    def __init__(self, api: Wire, way: str, fields: tuple[str, ...]) -> None:
        self._api = api
        self._way = way
        self.fields = fields

    def set(self, *, expect: Any = "success", **settings: object) -> Exchange:
        """Set some of them."""
        return self._api.call(f"sso.{self._way}.update", json=settings, expect=expect)

    def now(self) -> dict[str, Any]:
        """The settings as they are."""
        told = self._api.call(f"sso.{self._way}.get").json()
        return {name: told.get(name) for name in self.fields}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Write back what was there."""
        before = self.now()
        try:
            yield
        finally:
            # a list that is null is not there (contract: a list)
            self.set(expect=None, **{k: [] if v is None and k in GROUPS else v for k, v in before.items()})


@pytest.fixture
def saml(api: Wire) -> Iterator[SignOn]:
    """The SAML settings."""
    sign_on = SignOn(api, "saml", FIELDS)
    with sign_on.kept():
        yield sign_on


@pytest.fixture
def scim(api: Wire) -> Iterator[SignOn]:
    """The SCIM settings."""
    sign_on = SignOn(api, "scim", GROUPS)
    with sign_on.kept():
        yield sign_on


def groups(project: dict[str, Any], workspace: dict[str, Any], role: str = "Annotator") -> dict[str, Any]:
    """Groups of a directory, and what they get."""
    return {
        "roles_groups": any_order([["Manager", "heads"], ["Annotator", "readers"]]),
        "workspaces_groups": any_order([[workspace["title"], "heads"], [workspace["title"], "readers"]]),
        "projects_groups": any_order(
            [{"project_id": project["id"], "group": name, "role": role} for name in ("heads", "readers")]
        ),
    }


def rich(project: dict[str, Any], workspace: dict[str, Any]) -> dict[str, Any]:
    """SAML settings, none at its default."""
    return {
        "domain": "conformance.example",
        "mapping_email": "mail",
        "mapping_first_name": "givenName",
        "mapping_last_name": "surname",
        "mapping_groups": "memberOf",
        **groups(project, workspace),
    }


@pytest.mark.requirement("LS-SAML-001", "LS-SAML-002", "LS-SAML-003", "LS-SAML-006")
def test_saml_is_set(show: Show, api: Wire, saml: SignOn, project: dict[str, Any], workspace: dict[str, Any]) -> None:
    api.call("sso.saml.reset")
    defaults = saml.now()
    settings = rich(project, workspace)
    made = saml.set(**settings)
    show.equal("LS-SAML-001", expected=settings, got=saml.now(), exchange=made)
    changed = saml.set(mapping_email="email")
    expected = {**settings, "mapping_email": "email"}
    show.equal("LS-SAML-002", expected=expected, got=saml.now(), exchange=changed)
    refused = saml.set(expect=None, **groups(project, workspace, role="Emperor"))
    show.status("LS-SAML-006", refused, *SENSELESS)
    show.equal("LS-SAML-006", expected=expected, got=saml.now(), exchange=refused, signature="changed")
    reset = api.call("sso.saml.reset")
    show.equal("LS-SAML-003", expected=defaults, got=saml.now(), exchange=reset)


@pytest.mark.requirement("LS-SAML-004", "LS-SAML-005")
def test_a_metadata_address_is_tried(show: Show, api: Wire, saml: SignOn) -> None:
    before = saml.now(), api.call("sso.saml.get").json()["metadata_url"]
    body = {"metadata_url": "https://idp.invalid/metadata"}
    tried = api.call("sso.saml.validate_metadata_url", json=body, expect=None)
    after = saml.now(), api.call("sso.saml.get").json()["metadata_url"]
    show.equal("LS-SAML-004", expected=list(before), got=list(after), exchange=tried)
    valid = tried.ok and tried.json()["valid"]
    show("LS-SAML-005", not valid, expected="not valid", got=tried.text[:200], exchange=tried)


@pytest.mark.requirement("LS-SCIM-001", "LS-SCIM-002", "LS-SCIM-003", "LS-SCIM-004")
def test_scim_is_set(
    show: Show, scim: SignOn, saml: SignOn, project: dict[str, Any], workspace: dict[str, Any]
) -> None:
    beside = saml.now()
    settings = groups(project, workspace)
    made = scim.set(**settings)
    show.equal("LS-SCIM-001", expected=settings, got=scim.now(), exchange=made)
    show.equal("LS-SCIM-004", expected=beside, got=saml.now(), exchange=made)
    changed = scim.set(roles_groups=[["Reviewer", "readers"]])
    expected = {**settings, "roles_groups": [["Reviewer", "readers"]]}
    show.equal("LS-SCIM-002", expected=expected, got=scim.now(), exchange=changed)
    refused = scim.set(expect=None, **groups(project, workspace, role="Emperor"))
    show.status("LS-SCIM-003", refused, *SENSELESS)
    show.equal("LS-SCIM-003", expected=expected, got=scim.now(), exchange=refused, signature="changed")
