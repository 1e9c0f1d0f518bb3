"""Fixtures that all tests of the suite use."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.budgets import Eventually
from conformance.contract import load_contract
from conformance.contract.tables.budgets import load_budgets
from conformance.contract.tables.requirements import load_requirements
from conformance.outcomes import LeftAlone
from conformance.run.connect import connect
from conformance.run.state import STATE
from conformance.run.worker import GUARDED
from conformance.showing import Show
from conformance.target.embedded import start
from conformance.wire import clean_up
from conformance.world import Services, make_rich
from conformance.world.addresses import PROTECTED, takes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.contract import Contract
    from conformance.peers import Peers
    from conformance.run.worker import TargetInUse
    from conformance.target.embedded import EmbeddedSettings
    from conformance.wire import Wire
    from conformance.world import RichWorld


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract."""
    return load_contract()


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> TargetInUse:
    """The target, ready."""
    return request.config.stash[STATE].worker.target


@pytest.fixture(scope="session")
def wire(request: pytest.FixtureRequest) -> Wire:
    """The one way to the target, for the whole session: what is created stays until its end."""
    return request.config.stash[STATE].worker.wire


@pytest.fixture
def apart(request: pytest.FixtureRequest, target: TargetInUse) -> Iterator[Wire]:
    """The way to another server like the embedded one, for what may break a whole server; observed as all else.

    Raises:
        LeftAlone: the target is not ours, and is not broken to see whether it can be.
    """
    if target.server is None:
        raise LeftAlone("It may break a whole server, so that only one that the suite starts is asked.")
    with _beside(request, target, target.server.settings) as wire:
        yield wire


@pytest.fixture(scope="module")
def protected(request: pytest.FixtureRequest, target: TargetInUse, wire: Wire) -> Iterator[Wire]:
    """The way to a target that protects its network: another one beside an embedded target that does not."""
    if target.server is None or target.policy == "shipped":
        yield wire
        return
    with _beside(request, target, replace(target.server.settings, policy="shipped")) as other:
        yield other


@pytest.fixture
def guarded(protected: Wire) -> Iterator[Wire]:
    """The way to a target that protects its network, with what the test creates removed after it."""
    before = protected.ledger.mark()
    yield protected
    clean_up(protected, but=before)


@contextmanager
def _beside(request: pytest.FixtureRequest, target: TargetInUse, settings: EmbeddedSettings) -> Iterator[Wire]:
    """Start another server, for as long as the block lasts."""
    worker = request.config.stash[STATE].worker
    with start(settings) as server:
        wire = connect(
            target.settings,
            url=server.url,
            api_key=server.api_key,
            edition=target.edition,
            disposable=True,
            thrown_away=True,
            run_id=f"{worker.wire.run_id}-apart",
            recorder=worker.recorder,
        )
        yield wire
        wire.close()


@pytest.fixture(scope="session")
def peers(request: pytest.FixtureRequest, wire: Wire, target: TargetInUse) -> Peers:
    """The loopback services; each starts when it is asked for, or raises PeerUnavailable."""
    hub = request.config.stash[STATE].worker.peers
    host = target.settings.callback_host
    if host and not takes(wire, f"http://{host}:9/"):
        hub.rule_out(dict.fromkeys((kind.name for kind in GUARDED), PROTECTED), "Judge a target without it.")
    return hub


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Seed of everything that is generated."""
    return request.config.stash[STATE].options.seed


@pytest.fixture(scope="session")
def services(target: TargetInUse, peers: Peers, wire: Wire) -> Services:
    """Facts of the loopback services, as bodies name them."""
    return Services(
        peers,
        url=target.url,
        callback_host=target.settings.callback_host,
        document_root=target.document_root,
        takes=partial(takes, wire),
        given=target.settings.services,
    )


@pytest.fixture
def api(wire: Wire) -> Iterator[Wire]:
    """The wire, with what the test creates removed after it."""
    before = wire.ledger.mark()
    yield wire
    clean_up(wire, but=before)


@pytest.fixture
def show(wire: Wire) -> Show:
    """Records whether the target does what requirements say."""
    return Show(wire, load_requirements())


@pytest.fixture
def eventually(wire: Wire) -> Eventually:
    """Polls within a named budget."""
    return Eventually(wire.recorder, load_budgets())


@pytest.fixture(scope="session")
def new_name(wire: Wire) -> Callable[[str], str]:
    """Makes titles that nothing else on the target has; they carry the run's id, for ``sweep``."""
    return wire.names.title


@pytest.fixture
def rich(api: Wire, services: Services, new_name: Callable[[str], str]) -> RichWorld:
    """A home and a neighbour that have everything (``spec/rich.yaml``), gone after the test."""
    return make_rich(api, services, new_name)
