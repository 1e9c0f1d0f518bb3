"""Links in answers lie below the address that was requested, also below a path or behind a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

OK = 200
HINT = "Behind a proxy Label Studio takes its address from LABEL_STUDIO_HOST, and its scheme from the proxy's headers."


def astray(base_url: str, link: str) -> str:
    """The first part of a link, as ``scheme``, that is not the target's; nothing where it is below the target's URL."""
    ours, theirs = urlsplit(base_url), urlsplit(link)
    if theirs.scheme != ours.scheme:
        return "scheme"
    if theirs.netloc.lower() != ours.netloc.lower():
        return "host"
    return "" if theirs.path.startswith(f"{ours.path}/") else "path"


@pytest.mark.parametrize(
    ("requirement", "operation"),
    [
        pytest.param("LS-PROJECT-041", "projects.list", marks=pytest.mark.requirement("LS-PROJECT-041")),
        pytest.param("LS-PROJECT-042", "projects.list_counts", marks=pytest.mark.requirement("LS-PROJECT-042")),
    ],
)
def test_links_between_pages_lead_to_this_server(
    api: Wire, show: Show, new_project: NewProject, requirement: str, operation: str
) -> None:
    asked = {"ids": ",".join(str(new_project()["id"]) for _ in range(3)), "page_size": 1}
    page = api.call(operation, query={**asked, "page": 2})
    links = {name: str(page.json()[name]) for name in ("previous", "next")}
    for link in links.values():
        wrong = astray(api.base_url, link)
        begins = api.base_url + page.operation.path if page.operation else api.base_url
        if show(
            requirement,
            not wrong,
            expected=begins,
            got=link,
            exchange=page,
            signature=wrong,
            hint=HINT if wrong else None,
        ):
            followed = api.send(RawRequest(method="GET", url=link))
            show.status(requirement, followed, 200)


@pytest.mark.requirement("LS-INVITE-006")
def test_the_invite_link_leads_to_this_server(api: Wire, show: Show) -> None:
    exchange = api.call("organizations.invites.get_invite_link")
    link = exchange.json()["invite_url"]
    pages = _pages(api, link)
    found = any(page.status == OK for page in pages)
    show(
        "LS-INVITE-006",
        found,
        expected=f"a page at {link}, or at {api.base_url}{link}",
        got=[f"{page.request.url} → {page.brief()}" for page in pages] or link,
        exchange=exchange,
        signature="leads nowhere",
        hint=None if found else HINT,
    )


def _pages(api: Wire, link: str) -> list[Exchange]:
    """Return what comes where a link may lead to, on this server."""
    if not link.startswith("/"):
        return [] if astray(api.base_url, link) else [api.send(RawRequest(method="GET", url=link), role="anonymous")]
    pages = [api.request("GET", link, role="anonymous")]
    below = urlsplit(api.base_url).path
    return [*pages, api.follow(link, role="anonymous")] if below and link.startswith(f"{below}/") else pages
