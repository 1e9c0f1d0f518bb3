"""Run a generated test against a server that is right, or wrong in one respect."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition, SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.safety import Safety
from conformance.outcomes import Blocked, NotMeasured
from conformance.properties.campaigns.selection import DEPTH_POLICIES, CampaignOptions
from conformance.properties.generation.adapter import Generator
from conformance.properties.judging.recording import Check
from conformance.properties.registry import binding_of
from conformance.target.credentials import Credentials
from conformance.wire import Ledger, Recorder, Wire
from conformance.wire.messages import ConnectionSettings
from conformance.wire.network.transport import Transport
from conformance.world import Services, World
from tests.properties.responder.server import KEY, Responder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.judge.observation import Observation, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A wire and a world on a responder, and what tests get as fixtures."""

    wire: Wire
    world: World
    responder: Responder

    def run(self, check: Callable[..., None], operation_id: str, **extra: Any) -> tuple[Observation, ...]:
        """What a generated test observes of an operation."""
        operation = self.wire.contract[operation_id]
        recorder = Recorder()
        recorder.begin("self-test")
        self.wire.recorder = recorder
        names = check.__code__.co_varnames[: check.__code__.co_argcount]
        given = {"operation": operation, "wire": self.wire, **extra}
        given |= dict.fromkeys(("world", "whole_world", "fresh_world"), self.world)
        binding = binding_of(check)
        if binding is not None:
            given["check"] = Check(self.wire, operation, binding.rules)
        given = {"schemas": schema_checker(), "policy": DEPTH_POLICIES["gate"], **given}
        with contextlib.suppress(NotMeasured, Blocked), self.world.restoring(operation_id), self.world.scope():
            check(**{n: v for n, v in given.items() if n in names})
        return recorder.observations

    def outcomes(self, check: Callable[..., None], operation_id: str, rule: str, **extra: Any) -> set[Outcome]:
        """Outcomes of one rule."""
        return {o.outcome for o in self.run(check, operation_id, **extra) if o.rule == rule}


class AnyService(Services):
    """Facts of services that nobody calls: the responder takes them as they are."""

    def fact(self, name: str) -> object:
        """A text for every name."""
        return {"llm.provider": "OpenAI", "redis.port": "6379"}.get(name, f"https://{name.replace('_', '-')}.invalid/")


@lru_cache(maxsize=1)
def schema_checker() -> SchemaChecker:
    """Validators are compiled once for all tests."""
    return SchemaChecker(load_contract())


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    """Makes benches; ``bench("unknown-found")`` for a server with that fault."""
    with contextlib.ExitStack() as stack:

        def make(
            *faults: str,
            answer: Any = None,
            disposable: bool = True,
            services: type[Services] = Services,
            edition: Edition = Edition.ENTERPRISE,
            server: type[Responder] = Responder,
        ) -> Bench:
            responder = stack.enter_context(server(*faults, answer=answer))
            transport = Transport(ConnectionSettings())
            stack.callback(transport.close)
            contract, resources = load_contract(), load_resources(edition=edition)
            wire = Wire(
                base_url=responder.url,
                transport=transport,
                contract=contract,
                schemas=schema_checker(),
                resources=resources,
                credentials={"default": Credentials(KEY, base_url=responder.url, transport=transport)},
                ledger=Ledger(resources),
                recorder=Recorder(),
                allow=Safety.ADMIN if disposable else Safety.ADDITIVE,
                run_id="selftest",
            )
            world = World(wire, services(None, url=responder.url))
            return Bench(wire=wire, world=world, responder=responder)

        yield make


@pytest.fixture(scope="session")
def generated() -> dict[str, Any]:
    """What generated tests get besides wire and world."""
    return {
        "generator": Generator(load_contract(), 1),
        "schemas": schema_checker(),
        "options": CampaignOptions(policy=DEPTH_POLICIES["gate"]),
    }
