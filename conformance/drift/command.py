"""``ls-conformance drift``: compares, writes a page and a file for programs, and says how much differs."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.drift import sources
from conformance.drift.compare import compare
from conformance.drift.render import counted, drift_json, render_markdown
from conformance.errors import ExitCode, InputError
from conformance.run.target_options import add_target_options, target_settings
from conformance.target.embedded import EmbeddedSettings, start
from conformance.target.settings import SETTINGS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from conformance.drift.shape import Description

VARIABLE = SETTINGS["url"].variable
_EDITIONS = ("community", "enterprise", "all")


def add_drift_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command: what to compare the contract with."""
    parser.add_argument("source", nargs="?", help="URL of a target, or a file with an OpenAPI or Swagger document")
    parser.add_argument(
        "--client", action="append", default=[], help="release of label-studio-sdk, or a folder with one"
    )
    parser.add_argument(
        "--embedded-version",
        action="append",
        default=[],
        metavar="V",
        help="version of Label Studio to start and compare",
    )
    parser.add_argument(
        "--edition", choices=_EDITIONS, help="edition to compare (default: community for a target, all for a client)"
    )
    parser.add_argument("--out", type=Path, help="folder for drift-NAME.md and drift-NAME.json (default: print only)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    add_target_options(parser)


def run_drift(options: argparse.Namespace) -> int:
    """Compare the contract with each source that is named.

    Returns:
        0 if nothing differs, 1 if something does.

    Raises:
        ConformanceError: nothing is named, or a source can't be had.
    """
    code = ExitCode.OK
    for edition, other in _described(options):
        contract = sources.of_contract(None if edition == "all" else edition)
        differences = compare(contract, other)
        page = render_markdown(contract, other, differences)
        data = json.dumps(drift_json(contract, other, differences), indent=1) + "\n"
        if options.out is not None:
            _write(options.out, other.source, page, data)
            sys.stdout.write(f"{other.source} against {contract.source}: {counted(differences)}\n")
        else:
            sys.stdout.write(data if options.json else page)
        if differences:
            code = ExitCode.DEVIATIONS
    return int(code)


def _described(options: argparse.Namespace) -> Iterator[tuple[str, Description]]:
    """Each source that is named, with the edition of the contract that it is compared with."""
    of_server, of_client = options.edition or "community", options.edition or "all"
    source = options.source
    if source and re.match(r"https?://", source):
        options.target_url, source = source, None
    options.target_api_key = "none"  # what a server publishes of itself is asked without a key
    settings = target_settings(options) if options.target_url or os.environ.get(VARIABLE) else None
    if source:
        yield of_server, sources.of_file(Path(source))
    elif settings is not None:
        yield of_server, sources.of_target(settings)
    elif not (options.client or options.embedded_version):
        raise InputError(
            "There is nothing to compare the contract with.",
            code="no-source",
            hint="Name the URL of a target, a file, --client 2.1.2, or --embedded-version 1.23.2.",
        )
    for version in options.embedded_version:
        with start(EmbeddedSettings(version=version), _progress) as server:
            options.target_url = server.url
            yield of_server, sources.of_target(target_settings(options), f"Label Studio {server.version}")
    for version in options.client:
        with tempfile.TemporaryDirectory(prefix="ls-conformance-drift-") as folder:
            yield of_client, sources.of_client(version, Path(folder))


def _write(folder: Path, source: str, page: str, data: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = "drift-" + re.sub(r"[^a-z0-9.]+", "-", source.lower()).strip("-")
    for suffix, text in ((".md", page), (".json", data)):
        path = folder / (name + suffix)
        path.write_text(text, encoding="utf-8")
        sys.stderr.write(f"wrote {path}\n")


def _progress(text: str) -> None:
    sys.stderr.write(text + "\n")
