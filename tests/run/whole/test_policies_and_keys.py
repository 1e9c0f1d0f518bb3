"""Whatever kinds of key a target allows, and whichever the run is given: it says the same of the target."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.judge.observation import Outcome
from conformance.report.document import load
from conformance.target import embedded
from tests.suite import run_suite

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.target.embedded import EmbeddedServer, Policy

pytestmark = pytest.mark.embedded
TESTS = (
    "conformance/scenarios/people/test_credentials.py",
    "-k",
    "forged or shown or list_shows or reset or written or case",
)
# An access token ends many times in a run of a minute, as the five minutes of the settings that ship do in an hour.
SECONDS = 3
SHORT_LIVED = f"""
import importlib.util
import sys
from datetime import timedelta


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != "rest_framework_simplejwt.tokens":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            module.AccessToken.lifetime = timedelta(seconds={SECONDS})

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
"""
"""What Python runs at the start of the server, from a folder on its path: the server stays as it is installed."""
# What is about legacy tokens, and so unsupported where they are off.
LEGACY = {"LS-KEY-003", "LS-KEY-010", "LS-KEY-011", "LS-KEY-012", "LS-KEY-013"}


def judged(url: str, key: str, folder: Path) -> dict[str, set[Outcome]]:
    """What a run says of each requirement that its tests are about."""
    target = ["--target", url, "--api-key", key, "--disposable"]
    done = run_suite("-n", "0", f"--report-dir={folder}", *target, *TESTS, timeout=600)
    report = load(folder / "conformance.json")
    assert {t.outcome for t in report.tests} <= {"passed", "skipped", "xfailed"}, done.stdout[-3000:]
    assert key not in json.dumps(report.to_json())
    said: dict[str, set[Outcome]] = {}
    for one in report.observations:
        if one.requirement.startswith("LS-"):
            said.setdefault(one.requirement, set()).add(one.outcome)
    return said


def personal_key(server: EmbeddedServer) -> str:
    """A personal access token of the owner, where legacy tokens are allowed."""
    headers = {"Authorization": f"Token {server.api_key}"}
    return str(httpx.post(f"{server.url}/api/token/", headers=headers, timeout=60).json()["token"])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Outcome]]:
    """What is said where everything is allowed, with a legacy token."""
    with embedded.start(embedded.EmbeddedSettings()) as server:
        return judged(server.url, server.api_key, tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("policy", embedded.POLICIES)
def test_every_kind_of_key_gives_the_same_verdict(
    plain: dict[str, set[Outcome]], tmp_path: Path, policy: Policy
) -> None:
    with embedded.start(embedded.EmbeddedSettings(policy=policy)) as server:
        key = personal_key(server) if policy == "open" else server.api_key
        said = judged(server.url, key, tmp_path)
    if policy == "shipped":
        assert {r for r, outcomes in said.items() if Outcome.UNSUPPORTED in outcomes} == LEGACY
        plain = {r: outcomes for r, outcomes in plain.items() if r not in LEGACY}
        said = {r: outcomes for r, outcomes in said.items() if r not in LEGACY}
    assert said == plain


@pytest.fixture
def short_lived(tmp_path: Path) -> embedded.EmbeddedSettings:
    """A server whose access tokens end after a few seconds."""
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SHORT_LIVED, encoding="utf-8")
    return embedded.EmbeddedSettings(extra_environment={"PYTHONPATH": str(folder)})


def test_a_token_that_ends_within_the_run_gives_the_same_verdict(
    plain: dict[str, set[Outcome]], short_lived: embedded.EmbeddedSettings, tmp_path: Path
) -> None:
    with embedded.start(short_lived) as server:
        key = personal_key(server)
        access = httpx.post(f"{server.url}/api/token/refresh", json={"refresh": key}, timeout=60).json()["access"]
        claims = json.loads(base64.urlsafe_b64decode(access.split(".")[1] + "=="))
        assert claims["exp"] - claims["iat"] == SECONDS
        assert judged(server.url, key, tmp_path / "r") == plain
