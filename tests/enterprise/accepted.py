"""What the real server behind the façade is known to do otherwise, as accepted deviations of the stand-in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import yaml

from conformance.contract import SPEC

OWN: Final = Path(__file__).with_name("accepted.yaml")
COMMUNITY = ("label-studio-community-1.23.yaml", "label-studio-community-1.23-sqlite.yaml")


def write_accepted(folder: Path) -> list[Path]:
    """Write the deviations of Community as those of an Enterprise server, and those of its own; returns the files."""
    written = []
    for name in COMMUNITY:
        content: dict[str, Any] = yaml.safe_load((SPEC / "deviations" / name).read_text(encoding="utf-8"))
        path = folder / name.replace("community", "stand-in")
        path.write_text(yaml.safe_dump({**content, "edition": "enterprise"}, sort_keys=False), encoding="utf-8")
        written.append(path)
    shutil.copy(OWN, folder)
    return [*written, folder / OWN.name]
