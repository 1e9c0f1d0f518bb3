from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.target.embedded import (
    EmbeddedSettings,
    InstallFailed,
    MigrationFailed,
    UnusableSettings,
    prepare,
    start,
)

DRIVER = Path(__file__).with_name("driver.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh(tmp_path: Path) -> EmbeddedSettings:
    return EmbeddedSettings(version="4.0.0", cache_root=tmp_path / "cache", instance_root=tmp_path / "instances")


def test_builds_once_and_then_finds(fresh: EmbeddedSettings, uv_log: Path) -> None:
    said: list[str] = []
    first = prepare(fresh, said.append)
    assert uv_log.read_text().split() == ["venv", "pip"]
    assert any("installing label-studio 4.0.0" in line for line in said)
    assert any("migrating" in line for line in said)
    began = time.monotonic()
    again = prepare(fresh)
    assert time.monotonic() - began < 0.05
    assert again == first
    assert uv_log.read_text().split() == ["venv", "pip"]
    assert next((fresh.cache / "snapshots").glob("*.json")).stat().st_mode & 0o077 == 0


def test_two_first_starts_at_once_build_once(fresh: EmbeddedSettings, uv_log: Path, fake_uv: Path) -> None:
    command = [
        sys.executable,
        str(DRIVER),
        str(fake_uv),
        "prepare",
        str(fresh.cache_root),
        str(fresh.instance_root),
    ]
    processes = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(ROOT), "FAKE_UV_LOG": str(uv_log)},
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = {process.communicate(timeout=60)[0] for process in processes}
    assert len(answers) == 1
    assert answers != {""}
    assert uv_log.read_text().split() == ["venv", "pip"]


def test_half_built_things_are_not_taken_for_good(fresh: EmbeddedSettings, uv_log: Path) -> None:
    first = prepare(fresh)
    for shelf in ("environments", "snapshots"):
        (record,) = (fresh.cache / shelf).glob("*.json")
        record.unlink()  # as it is when the builder was killed before the end
    second = prepare(fresh)
    assert second.snapshot.data != first.snapshot.data
    assert not first.snapshot.data.exists()
    assert not first.environment.folder.exists()
    assert len(uv_log.read_text().split()) == 4


@pytest.mark.parametrize("damage", ["record", "folder"])
def test_damaged_things_are_built_again(damage: str, fresh: EmbeddedSettings, uv_log: Path) -> None:
    first = prepare(fresh)
    (record,) = (fresh.cache / "environments").glob("*.json")
    if damage == "record":
        record.write_text("{")
    else:
        shutil.rmtree(first.environment.folder)
    second = prepare(fresh)
    assert second.environment.python.exists()
    assert second.snapshot == first.snapshot
    assert len(uv_log.read_text().split()) == 4
    assert json.loads(record.read_text())["version"] == "4.0.0"


def test_an_unknown_version_is_explained(fresh: EmbeddedSettings, uv_log: Path) -> None:
    with pytest.raises(InstallFailed) as caught:
        prepare(replace(fresh, version="4.0.4"))
    assert caught.value.code == "embedded-install"
    assert "No solution found" in str(caught.value)
    assert not list((fresh.cache / "environments").glob("*.json"))
    assert uv_log.read_text().split() == ["venv", "pip"]


@pytest.mark.usefixtures("uv_log")
def test_a_failed_migration_is_explained_without_secrets(fresh: EmbeddedSettings) -> None:
    with pytest.raises(MigrationFailed) as caught:
        prepare(replace(fresh, version="4.0.3"))
    assert "here is a secret: ***" in str(caught.value)
    assert not list((fresh.cache / "snapshots").glob("*.json"))
    assert not list((fresh.instance_root or Path()).glob("instance-*"))


@pytest.mark.usefixtures("uv_log")
def test_a_first_start_whose_account_is_refused_is_no_snapshot(fresh: EmbeddedSettings) -> None:
    with pytest.raises(MigrationFailed, match="HTTP 401"):
        prepare(replace(fresh, version="4.0.1"))


@pytest.mark.parametrize("version", ["", "latest", "1.0; rm", "--help", "1.23.2 gunicorn"])
def test_strange_versions_are_refused(version: str) -> None:
    with pytest.raises(UnusableSettings):
        EmbeddedSettings(version=version)


def test_the_cache_can_be_named_by_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LS_CONFORMANCE_CACHE", str(tmp_path / "here"))
    assert EmbeddedSettings().cache == tmp_path / "here"
    assert EmbeddedSettings(cache_root=tmp_path / "there").cache == tmp_path / "there"


@pytest.mark.parametrize("name", ["SECRET_KEY", "LABEL_STUDIO_BASE_DATA_DIR", "HEARTEX_DJANGO_DB"])
def test_what_keeps_instances_apart_is_not_for_the_caller(name: str, settings: EmbeddedSettings) -> None:
    with pytest.raises(UnusableSettings, match=name):
        start(replace(settings, extra_environment={name: "x"}))
