"""Pages of the activity log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.wire import Exchange


def page_of(answer: Exchange) -> dict[str, Any]:
    """Return what an answer has: the contract says a list of pages."""
    found = answer.json()
    page: dict[str, Any] = found[0] if isinstance(found, list) else found
    return page
