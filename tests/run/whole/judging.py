"""Runs of a few tests against a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.suite import run_suite

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.report.document import Report
    from conformance.target import embedded


TESTS = (
    "conformance/scenarios/test_version.py",
    "conformance/properties/test_success.py::test_success[versions.get]",
    "conformance/properties/test_success.py::test_success[projects.list]",
    "conformance/properties/test_success.py::test_success[users.whoami]",
)


def judge(server: embedded.EmbeddedServer, folder: Path, *arguments: str) -> Path:
    target = ["--target", server.url, "--api-key", server.api_key]
    run_suite(f"--report-dir={folder}", *target, *arguments, *TESTS, timeout=300)
    return folder / "conformance.json"


def told(report: Report) -> set[tuple[str, ...]]:
    return {o.key for o in report.observations}
