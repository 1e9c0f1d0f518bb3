"""Weather on the side of the suite, as a plugin of the run: ``-p tests.weather.within --weather-within clock``."""

from __future__ import annotations

import datetime as dt
import socket
from pathlib import Path
from typing import Any, Final

import pytest
import time_machine

WITHIN: Final = {
    "clock": "the clock of the suite's machine jumps: two hours ahead, back, three days back, and back",
    "names": "one name in three cannot be resolved",
}
JUMPS: Final = {
    8: dt.timedelta(hours=2),
    16: dt.timedelta(),
    24: dt.timedelta(days=-3),
    32: dt.timedelta(),
}
"""After so many tests, the clock differs by so much from the true time."""
EVERY: Final = 3
AFTER: Final = 3
"""So many lookups go well before: the run itself has begun then."""


class Clock:
    """Jumps between two tests; what counts seconds goes on."""

    def __init__(self) -> None:
        self.disturbed = 0
        self._tests = 0
        self._wrong: time_machine.travel | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Put it forward or back where it is due."""
        self._tests += 1
        if (difference := JUMPS.get(self._tests)) is None:
            return
        self.disturbed += 1
        self.set_right()
        if difference:
            self._wrong = time_machine.travel(dt.datetime.now(dt.UTC) + difference, tick=True)
            self._wrong.start()

    def set_right(self) -> None:
        """Show the true time."""
        if self._wrong is not None:
            self._wrong.stop()
            self._wrong = None

    def pytest_unconfigure(self) -> None:
        """Leave the clock as it was."""
        self.set_right()


class Names:
    """A resolver that comes and goes."""

    def __init__(self) -> None:
        self.disturbed = 0
        self._asked = 0
        self._resolve = socket.getaddrinfo
        socket.getaddrinfo = self._look_up

    def _look_up(self, host: Any, *given: Any, **named: Any) -> Any:
        self._asked += 1
        if self._asked > AFTER and self._asked % EVERY == 0:
            self.disturbed += 1
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._resolve(host, *given, **named)

    def pytest_unconfigure(self) -> None:
        """Leave the resolver as it was."""
        socket.getaddrinfo = self._resolve


def pytest_addoption(parser: pytest.Parser) -> None:
    """One of `WITHIN`, and where to write how often it was met."""
    parser.addoption("--weather-within", choices=list(WITHIN))
    parser.addoption("--weather-count")


def pytest_configure(config: pytest.Config) -> None:
    """Let it begin."""
    if name := config.getoption("--weather-within"):
        config.pluginmanager.register({"clock": Clock, "names": Names}[name](), "weather-within")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Say how often it was met."""
    weather = session.config.pluginmanager.get_plugin("weather-within")
    if weather is not None and (path := session.config.getoption("--weather-count")):
        Path(path).write_text(str(weather.disturbed), encoding="utf-8")
