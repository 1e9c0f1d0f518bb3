"""One strong entity tag for two contents is told; what lawfully looks like it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.judge import Outcome
from tests.wire.conftest import FakeTransport, response

if TYPE_CHECKING:
    from conformance.wire import Wire
    from conformance.wire.messages import RawResponse


def tagged(tag: str, value: object, status: int = 200) -> RawResponse:
    return response(status, value, etag=tag)


def told(wire: Wire, transport: FakeTransport, *answers: RawResponse) -> list[str]:
    waiting = iter(answers)
    transport.answer = lambda _: next(waiting)
    for _ in answers:
        wire.call("organizations.list", expect=None)
    return [o.signature for o in wire.recorder.observations if o.outcome is Outcome.FAIL and "tag" in o.signature]


def test_a_strong_tag_names_one_content(wire: Wire, transport: FakeTransport) -> None:
    answers = (tagged('"a"', []), tagged('"a"', [{"id": 1}]))
    assert told(wire, transport, *answers) == ["one entity tag for two contents"]


@pytest.mark.parametrize(
    "second",
    [
        tagged('"a"', []),
        tagged('"b"', [{"id": 1}]),
        tagged('W/"a"', [{"id": 1}]),
        tagged('"a"', {"detail": "Not found."}, 404),
        response(200, [{"id": 1}]),
    ],
    ids=["same content", "another tag", "weak", "no success", "no tag"],
)
def test_what_is_lawful(wire: Wire, transport: FakeTransport, second: RawResponse) -> None:
    assert told(wire, transport, tagged('"a"', []), second) == []


def test_another_account_may_see_another_content(wire: Wire, transport: FakeTransport) -> None:
    answers = iter((tagged('"a"', []), tagged('"a"', [{"id": 1}])))
    transport.answer = lambda _: next(answers)
    wire.call("organizations.list", expect=None)
    wire.call("organizations.list", expect=None, role="anonymous")
    assert [o for o in wire.recorder.observations if "tag" in o.signature] == []
