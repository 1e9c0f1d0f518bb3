"""uv is asked for by one thread after the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import uv

from conformance.processes.uv_program import uv_program


def test_two_threads_are_never_in_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits a moment for the other one inside: nobody comes."""
    both = threading.Barrier(2)

    def slow() -> str:
        with pytest.raises(threading.BrokenBarrierError):
            both.wait(timeout=0.2)
        both.reset()
        return "/uv"

    monkeypatch.setattr(uv, "find_uv_bin", slow)
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(uv_program) for _ in range(2)]
    assert [one.result() for one in found] == ["/uv", "/uv"]
