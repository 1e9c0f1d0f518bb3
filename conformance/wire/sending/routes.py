"""Learns how a server answers for addresses that it does not serve, so that such an answer proves nothing elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.wire.checking.bodies import is_json
from conformance.wire.checking.checks import page_not_found
from conformance.wire.messages import RawRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract import Operation
    from conformance.contract.tables.resources import Resources
    from conformance.wire.exchanges.exchange import Exchange
    from conformance.wire.safety.ledger import Ledger

NOWHERE: Final = "/api/no-such-path-for-ls-conformance/"
PROBES: Final = ("OPTIONS", "LS-CONFORMANCE")
TRIES: Final = 3
DEEP: Final = 4
"""So deep the shape of a JSON value is looked at."""


class Routes:
    """Knows of each path whether anything is served there, and of each method what is said where nothing is.

    Args:
        ask: sends a request of our own, in the name of an exchange.
        resources: which object a path names.
        ledger: which objects there may be.
        base_url: of the target.
        read_only: nothing but GET may be asked: then only a request that is to be accepted tells of its route.
    """

    def __init__(
        self,
        ask: Callable[[RawRequest, Exchange], Exchange],
        resources: Resources,
        ledger: Ledger,
        base_url: str,
        *,
        read_only: bool = False,
    ) -> None:
        self._ask = ask
        self._resources = resources
        self._ledger = ledger
        self._read_only = read_only
        self._probes = ("GET",) if read_only else PROBES
        self._nowhere = base_url + NOWHERE
        self._served: dict[str, bool] = {}
        self._said: dict[str, Exchange] = {}

    def marked(self, exchange: Exchange, *, doubting: bool) -> Exchange:
        """The exchange, with what is known of its address: no route, or an answer that shows nothing."""
        if self.missing(exchange):
            return replace(exchange, no_route=True)
        if doubting and self.said_of_anything(exchange):
            return replace(exchange, void=True)
        return exchange

    def missing(self, exchange: Exchange) -> bool:
        """Return whether the server lacks the route, and not only the object.

        Asked once per path, for an object that is there (RFC 9110 §9.3.7). OPTIONS is asked first; a gateway may answer
        it by itself, for any path. Then a method that nobody serves is asked: a route answers 405 to it. A method that
        is answered alike where surely nothing is proves nothing, nor does what it denies.
        """
        operation = exchange.operation
        if operation is None or not page_not_found(exchange):
            return False
        if not self.may_exist(operation, exchange.path_values):
            return False
        if self._read_only and exchange.request.deed and self._resources.offered(operation):
            # GET is told the same of an object that is not there, and other methods are not sent
            return False
        known = self._served.get(operation.path)
        if known is None:
            known = True
            for method in self._probes:
                if page_not_found(self._probe(method, self._nowhere, exchange)):
                    known = not page_not_found(self._probe(method, exchange.request.url, exchange))
                    break
            self._served[operation.path] = known
        return not known

    def _probe(self, method: str, url: str, exchange: Exchange) -> Exchange:
        return self._ask(RawRequest(method=method, url=url, headers=()), exchange)

    def may_exist(self, operation: Operation, path_values: Mapping[str, str]) -> bool:
        """Return whether all objects that the path names may exist."""
        kinds = self._resources.slot_kinds(operation)
        return all(self._ledger.may_exist(kinds[s], v) for s, v in path_values.items() if s in kinds)

    def said_of_anything(self, exchange: Exchange) -> bool:
        """Return whether the server gives the same successful answer for an address that does not exist.

        Then it shows nothing, whoever asked. Asked once per method, with the run's own key.
        """
        if exchange.operation is None or not exchange.succeeded:
            return False
        method = exchange.request.method
        if method not in self._said:
            content = b"{}" if exchange.request.content else None
            headers = (("Content-Type", "application/json"),) if content else ()
            request = RawRequest(method=method, url=self._nowhere, headers=headers, content=content)
            for _ in range(TRIES):
                self._said[method] = self._ask(request, exchange)
                if self._said[method].response is not None:
                    break
        return alike(self._said[method], exchange)


def alike(one: Exchange, other: Exchange) -> bool:
    """Return whether two answers are alike: status, type, and for JSON the same names with values of the same types."""
    if one.response is None or (one.status, one.content_type) != (other.status, other.content_type):
        return False
    if not is_json(one.content_type):
        return one.content_type == "text/html" or one.content == other.content
    return bool(shape(one.content) == shape(other.content))


def shape(content: bytes) -> Any:
    """Return what a JSON text looks like without its values; None where it is none."""
    try:
        return _shape(json.loads(content), DEEP)
    except (ValueError, RecursionError):
        return None


def _shape(value: Any, deep: int) -> Any:
    if isinstance(value, dict):
        return {k: _shape(v, deep - 1) if deep else None for k, v in value.items()}
    if isinstance(value, list):
        return [_shape(v, deep - 1) if deep else None for v in value]
    return type(value).__name__
