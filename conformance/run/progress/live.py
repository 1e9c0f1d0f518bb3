"""With a terminal: a line for each area that is not done, drawn over itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from conformance.errors import printable
from conformance.report.figures import count
from conformance.run.progress.plain import summary

if TYPE_CHECKING:
    from rich.console import Console

    from conformance.run.progress.standing import AreaStanding, Standing

PERIOD = 0.25
"""Seconds between two drawings."""


class LiveProgress:
    """Draws where the cursor is, and leaves nothing behind."""

    def __init__(self, standing: Standing, console: Console) -> None:
        """Draw on a terminal."""
        self._standing = standing
        self._console = console
        # drawn when something was told, not by a thread: pytest may have put the terminal aside meanwhile
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._drawn: float | None = None

    def show(self, elapsed: float) -> None:
        """Draw, unless that was done a moment ago.

        Args:
            elapsed: seconds since the first test began.
        """
        if self._drawn is not None and elapsed - self._drawn < PERIOD:
            return
        if self._drawn is None:
            self._live.start()
        self._drawn = elapsed
        self._live.update(self.render(elapsed), refresh=True)

    def render(self, elapsed: float) -> Group:
        """The areas, and the run below them."""
        # what does not fit on the screen would be drawn anew below itself each time
        rows = max(self._console.height - 5, 3)
        standings = sorted(self._standing.areas.items())
        open_ones = [(name, area) for name, area in standings if area.done < area.tests or area.failures]
        table = Table.grid(padding=(0, 2))
        for name, area in open_ones[:rows]:
            table.add_row(*_line(name, area))
        lines: list[Table | Text] = [table]
        elsewhere = [
            f"{count(len(open_ones) - rows, 'more area')} to do" if len(open_ones) > rows else "",
            f"{count(len(standings) - len(open_ones), 'area')} done" if len(standings) > len(open_ones) else "",
        ]
        if any(elsewhere):
            lines.append(Text(", ".join(filter(None, elsewhere)), style="dim"))
        lines.append(Text(summary(self._standing, elapsed), style="bold"))
        if self._standing.newest:
            newest = printable(self._standing.newest, limit=max(self._console.width - 3, 20))
            lines.append(Text(f"✗ {newest}", style="red", overflow="ellipsis", no_wrap=True))
        return Group(*lines)

    def close(self) -> None:
        """Clear what was drawn: the last screen says it better."""
        if self._drawn is not None:
            self._live.stop()


def _line(name: str, area: AreaStanding) -> tuple[str | ProgressBar | Text, ...]:
    failures = Text(f"✗ {count(len(area.failures), 'new failure')}", style="red") if area.failures else Text("")
    bar = ProgressBar(total=max(area.tests, 1), completed=area.done, width=24)
    return name, bar, Text(f"{area.done}/{area.tests}", justify="right"), failures
