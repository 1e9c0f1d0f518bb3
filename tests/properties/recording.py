"""A plugin for runs of the suite: writes down every request that leaves (``-p tests.properties.recording``)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    import pytest

    from conformance.wire.messages import RawRequest, RawResponse

VARIABLE = "LS_SELFTEST_RECORD"


def pytest_configure(config: pytest.Config) -> None:
    """Write down what is sent, a JSON line each, into the file that the variable names."""
    del config
    file = Path(os.environ[VARIABLE])
    send = Transport.send

    def recorded(self: Transport, request: RawRequest, **given: Any) -> RawResponse:
        parts = urlsplit(request.url)
        content = (request.content or b"").decode(errors="backslashreplace")
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        line = [test, request.method, f"{parts.path}?{parts.query}", content]
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        return send(self, request, **given)

    Transport.send = recorded  # type: ignore[method-assign] # that is what it is for
