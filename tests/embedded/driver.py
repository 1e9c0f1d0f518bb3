"""The parent to be killed: it starts a (fake) server, says so, and waits for the end of its input."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from conformance.target.embedded import EmbeddedSettings, install, prepare, start


def main(fake_uv: str, what: str, cache: str, instances: str) -> None:
    # where the tests run in the background of a shell, Ctrl-C is ignored, and that is inherited
    signal.signal(signal.SIGINT, signal.default_int_handler)
    install.find_uv = lambda: fake_uv
    settings = EmbeddedSettings(version="4.0.0", cache_root=Path(cache), instance_root=Path(instances))
    if what == "prepare":
        sys.stdin.readline()  # all together now
        sys.stdout.write(str(prepare(settings).snapshot.data) + "\n")
        return
    server = start(settings)
    facts = {"url": server.url, "pid": server.pid, "data": str(server.data_dir)}
    assert server._process is not None
    facts["supervisor"] = server._process.supervisor_pid
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    if what == "crash":
        raise RuntimeError("as told")


if __name__ == "__main__":
    main(*sys.argv[1:])
