"""What a form says is what the same fields say as JSON: what it does not name is as if there were no form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.showing import Show
    from conformance.wire import Wire


def settings(told: dict[str, Any]) -> dict[str, Any]:
    """The fields of an object that are on or off."""
    return {name: value for name, value in told.items() if isinstance(value, bool)}


@pytest.mark.requirement("LS-AGREE-056")
@pytest.mark.parametrize("kind", ["project", "webhook"])
def test_a_form_means_what_json_means(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str], kind: str
) -> None:
    body: dict[str, object] = {"title": new_name("form"), "label_config": TEXT_CHOICES}
    if kind == "webhook":
        body = {"project": project["id"], "url": "https://example.com/form"}
    plain = project if kind == "project" else api.call("webhooks.create", json=body).json()
    made = api.call(f"{kind}s.create", data=body, expect=None)
    if made.status in {406, 415}:
        show.not_measured(f"forms are not taken: {made.brief()}")
    expected = settings(plain)
    got = {name: made.json().get(name) for name in expected} if made.ok else made.brief()
    other = [name for name in expected if isinstance(got, dict) and got[name] != expected[name]]
    show(
        "LS-AGREE-056",
        got == expected,
        expected=expected,
        got=got,
        exchange=made,
        signature=f"{kind}: {', '.join(other)}" if other else f"{kind}: HTTP {made.status}",
    )


@pytest.mark.requirement("LS-AGREE-057")
def test_an_update_by_a_form_keeps_what_it_does_not_name(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    title = new_name("by a form")
    changed = api.call("projects.update", id=project["id"], data={"title": title}, expect=None)
    if changed.status in {406, 415}:
        show.not_measured(f"forms are not taken: {changed.brief()}")
    read = api.call("projects.get", id=project["id"]).json()
    expected = {**settings(project), "title": title}
    show.equal("LS-AGREE-057", expected=expected, got={k: read[k] for k in expected}, exchange=changed)
