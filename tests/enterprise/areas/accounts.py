"""Log-in by others, billing, the activity log, and the caller's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.enterprise.state.kernel import ordered
from tests.enterprise.state.model import Answer, serves

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call

PAGE = 100
# what the real server keeps of an account
KEPT_THERE = ("first_name", "last_name", "phone", "username")


def _saml(call: Call) -> dict[str, Any]:
    kept = call.model.settings_of("saml", call.organization)
    fixed = {"acs_url": "/saml/acs/", "login_url": "/saml/login/", "logout_url": "/saml/logout/"}
    return {**fixed, "metadata_xml_url": "/saml/metadata/", "nameid_format": "email", **kept}


@serves("sso.saml.get")
def saml(call: Call) -> Any:
    """How people log in by SAML."""
    return _saml(call)


@serves("sso.saml.update")
def update_saml(call: Call) -> Any:
    """Change that."""
    call.model.set("saml", call.organization).update(call.body)
    return _saml(call)


@serves("sso.saml.reset")
def reset_saml(call: Call) -> Any:
    """As it was in the beginning."""
    call.model.set("saml", call.organization).clear()
    return Answer(204)


@serves("sso.saml.validate_metadata_url")
def validate_metadata_url(call: Call) -> Any:
    """Would it be a place to read metadata from? The stand-in asks nobody."""
    host = urlsplit(call.body["metadata_url"]).hostname or ""
    return {"valid": bool(host) and not host.endswith(".invalid")}


@serves("sso.scim.get")
def scim(call: Call) -> Any:
    """Where accounts come from."""
    return call.model.settings_of("scim", call.organization)


@serves("sso.scim.update")
def update_scim(call: Call) -> Any:
    """Change that."""
    call.model.set("scim", call.organization).update(call.body)
    return scim(call)


@serves("billing.info")
def billing(call: Call) -> Any:
    """What the licence allows, and how much of it is used."""
    users = len(call.model.people.members(call.organization))
    projects = len(call.community.all("project", organization_id=call.organization))
    limit = 1000

    def used(count: int) -> dict[str, Any]:
        return {"count": count, "limit": limit, "reached": count >= limit, "total": count}

    checks = {
        "users": used(users),
        "projects": used(projects),
        "organization_is_active": True,
        "license_expires": "2099-12-31",
        "prompts_enabled": True,
        "prompts_status": "Enabled",
    }
    allowed = ("allow_activity_log", "allow_reviewing", "allow_sso", "allow_invite_people", "allow_ai")
    return {
        "billing_checks": checks,
        "billing_flags": {"embed_domains": [], "embed_settings": {}} | dict.fromkeys(allowed, True),
    }


@serves("activity_logs.list")
def activity(call: Call) -> Any:
    """Who changed what; the latest first, unless another order is asked for."""
    query = call.query
    every = [entry for entry in call.model.log if entry["organization_id"] == call.organization]
    found = [entry for entry in every if _wanted(call, entry)]
    found = ordered(found, query["ordering"]) if query.get("ordering") else found[::-1]
    number, size = max(1, query.get("page", 1)), query.get("page_size", PAGE)
    size = size if 0 < size <= PAGE * 10 else PAGE
    shown = found[(number - 1) * size : number * size]
    return [{"data": shown, "recordsFiltered": len(found), "recordsTotal": len(every)}]


def _wanted(call: Call, entry: dict[str, Any]) -> bool:
    query = call.query
    if "workspace" in query:
        places = {p.values["project"] for p in call.store.of("workspace_project", workspace=query["workspace"])}
        if entry["project_id"] not in places:
            return False
    return (
        ("project" not in query or entry["project_id"] == query["project"])
        and ("user" not in query or entry["user_id"] == query["user"])
        and (query.get("method", "all") in {"all", entry["request_method"]})
        and (query.get("start_date", "") <= entry["datetime"])
        and (not query.get("end_date") or entry["datetime"] <= f"{query['end_date']}T99")
        and (str(query.get("search", "")).lower() in f"{entry['request_url']} {entry['email']}".lower())
    )


@serves("users.get_current_user")
def current_user(call: Call) -> Any:
    """The caller."""
    return call.model.people.user(call.caller.id)


@serves("users.update_current_user")
def update_current_user(call: Call) -> Any:
    """Change the caller's account; a password is taken and not shown."""
    there = {k: v for k, v in call.body.items() if k in KEPT_THERE}
    if there:
        call.ask("PATCH", f"/api/users/{call.caller.id}/", there)
        call.model.callers.forget()
    shown = ("allow_newsletters", "custom_hotkeys", "date_joined")
    call.model.set("user", call.caller.id).update({k: v for k, v in call.body.items() if k in shown})
    return call.model.people.user(call.caller.id)
