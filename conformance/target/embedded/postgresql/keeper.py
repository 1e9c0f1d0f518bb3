"""Run PostgreSQL's server as one that ends with whoever started it, and never as root (which it refuses to be).

Run as ``python -I keeper.py UID GID program arguments...``, standard library only, by the supervisor; the two
numbers are -1 for "as we are". Two things differ from running the program itself: SIGTERM means a *fast*
shutdown (PostgreSQL takes it for "wait until every client has gone"), and the end of the life-line means an
immediate one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main(arguments: list[str]) -> int:
    """Run the program in ``arguments`` and return its exit code."""
    uid, gid, *command = arguments
    lifeline = os.environ.pop("LS_CONFORMANCE_LIFELINE", None)
    changed = {"user": int(uid), "group": int(gid), "extra_groups": []} if int(uid) >= 0 else {}
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **changed)  # type: ignore[call-overload]  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))

    def end_with_the_lifeline(descriptor: int) -> None:
        while os.read(descriptor, 1):
            pass
        child.send_signal(signal.SIGQUIT)

    if lifeline is not None:
        threading.Thread(target=end_with_the_lifeline, args=[int(lifeline)], daemon=True).start()
    code: int = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
