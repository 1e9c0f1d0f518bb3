"""A plugin of pytest: the server was told before it started where the GCS emulator will be, and there it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

import conformance.run.session
from conformance.peers.storages.gcs import GcsPeer
from conformance.run.worker import out_of_reach

if TYPE_CHECKING:
    from conformance.peers.base import Site
    from conformance.target.embedded.settings import Policy
    from conformance.target.settings import TargetSettings

PORT: Final = "FAULTS_GCS_PORT"
"""Environment variable of a run: the port that its server knows."""


def pytest_configure(config: pytest.Config) -> None:
    """For the whole session; nothing where the server was told of none."""
    del config
    port = int(os.environ.get(PORT, "0"))
    if not port:
        return
    begin = GcsPeer.__init__

    def placed(self: GcsPeer, site: Site) -> None:
        begin(self, site)
        self._port = port

    def but_gcs(settings: TargetSettings, policy: Policy = "open") -> dict[str, str]:
        return {name: why for name, why in out_of_reach(settings, policy).items() if name != GcsPeer.name}

    patched = pytest.MonkeyPatch()
    patched.setattr(GcsPeer, "__init__", placed)
    patched.setattr(conformance.run.session, "out_of_reach", but_gcs)
