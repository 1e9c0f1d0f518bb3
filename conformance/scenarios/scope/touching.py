"""What an action touched, and whether it was named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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


def missing(
    api: Wire, show: Show, kind: str, made: Sequence[int], *, listed: Exchange, there: Collection[int]
) -> list[int]:
    """Which of some objects are gone: a list lacks them, and they can't be read.

    Args:
        api: the wire.
        show: says what is in the way.
        kind: of the objects.
        made: their ids.
        listed: the list.
        there: the ids that it has.

    Raises:
        Blocked: the list lacks what can be read, and so is no witness of what a write did.
    """
    lacking = [one for one in made if one not in there]
    hidden = [one for one in lacking if api.call(f"{kind}s.get", id=one, expect=None).ok]
    if hidden:
        show.blocked("LS-AGREE-030", f"{listed.brief()} lacks {kind} {hidden[0]}, which can be read")
    return lacking
