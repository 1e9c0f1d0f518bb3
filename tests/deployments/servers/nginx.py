"""Debian's nginx in front of a Label Studio, as people put it there: TLS, a sub-path, a limit for bodies."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import trustme

from conformance.processes.process import Order, SupervisedProcess
from conformance.target.embedded.ready import LOOPBACK, free_port, wait_for

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size {body_limit};
  server {{
    listen {host}:{port}{ssl};
    {certificate}
    {prefix_only}
    location {prefix}/ {{
      {options}
      proxy_pass http://{upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""
# As in the deployment files that Label Studio ships.
_OPTIONS = """if ($request_method = OPTIONS) { return 204; }"""


@dataclass(slots=True, kw_only=True)
class Nginx:
    """A running nginx; a context manager that ends it.

    Attributes:
        folder: For its configuration, its logs, and the CA.
        tls: Whether it serves HTTPS, with a certificate of a CA of its own.
        prefix: The path below which the application is served (``/labels``), or nothing.
        body_limit: The longest body that it lets through, in nginx' words.
        answers_options: Whether it answers OPTIONS itself.
    """

    folder: Path
    tls: bool = False
    prefix: str = ""
    body_limit: str = "0"
    answers_options: bool = False
    port: int = field(default_factory=free_port)
    _process: SupervisedProcess | None = None

    @property
    def url(self) -> str:
        """Where people find the application."""
        return f"http{'s' if self.tls else ''}://{LOOPBACK}:{self.port}{self.prefix}"

    @property
    def ca_bundle(self) -> Path:
        """The only CA to trust, where it serves HTTPS."""
        return self.folder / "ca.pem"

    def start(self, upstream: str) -> Self:
        """Put it in front of the server at the URL ``upstream``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        program = shutil.which("nginx")
        assert program is not None, "these tests need nginx (apt-get install nginx)"
        certificate = ""
        if self.tls:
            authority = trustme.CA()
            authority.cert_pem.write_to_path(self.ca_bundle)
            issued = authority.issue_cert(LOOPBACK)
            issued.private_key_and_cert_chain_pem.write_to_path(self.folder / "server.pem")
            certificate = "".join(
                f"ssl_{name} {self.folder}/server.pem;" for name in ("certificate", "certificate_key")
            )
        config = self.folder / "nginx.conf"
        config.write_text(
            _CONFIG.format(
                user="user root;" if os.geteuid() == 0 else "",
                folder=self.folder,
                body_limit=self.body_limit,
                host=LOOPBACK,
                port=self.port,
                ssl=" ssl" if self.tls else "",
                certificate=certificate,
                prefix=self.prefix,
                prefix_only="location / { return 404; }" if self.prefix else "",
                options=_OPTIONS if self.answers_options else "",
                upstream=upstream.partition("://")[2],
            ),
            encoding="utf-8",
        )
        order = Order(
            command=[program, "-p", str(self.folder), "-c", str(config), "-e", f"{self.folder}/error.log"],
            environment={"PATH": os.environ["PATH"]},
            folder=str(self.folder),
            log=str(self.folder / "nginx.log"),
            remove=None,
            grace=5.0,
        )
        self._process = SupervisedProcess(order)
        log = self.folder / "error.log"
        assert wait_for(self._process, self._listens, 10), log.read_text() if log.exists() else "no log"
        return self

    def stop(self) -> None:
        """End it; twice does no harm."""
        if self._process is not None:
            self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0
