"""Reports what stood between the run and the target: gateways, rate limits, retries after 429."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def gateway_lines(notes: Mapping[str, Sequence[Any]]) -> str:
    """Return what a gateway did during the run, as lines for the last screen; empty where it did nothing of note."""
    amounts: dict[str, list[float]] = {}
    for what, amount in notes.get("gateway", ()):
        amounts.setdefault(what, []).append(float(amount))
    lines = []
    if pauses := amounts.get("pause"):
        lines.append(
            f"{len(pauses)} times a gateway answered and not the target (502, 503, 504): "
            f"the run paused for {sum(pauses):.0f} s until it was back"
        )
    if braked := amounts.get("braked"):
        lines.append(f"{len(braked)} times the target asked for a pause (429): {sum(braked):.0f} s, all of them kept")
    if limit := amounts.get("limit"):
        lines.append(
            f"{len(limit)} requests were not let through by a gateway's limit for bodies (413), the smallest of "
            f"{min(limit):,.0f} bytes: what they ask for was not measured"
        )
    return "".join(f"\n{line}" for line in lines)
