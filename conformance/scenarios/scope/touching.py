"""What an action touched, and whether it was named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire


def act(api: Wire, action: str, project: int | None, body: Any, **query: object) -> Exchange:
    """Take an action, whatever comes back."""
    asked = {"id": action, "project": project, **query}
    return api.call("actions.create", query=asked, json=body, expect=None)


def show_scope(show: Show, requirement: str, answer: Exchange, touched: Sequence[object], case: str) -> None:
    """Show that nothing was touched that was not named."""
    show(
        requirement,
        not touched,
        expected="what was named and nothing else, or a refusal",
        got=f"{answer.brief()}: {answer.text[:120]}; touched besides: {touched}",
        exchange=answer,
        signature=case,
    )
