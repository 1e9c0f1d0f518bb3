"""Label Studio as people run it: PostgreSQL, several processes, nginx with TLS in front, below a path."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from conformance.contract import SPEC
from conformance.report.document import load
from conformance.target.embedded import EmbeddedServer, EmbeddedSettings, start
from conformance.target.embedded.ready import LOOPBACK
from tests.deployments.servers.nginx import Nginx
from tests.suite import run_suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.report.document import Report

ROOT = SPEC.parent
PROCESSES = 3


@dataclass(frozen=True, slots=True)
class Deployment:
    """A server and the way to it.

    Attributes:
        server: Label Studio itself.
        front: nginx; None where there is nothing in between.
    """

    server: EmbeddedServer
    front: Nginx | None = None

    @property
    def url(self) -> str:
        """Where people find it."""
        return self.front.url if self.front else self.server.url

    @property
    def arguments(self) -> list[str]:
        """What says to the suite that this is the target."""
        found = ["--target", self.url, "--api-key", self.server.api_key]
        if self.front is not None and self.front.tls:
            found.append(f"--ca-bundle={self.front.ca_bundle}")
        return found

    @property
    def verify(self) -> ssl.SSLContext | bool:
        """What an HTTP client has to trust."""
        if self.front is None or not self.front.tls:
            return True
        return ssl.create_default_context(cafile=str(self.front.ca_bundle))


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the suite came to."""

    code: int
    screen: str
    folder: Path

    @property
    def report(self) -> Report:
        """Its result."""
        return load(self.folder / "conformance.json")


def judge(folder: Path, *arguments: str, timeout: float = 550, environment: Mapping[str, str] | None = None) -> Run:
    """Run the suite in a process of its own, as a person would."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO_", "LS_CONFORMANCE_T"))}
    done = run_suite(f"--report-dir={folder}", *arguments, timeout=timeout, environment=clean | dict(environment or {}))
    return Run(done.returncode, done.stdout + done.stderr, folder)


def postgresql(**more: str) -> EmbeddedSettings:
    """Several processes on PostgreSQL that believe a proxy on this machine, with these variables."""
    environment = {"FORWARDED_ALLOW_IPS": LOOPBACK, **more}
    return EmbeddedSettings(
        database="postgresql", serving="gunicorn", processes=PROCESSES, extra_environment=environment
    )


@pytest.fixture(scope="session")
def several_processes() -> Iterator[Deployment]:
    """Several processes on PostgreSQL, nothing in between."""
    with start(postgresql()) as server:
        yield Deployment(server)


@pytest.fixture(scope="session")
def below_a_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Several processes on PostgreSQL behind nginx: TLS with a CA of its own, a sub-path, OPTIONS answered there."""
    front = Nginx(folder=tmp_path_factory.mktemp("nginx"), tls=True, prefix="/labels", answers_options=True)
    with start(postgresql(LABEL_STUDIO_HOST=front.url)) as server, front.start(server.url):
        yield Deployment(server, front)


@pytest.fixture
def behind_a_limit(several_processes: Deployment, tmp_path: Path) -> Iterator[Deployment]:
    """The same processes behind an nginx that lets no body above 1 kB through."""
    with Nginx(folder=tmp_path / "nginx", body_limit="1k").start(several_processes.server.url) as front:
        yield Deployment(several_processes.server, front)
