"""Tells people a line at once, whatever their output goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.run.options import stderr

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def teller(config: pytest.Config) -> Callable[[str], None]:
    """Return what prints a line in pytest's terminal.

    Into a pipe, as in CI, Python holds back what it writes until there are some thousand characters: minutes of a run.
    """
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return stderr

    def tell(line: str) -> None:
        reporter.write_line(line)
        reporter.flush()

    return tell
