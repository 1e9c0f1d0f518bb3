"""What pytest loads wherever the suite is installed (entry point ``pytest11``): idle until somebody asks for the suite.

It adds one option. The others, and all that the suite does, come with :mod:`conformance.plugin`, which is imported when
``--ls-conformance`` is given or the tests to collect are the suite's (``--pyargs conformance.scenarios``).
"""

from __future__ import annotations

from argparse import ArgumentError
from pathlib import Path
from typing import Final

import pytest

from conformance.run.ours import names_ours

OPTION: Final = "--ls-conformance"
PLUGIN: Final = "conformance.plugin"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the option that asks for the suite."""
    parser.getgroup("conformance", "Label Studio API conformance").addoption(
        OPTION,
        action="store_true",
        default=False,
        help="judge a Label Studio: adds the options of the suite (see --help), and runs it if no tests are named",
    )


@pytest.hookimpl(trylast=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Load the suite if it is asked for; its options are known from then on.

    Raises:
        pytest.UsageError: the project has an option of the same name.
    """
    given = early_config.known_args_namespace
    here = Path.cwd()
    named = (names_ours(str(argument), here, pyargs=given.pyargs) for argument in given.file_or_dir)
    if not given.ls_conformance and not any(named):
        return
    try:
        early_config.pluginmanager.import_plugin(PLUGIN)
    except (ArgumentError, ValueError) as problem:  # pytest finds it, or argparse does
        raise pytest.UsageError(
            f"This project has an option of a name that the suite uses: {problem}. Run it by itself: ls-conformance run"
        ) from None
