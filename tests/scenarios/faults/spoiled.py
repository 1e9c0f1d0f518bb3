"""Ways for a target to be wrong: each stands between the wire and a real server, and spoils answers or loses requests.

None knows a requirement. What a requirement's check is worth shows in whether some of these turn it red.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from conformance.contract import load_contract
from tests.scenarios.faults.ways.call import Call
from tests.scenarios.faults.ways.contents import CONTENTS
from tests.scenarios.faults.ways.exports import EXPORT_FAULTS
from tests.scenarios.faults.ways.laws import LAWS
from tests.scenarios.faults.ways.refusals import REFUSALS, breaks_later, broken
from tests.scenarios.faults.ways.writes import WRITES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.wire.messages import RawRequest, RawResponse


class Sends(Protocol):
    """As much of a transport as a fault stands in front of."""

    def send(self, request: RawRequest) -> RawResponse:
        """Send, and return what came."""


@dataclass(slots=True)
class SpoiledTransport:
    """In the place of the real transport while a test runs."""

    real: Sends
    fault: Callable[[Call], RawResponse]
    sent: int = 0
    memory: dict[str, Any] = field(default_factory=dict)

    def send(self, request: RawRequest) -> RawResponse:
        """Let the fault answer."""
        base = httpx.URL(request.url)
        matched = load_contract().match(request.method, base.path)
        call = Call(request, matched[0] if matched else None, self.sent, self.real.send, self.memory)
        self.sent += 1
        return self.fault(call)

    def save(self, request: RawRequest, into: Path) -> RawResponse:
        """Large bodies are spoiled like small ones."""
        response = self.send(request)
        into.write_bytes(response.content)
        return response

    def close(self) -> None:
        """The real one closes itself."""


FAULTS: dict[str, Callable[[Call], RawResponse]] = {
    function.__name__.replace("_", "-"): function for function in (*CONTENTS, *REFUSALS, *WRITES, *EXPORT_FAULTS)
}
FAULTS |= {f"breaks-after-{n}": breaks_later(n) for n in (0, 1, 2, 3, 4)}
FAULTS["refuses-everything"] = breaks_later(0, 403)
FAULTS |= LAWS
FAULTS["imports-break"] = broken("projects.import_tasks")
FAULTS["validations-break"] = broken("projects.validate_label_config")
