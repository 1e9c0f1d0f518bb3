from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from conformance.target.embedded import EmbeddedSettings, Installation, install, prepare

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def fake_uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An executable that behaves as uv does, see ``fake_uv.py``."""
    script = tmp_path_factory.mktemp("bin") / "uv"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "fake_uv.py"}" "$@"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


@pytest.fixture
def uv_log(tmp_path: Path, fake_uv: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the fake uv in place of the real one; returns the file with a line per call of it."""
    log = tmp_path / "uv.log"
    log.touch()
    monkeypatch.setenv("FAKE_UV_LOG", str(log))
    monkeypatch.setattr(install, "find_uv", lambda: str(fake_uv))
    return log


@pytest.fixture(scope="session")
def fake_cache(tmp_path_factory: pytest.TempPathFactory, fake_uv: Path) -> Path:
    """A cache with version 4.0.0 of the fake in it."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAKE_UV_LOG", str(cache / "uv.log"))
        patch.setattr(install, "find_uv", lambda: str(fake_uv))
        prepare(EmbeddedSettings(version="4.0.0", cache_root=cache, instance_root=cache / "instances"))
    return cache


@pytest.fixture
def settings(fake_cache: Path, tmp_path: Path) -> EmbeddedSettings:
    """Settings for the fake, which is prepared already."""
    return EmbeddedSettings(
        version="4.0.0",
        cache_root=fake_cache,
        instance_root=tmp_path / "instances",
        log_dir=tmp_path / "logs",
    )


@pytest.fixture
def installation(settings: EmbeddedSettings) -> Installation:
    """The fake, prepared."""
    return prepare(settings)
