"""Tells tests of this suite from others that are collected beside them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PACKAGE = Path(__file__).resolve().parents[1]
NAME = PACKAGE.name


def is_ours(item: pytest.Item) -> bool:
    """Return whether the test belongs to this suite."""
    return PACKAGE in item.path.parents


def names_ours(argument: str, folder: Path, *, pyargs: bool) -> bool:
    """Return whether an argument of a command line names tests of this suite.

    Args:
        argument: a path, or the name of a package, with a test behind ``::``.
        folder: paths are relative to it.
        pyargs: names of packages count (``--pyargs``).
    """
    name = argument.split("::", maxsplit=1)[0]
    if pyargs and (name == NAME or name.startswith(f"{NAME}.")):
        return True
    path = (folder / name).resolve()
    # a folder above (the root) holds the suite's own tests as well: testpaths decides what no argument means
    return path == PACKAGE or PACKAGE in path.parents


def is_there(argument: str, folder: Path, *, pyargs: bool) -> bool:
    """Return whether an argument names a file, a folder, or a package that pytest finds."""
    name = argument.split("::", maxsplit=1)[0]
    if (folder / name).exists():
        return True
    try:
        return pyargs and find_spec(name) is not None
    except (AttributeError, ImportError, ValueError):  # as pytest: it looks like a package, and is none
        return False
