"""Which tests are of this suite: it may be collected beside other people's, which it leaves alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PACKAGE = Path(__file__).resolve().parents[1]
NAME = PACKAGE.name


def is_ours(item: pytest.Item) -> bool:
    """Is the test one of this suite?"""
    return PACKAGE in item.path.parents


def names_ours(argument: str, folder: Path, *, pyargs: bool) -> bool:
    """Does an argument of a command line name something of this suite?

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
    """Does an argument name a file, a folder, or a package that pytest finds?"""
    name = argument.split("::", maxsplit=1)[0]
    if (folder / name).exists():
        return True
    try:
        return pyargs and find_spec(name) is not None
    except (AttributeError, ImportError, ValueError):  # as pytest: it looks like a package, and is none
        return False
