from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from conformance.contract import SPEC
from conformance.errors import ExitCode
from conformance.target import embedded
from tests.anywhere.conftest import Tool, result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.embedded, pytest.mark.long]
READ = "conformance/properties/test_success.py::test_success[versions.get]"
OWN = """
import pytest

def pytest_addoption(parser):
    {option}

@pytest.fixture
def project():
    return "ours"
"""
OWN_TESTS = """
import pytest

@pytest.mark.destructive  # means something else here
def test_fixtures_are_the_projects_own(project):
    assert project == "ours"

def test_fails():
    assert {fine}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.EmbeddedServer]:
    with embedded.start(embedded.EmbeddedSettings()) as running:
        yield running


def files(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.suffix != ".pyc" and p.name != "__pycache__"}


def test_the_wheel_holds_the_data_inside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"conformance"}
    data = {p.relative_to(SPEC).as_posix() for p in SPEC.rglob("*") if p.is_file()}
    assert {n.removeprefix("conformance/spec/") for n in names if n.startswith("conformance/spec/")} == data


def test_the_embedded_server_is_judged_from_an_empty_folder(tool: Tool, empty: Path) -> None:
    before = files(tool.packages())
    done = tool("ls-conformance", "run", "versions.get#status", "LS-VERSION-001", "-n", "2", cwd=empty)
    assert done.returncode == ExitCode.NOT_MEASURED, done.stdout + done.stderr  # a selection is no verdict
    head = result(empty)["header"]
    assert head["target"]["url"] == "embedded"
    assert READ in head["plan"]["tests"]
    assert head["reproduce"] == "ls-conformance run 'versions.get#status' LS-VERSION-001 -n 2 --seed 1"
    assert {o["outcome"] for o in result(empty)["observations"] if o["requirement"] == "LS-VERSION-001"} == {"pass"}
    assert files(tool.packages()) == before
    assert {p.name for p in empty.iterdir()} == {"reports", ".pytest_cache"}


def test_a_url_is_judged_with_options_of_pytest(tool: Tool, empty: Path, server: embedded.EmbeddedServer) -> None:
    chosen = ("-k", "test_success and versions.get", "--depth", "quick", "-q", "-p", "no:cacheprovider")
    done = tool(
        "ls-conformance", "run", "--target", server.url, *chosen, cwd=empty, LABEL_STUDIO_API_KEY=server.api_key
    )
    assert done.returncode == ExitCode.NOT_MEASURED, done.stdout + done.stderr
    assert result(empty)["header"]["plan"]["tests"] == [READ]
    explained = tool("ls-conformance", "explain", "versions.get#status", cwd=empty)
    assert explained.returncode == 0, explained.stderr
    assert "spec/openapi.yaml" in explained.stdout


def test_an_unknown_name_is_wrong_usage(tool: Tool, empty: Path) -> None:
    done = tool("ls-conformance", "run", "project.create", cwd=empty)
    assert done.returncode == ExitCode.USAGE
    assert "Did you mean projects.create" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def strangers(folder: Path, *, option: str = "pass", fine: bool = True) -> Path:
    """A project of somebody else's."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(OWN.format(option=option))
    (folder / "tests").mkdir()
    (folder / "tests/test_own.py").write_text(OWN_TESTS.format(fine=fine))
    return folder


def test_the_plugin_is_idle_until_it_is_asked_for(tool: Tool, empty: Path) -> None:
    project = strangers(empty, option='parser.addoption("--target")')
    done = tool("pytest", "-p", "no:cacheprovider", "--target", "x", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert "conformance =" not in done.stdout
    assert not (project / "reports").exists()
    assert "--embedded-version" not in tool("pytest", "--help", cwd=project).stdout
    asked = tool("pytest", "--ls-conformance", cwd=project)
    assert asked.returncode == ExitCode.USAGE
    assert "--target" in asked.stderr
    assert "ls-conformance run" in asked.stderr


@pytest.mark.parametrize("workers", ["0", "2"])
def test_it_is_collected_beside_other_tests(
    tool: Tool, empty: Path, server: embedded.EmbeddedServer, workers: str
) -> None:
    project = strangers(empty, fine=False)
    ours = ["--pyargs", "conformance.scenarios.test_version"]
    target = ["--target", server.url, "--api-key", server.api_key]
    done = tool("pytest", "tests", *ours, "-v", "-n", workers, "-p", "no:cacheprovider", *target, cwd=project)
    told = done.stdout + done.stderr
    # what failed is theirs: the verdict does not hide it, and is not about it
    assert done.returncode == ExitCode.DEVIATIONS, told
    assert "tests/test_own.py::test_fixtures_are_the_projects_own" in told
    assert "1 failed" in told
    found = result(project)
    tests = found["header"]["plan"]["tests"]
    assert tests == [test["id"] for test in found["tests"]]
    assert {test.partition("::")[0] for test in tests} == {"conformance/scenarios/test_version.py"}
    assert {o["outcome"] for o in found["observations"] if o["requirement"] == "LS-VERSION-001"} == {"pass"}
