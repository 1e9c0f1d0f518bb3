"""Run the stand-in by hand: ``python -m tests.enterprise --port 8090``."""

from __future__ import annotations

import argparse
import signal
import sys

from tests.enterprise.lawful import LAWFUL
from tests.enterprise.standin import StandIn


def main() -> None:
    """Start it, say where it is, and wait for the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.enterprise", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--lawful", action="append", default=[], choices=LAWFUL, help="a lawful difference; repeatable")
    given = parser.parse_args()
    with StandIn(port=given.port, lawful=given.lawful) as server:
        sys.stdout.write(f"{server.url} {server.api_key} --roles other={server.other_key}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
