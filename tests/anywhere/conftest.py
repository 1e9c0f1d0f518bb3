"""The wheel, installed alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from uv import find_uv_bin

from conformance.contract import SPEC

if TYPE_CHECKING:
    from pathlib import Path

ROOT = SPEC.parent
UV = find_uv_bin()


@dataclass(frozen=True, slots=True)
class Tool:
    """What a person has who installed the wheel, and nothing of the repository.

    Attributes:
        wheel: the file.
        bin: where its programs are.
    """

    wheel: Path
    bin: Path

    def __call__(
        self, program: str, *arguments: str, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in a folder."""
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("LS_CONFORMANCE_", "LABEL_STUDIO_", "PYTEST"))
        }
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=cwd,
            env=clean | environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )

    def packages(self) -> Path:
        """Where the packages are."""
        (found,) = self.bin.parent.glob("lib/python*/site-packages")
        return found


def result(folder: Path) -> dict[str, Any]:
    """The newest result below a folder."""
    data: dict[str, Any] = json.loads((folder / "reports/latest/conformance.json").read_text(encoding="utf-8"))
    return data


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([UV, "build", "--wheel", "--quiet", "--out-dir", folder, ROOT], check=True, timeout=200)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def tool(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Tool:
    folder = tmp_path_factory.mktemp("tool") / ".venv"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([UV, "venv", "--quiet", "--python", python, folder], check=True, timeout=100)
    install = [UV, "pip", "install", "--quiet", "--constraints", str(ROOT / "requirements.lock"), str(wheel)]
    subprocess.run(install, env={**os.environ, "VIRTUAL_ENV": str(folder)}, check=True, timeout=500)
    return Tool(wheel, folder / "bin")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder
