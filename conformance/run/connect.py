"""Puts the wire to a target together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract import Edition, SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.rules import load_rules
from conformance.contract.tables.safety import Safety
from conformance.target.credentials import Credentials
from conformance.wire import Ledger, Recorder, Wire
from conformance.wire.network.locks import SharedLock, SharedRateLimiter
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.target.settings import TargetSettings
    from conformance.wire.checking.witness import Witness
    from conformance.wire.safety.journal import Journal


def connect(  # noqa: PLR0913 - one place where the parts are put together
    settings: TargetSettings,
    *,
    url: str,
    api_key: str,
    edition: str,
    disposable: bool,
    thrown_away: bool = False,
    run_id: str,
    recorder: Recorder | None = None,
    journal: Journal | None = None,
    shared: Path | None = None,
    witness: Witness | None = None,
) -> Wire:
    """The one way to a target.

    Args:
        settings: how to reach it, and the keys of further roles.
        url: of the target; for the embedded one, of the server that was started.
        api_key: of the run.
        edition: decides which properties a response owes, and which objects there are.
        disposable: everything on it may be changed.
        thrown_away: it ends with the run.
        run_id: part of each request's id.
        recorder: where observations go; None = nobody wants them.
        journal: where the ledger writes what was created.
        shared: a folder that all processes of the run share, where several may be at the target at the same time.
        witness: reads the answers as a user does.
    """
    rate = settings.connection.rate
    transport = Transport(
        settings.connection, limiter=SharedRateLimiter(rate, shared=shared / "rate") if rate and shared else None
    )
    named = Edition.ENTERPRISE if edition == Edition.ENTERPRISE else Edition.COMMUNITY
    contract, resources = load_contract(), load_resources(edition=named)
    keys = {"default": api_key, **settings.roles}
    return Wire(
        base_url=url,
        transport=transport,
        contract=contract,
        schemas=SchemaChecker(contract, named),
        resources=resources,
        credentials={role: Credentials(key, base_url=url, transport=transport) for role, key in keys.items()},
        ledger=Ledger(resources, journal=journal),
        recorder=recorder or Recorder(),
        allow=Safety.ADMIN if disposable else settings.allow,
        thrown_away=thrown_away,
        run_id=run_id,
        lock=SharedLock(shared, "requests") if shared else None,
        doubting=True,
        witness=witness,
        tellers=load_rules().tellers,
    )
