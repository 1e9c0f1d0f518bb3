"""Compares answers that carry one strong entity tag: it names one content, for whoever asks whether it changed."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from conformance.judge.observation import Outcome
from conformance.wire.checking.bodies import observed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.judge.observation import Observation
    from conformance.wire.exchanges.exchange import Exchange

RULE: Final = "whole"
MOST: Final = 4096
"""So many tags are remembered; the oldest go first."""
OK: Final = 200
Place = tuple[str, str, str]
"""Address, role and tag."""


class Validators:
    """What strong entity tags stood for. A server that sends none, or weak ones, is asked nothing."""

    def __init__(self) -> None:
        self._known: OrderedDict[Place, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, exchange: Exchange) -> Iterator[tuple[Exchange, Observation]]:
        """Compare an answer with the one that had its tag before; yields a finding where they differ."""
        operation, response = exchange.operation, exchange.response
        if operation is None or response is None or response.truncated or exchange.status != OK:
            return
        tag = response.headers.get("etag", "")
        if exchange.request.method != "GET" or not tag.startswith('"'):
            return
        place, content = (exchange.request.url, exchange.role, tag), hashlib.sha256(exchange.content).digest()
        with self._lock:
            before = self._known.setdefault(place, content)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        if before != content:
            yield (
                exchange,
                observed(
                    operation,
                    RULE,
                    Outcome.FAIL,
                    message=f"{operation} answers with other content than before under one strong entity tag: who asks "
                    "with it whether something changed is told that nothing did.",
                    expected="another tag, a weak one (W/…), or none (RFC 9110 §8.8.1)",
                    got=f"ETag: {tag}",
                    signature="one entity tag for two contents",
                ),
            )
