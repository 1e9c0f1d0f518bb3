"""What the tests of the peers share."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from conformance.peers import Peers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """One set of peers for a module: each starts once."""
    with Peers(log_dir=tmp_path_factory.mktemp("peer-logs")) as made:
        yield made


@pytest.fixture
def is_open() -> Callable[[int], bool]:
    """Tells whether somebody listens on a port of this machine."""

    def connect(port: int) -> bool:
        with socket.socket() as attempt:
            attempt.settimeout(2)
            return attempt.connect_ex(("127.0.0.1", port)) == 0

    return connect
