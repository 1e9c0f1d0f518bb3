"""Finds uv, a dependency of the suite, which installs what is needed at first use."""

from __future__ import annotations

import threading

import uv

_ONE_AT_A_TIME = threading.Lock()


def uv_program() -> str:
    """Return the path of uv.

    Peers are built in threads, side by side. Where two of them are the first to ask `sysconfig` (as `uv` does), the
    second one reads what the first one has only begun to fill (Python 3.11); so one asks after the other.

    Raises:
        FileNotFoundError: It is not there.
    """
    with _ONE_AT_A_TIME:
        return uv.find_uv_bin()
