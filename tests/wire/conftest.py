"""A wire whose target is a function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from conformance.contract import SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.safety import Safety
from conformance.target.credentials import Credentials
from conformance.wire import Ledger, Recorder, Wire
from conformance.wire.messages import ConnectionSettings, RawRequest, RawResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.network.transport import Transport

KEY = "0123456789abcdef0123456789abcdef01234567"
BASE = "http://target.test"


class FakeTransport:
    """Answers by a function, and keeps what was sent."""

    def __init__(self) -> None:
        self.settings = ConnectionSettings()
        self.sent: list[RawRequest] = []
        self.answer: Callable[[RawRequest], RawResponse] = lambda _: response(404, {"detail": "Not found."})

    def send(self, request: RawRequest) -> RawResponse:
        self.sent.append(request)
        return self.answer(request)

    def close(self) -> None:
        pass


def response(status: int, body: Any = None, content_type: str = "application/json", **headers: str) -> RawResponse:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    pairs = {"content-type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return RawResponse(
        status=status, headers=httpx.Headers(pairs), content=content, elapsed=0.01, http_version="HTTP/1.1"
    )


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def make_wire(transport: FakeTransport) -> Callable[..., Wire]:
    def make(*, disposable: bool = True, allow: Safety | None = None) -> Wire:
        contract, resources = load_contract(), load_resources()
        real = cast("Transport", transport)
        return Wire(
            base_url=BASE,
            transport=real,
            contract=contract,
            schemas=SchemaChecker(contract),
            resources=resources,
            credentials={"default": Credentials(KEY, base_url=BASE, transport=real)},
            ledger=Ledger(resources),
            recorder=Recorder(),
            allow=allow if allow is not None else Safety.ADMIN if disposable else Safety.ADDITIVE,
            run_id="run-1",
        )

    return make


@pytest.fixture
def wire(make_wire: Callable[..., Wire]) -> Wire:
    return make_wire()
