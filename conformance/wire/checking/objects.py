"""Finds the objects that an answer tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.places import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.tables.tellers import Teller
    from conformance.wire.exchanges.exchange import Exchange


def objects(exchange: Exchange, teller: Teller) -> dict[str, Mapping[str, Any]]:
    """What an answer tells of objects: identity → the object."""
    try:
        found = at(exchange.plain(), teller.at)
    except (ValueError, RecursionError):
        return {}
    key = teller.kind.identity
    return {str(o[key]): o for o in found if isinstance(o, dict) and key in o and teller.having in {"", *o}}
