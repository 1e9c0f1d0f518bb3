"""``st run`` on a fresh embedded server: what a user would take instead."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import Edition, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.target.embedded import EmbeddedSettings, start


def st_run(seconds: float) -> dict[str, Any]:
    """Run it for so long, with everything that would kill its own key excluded by hand."""
    contract, hazards = load_contract(), load_resources().hazards
    kept = {o.id for o in contract.of(Edition.COMMUNITY)} - set(hazards)
    document = json.loads(json.dumps(contract.document))
    for route, item in list(document["paths"].items()):
        for method, node in list(item.items()):
            if isinstance(node, dict) and node.get("operationId") not in kept:
                del item[method]
        if not item:
            del document["paths"][route]
    with tempfile.TemporaryDirectory() as name, start(EmbeddedSettings()) as server:
        folder = Path(name)
        (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "schemathesis.toml").write_text("", encoding="utf-8")
        har = folder / "traffic.har"
        asked = ["run", "openapi.json", "--url", server.url, "-H", f"Authorization: Token {server.api_key}"]
        amount = ["--max-time", str(int(seconds)), "--continue-on-failure", "--seed", "1"]
        report = ["--report", "har", "--report-har-path", str(har), "--no-color"]
        command = [str(Path(sys.executable).with_name("st")), *asked, *amount, *report]
        started = time.monotonic()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds + 300)  # noqa: S603 - our own command line
        wall = time.monotonic() - started
        if not har.exists():
            raise RuntimeError(f"st run left no traffic: {done.stdout[-2000:]} {done.stderr[-2000:]}")
        entries = json.loads(har.read_text(encoding="utf-8"))["log"]["entries"]
    reached: set[str] = set()
    good = 0
    for entry in entries:
        status = entry["response"]["status"]
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's 2xx
            continue
        good += 1
        matched = contract.match(entry["request"]["method"], urlsplit(entry["request"]["url"]).path)
        if matched and status in matched[0].responses:
            reached.add(matched[0].id)
    unique = next((line for line in done.stdout.splitlines() if "unique failures" in line), "").strip()
    return {
        "seconds": wall,
        "requests": len(entries),
        "requests/s": len(entries) / wall,
        "operations with a documented 2xx": len(reached),
        "share of 2xx": good / max(1, len(entries)),
        "failures": unique,
    }
