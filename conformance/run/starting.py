"""``ls-conformance run``: pytest with the suite, wherever it is installed, and whatever project is around."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from conformance.run.ours import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND: Final = "ls-conformance run"
SETTLED: Final = (
    # as pyproject.toml says it for the repository; its file is not installed, and another project's is not ours
    ("-c", os.devnull),
    ("-o", "xfail_strict=true"),
    ("-o", "python_files=test_*.py"),
    ("--import-mode=importlib",),
    ("--strict-markers",),
    # the command imported the package before pytest could look whether a plugin of it asserts something; it does not
    ("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    # Schemathesis and Hypothesis are libraries to this suite: their pytest plugins cost 5 s of import at every start.
    ("-p", "no:schemathesis"),
    ("-p", "no:hypothesispytest"),
    ("-p", "conformance.asking"),
    ("--ls-conformance",),
)


def arguments_of_pytest(given: Sequence[str], folder: Path) -> list[str]:
    """Return what pytest is called with.

    Args:
        given: what stands behind ``ls-conformance run``.
        folder: the current one: what is written goes there.
    """
    # node ids are those of the repository, so that plans and results can be compared
    root = (f"--rootdir={PACKAGE.parent}", "-o", f"cache_dir={folder / '.pytest_cache'}")
    return [*(word for words in SETTLED for word in words), *root, *given]


def as_given(arguments: Sequence[str], folder: Path) -> tuple[str, list[str]]:
    """Return what a person typed: the command, and the words behind it.

    Args:
        arguments: what pytest was called with.
        folder: that it was called in.
    """
    own = arguments_of_pytest((), folder)
    words = [str(word) for word in arguments]
    return (COMMAND, words[len(own) :]) if words[: len(own)] == own else ("pytest", words)


class _Named:
    """Lets ``--help`` and errors of usage name the command that was typed."""

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Set the name of the program."""
        parser.prog = COMMAND


def run_suite(given: Sequence[str]) -> int:
    """Judge a target; returns the exit code.

    Args:
        given: options of the suite and of pytest, and what to run: requirements, operations, paths.
    """
    return int(pytest.main(arguments_of_pytest(given, Path.cwd()), plugins=[_Named()]))
