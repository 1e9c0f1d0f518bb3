"""A server that tests of whole runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.target import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.EmbeddedServer]:
    with embedded.start(embedded.EmbeddedSettings()) as running:
        yield running
