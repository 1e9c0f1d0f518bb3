"""What the official client says of answers, and what the suite makes of that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.contract import Edition, SchemaChecker, load_contract
from conformance.contract.reading import ContractError
from conformance.contract.tables.clients import load_clients
from conformance.judge.findings.causes import findings
from conformance.judge.findings.impact import assess
from conformance.judge.observation import Impact, Observation, Outcome, Reads
from conformance.peers.base import Site
from conformance.wire.checking.checks import ResponseCheck
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.messages import RawRequest, RawResponse
from conformance.witness import Witness
from conformance.witness.client import Client, Reading
from conformance.witness.reader import made_up, told_odd
from conformance.witness.shapes import shape
from conformance.witness.witness import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    Look: TypeAlias = Callable[[Exchange], dict[str, list[Observation]]]

CONTRACT = load_contract()
CHECK = ResponseCheck(SchemaChecker(CONTRACT, Edition.COMMUNITY))
WEBHOOK: dict[str, Any] = {
    "id": 1,
    "organization": 1,
    "project": None,
    "url": "http://127.0.0.1/",
    "send_payload": True,
    "send_for_all_actions": True,
    "headers": {},
    "is_active": True,
    "actions": ["TASKS_CREATED"],
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
}


def exchange(operation: str, body: Any, *, kind: str = "application/json", query: str = "") -> Exchange:
    known = CONTRACT[operation]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(
        operation=known,
        request=RawRequest(method=known.method, url=f"http://target.test{known.path}{query}"),
        response=RawResponse(
            status=next(s for s in known.success if s // 100 == 2),
            headers=httpx.Headers({"content-type": kind}),
            content=content,
            elapsed=0.0,
            http_version="HTTP/1.1",
        ),
    )


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Look]:
    """What is observed of an exchange, by rule, with the real client of the contract's version."""
    witness = Witness(Site(log_dir=tmp_path_factory.mktemp("logs")), [load_clients().contract])
    witness.begin()

    def by_rule(one: Exchange) -> dict[str, list[Observation]]:
        seen: dict[str, list[Observation]] = {}
        for observation in witness.look(one, tuple(CHECK(one))):
            seen.setdefault(observation.rule, []).append(observation)
        return seen

    yield by_rule
    witness.end()


def spoiled(**changes: Any) -> dict[str, Any]:
    return {k: v for k, v in (WEBHOOK | changes).items() if v is not ...}


@pytest.mark.peers
def test_a_right_answer_is_read(look: Look) -> None:
    seen = look(exchange("webhooks.get", WEBHOOK))
    assert [o.outcome for rule in ("official-client-reads", "official-client-types") for o in seen[rule]] == [
        Outcome.PASS,
        Outcome.PASS,
    ]


@pytest.mark.peers
@pytest.mark.parametrize(
    ("operation", "body", "signature"),
    [
        ("webhooks.get", "a text", "raises TypeError"),
        ("webhooks.get", b"{", "raises ApiError (JSONDecodeError)"),
        ("webhooks.list", [WEBHOOK, 3], "raises TypeError"),
    ],
)
def test_an_answer_on_which_the_client_raises_breaks_it(
    look: Look, operation: str, body: object, signature: str
) -> None:
    seen = look(exchange(operation, body))
    (broken,) = seen["official-client-reads"]
    assert (broken.outcome, broken.signature) == (Outcome.FAIL, signature)
    for observation in seen.get("response-schema", ()):
        assert observation.client is Reads.RAISES
        assert assess(observation, stated=Impact.CONTRACT_ONLY) is Impact.BROKEN_CLIENT


@pytest.mark.peers
@pytest.mark.parametrize(
    ("body", "odd"),
    [
        (spoiled(id=[1]), ["/id: list for int"]),
        (spoiled(url=None), ["/url: null for string"]),
        (spoiled(url=...), ["/url: missing"]),
        (spoiled(created_at="yesterday"), ["/created_at: text for datetime_from_date"]),
    ],
)
def test_an_answer_that_is_read_as_something_else_is_a_warning(
    look: Look, body: dict[str, Any], odd: list[str]
) -> None:
    seen = look(exchange("webhooks.get", body))
    assert [o.outcome for o in seen["official-client-reads"]] == [Outcome.PASS]
    assert [(o.outcome, o.signature) for o in seen["official-client-types"]] == [(Outcome.WARN, t) for t in odd]
    (schema,) = (o for o in seen["response-schema"])
    assert schema.client is Reads.ODD
    assert assess(schema, stated=Impact.CONTRACT_ONLY) is Impact.CONTRACT_ONLY


@pytest.mark.peers
def test_a_value_that_is_not_documented_breaks_the_contract_and_not_the_client(look: Look) -> None:
    seen = look(exchange("webhooks.get", spoiled(actions=["TASKS_EATEN"])))
    assert [o.outcome for o in seen["official-client-types"]] == [Outcome.PASS]
    assert [o.client for o in seen["response-schema"]] == [Reads.READS]


@pytest.mark.peers
def test_what_the_client_can_not_read_of_a_right_answer_is_no_failure(look: Look) -> None:
    (seen,) = look(exchange("tokens.blacklist", b"", kind=""))["official-client-reads"]
    assert (seen.outcome, "keeps to the contract" in seen.message) == (Outcome.WARN, True)


@pytest.mark.peers
def test_every_operation_of_the_community_has_a_method_that_can_be_called(tmp_path: Path) -> None:
    client = Client(load_clients().contract, Site(log_dir=tmp_path))
    client.start()
    lacking = [
        operation.id
        for operation in CONTRACT
        if operation.edition is Edition.COMMUNITY
        and not client.read(operation=operation.id, status=200, content_type="application/json", body="{}").method
    ]
    client.stop()
    assert lacking == []


class Scripted:
    """A client that says what it is told to say, and counts how often it is asked."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.asked = reading, 0

    def read(self, **_: object) -> Reading:
        self.asked += 1
        return self.reading


def witness_of(*clients: Scripted) -> Witness:
    witness = Witness(Site(log_dir=None), [])  # type: ignore[arg-type] # nothing is started
    witness._clients = list(clients)  # type: ignore[arg-type]
    return witness


def test_answers_of_one_kind_are_read_once() -> None:
    client = Scripted(Reading(version="9"))
    witness = witness_of(client)
    for n in range(5):
        one = exchange("webhooks.list", [WEBHOOK | {"id": n + 1}] * (n + 1))
        list(witness.look(one, tuple(CHECK(one))))
    assert client.asked == 1
    odd = exchange("webhooks.list", [WEBHOOK, WEBHOOK | {"id": None}])
    list(witness.look(odd, tuple(CHECK(odd))))
    assert client.asked == 2


def test_of_many_kinds_that_keep_to_the_contract_some_are_read_and_of_others_each_first() -> None:
    client = Scripted(Reading(version="9"))
    witness = witness_of(client)
    for n in range(2 * KINDS):
        one = exchange("webhooks.get", WEBHOOK | {f"more {n}": n})
        list(witness.look(one, tuple(CHECK(one))))
    assert client.asked == KINDS
    odd = exchange("webhooks.get", spoiled(url=...))
    list(witness.look(odd, tuple(CHECK(odd))))
    assert client.asked == KINDS + 1


def test_what_no_client_would_ask_for_is_not_read() -> None:
    client = Scripted(Reading(version="9"))
    witness = witness_of(client)
    right = exchange("webhooks.get", WEBHOOK)
    for request in (
        RawRequest(method="HEAD", url=right.request.url),
        RawRequest(method="GET", url=right.request.url, headers=(("Accept", "text/html"),)),
        RawRequest(method="GET", url=right.request.url, deed="x", spoiled=True),
    ):
        one = Exchange(operation=right.operation, request=request, response=right.response)
        assert not [o for o in witness.look(one, ()) if o.rule.startswith("official")]
    assert client.asked == 0


def test_one_cause_is_told_of_a_broken_answer_and_the_client_that_breaks_on_it() -> None:
    witness = witness_of(Scripted(Reading(version="9", raises="TypeError")))
    one = exchange("webhooks.get", spoiled(url=...))
    evidence = {"request": {"method": "GET", "url": "/"}, "response": {"status": 200}, "elapsed": 0.0}
    seen = [
        Observation.from_json({**o.to_json(), "evidence": {**evidence, "request_id": "r-1", "curl": "curl"}})
        for o in witness.look(one, tuple(CHECK(one)))
    ]
    assert len(findings(seen)) == 1


def test_a_client_that_is_not_there_is_no_failure() -> None:
    witness = Witness(Site(log_dir=None), ["1"], left_out="somebody left it out")  # type: ignore[arg-type]
    witness.begin()
    one = exchange("webhooks.get", WEBHOOK)
    seen = [o for o in witness.look(one, ()) if o.rule.startswith("official")]
    assert {o.outcome for o in seen} == {Outcome.NOT_MEASURED}
    assert "somebody left it out" in seen[0].message


def test_what_people_write_has_no_shape() -> None:
    free = frozenset({"data"})
    assert shape({"data": {"a": 1}, "x": [1, 2]}, free) == shape({"x": [3], "data": {"b": [None]}}, free)
    assert shape({"data": []}, free) != shape({"data": {}}, free)
    assert shape([{"a": 1}, {"a": None}], free) != shape([{"a": 1}], free)


def test_of_several_types_the_closest_is_told() -> None:
    errors: list[dict[str, Any]] = [
        {"loc": ("items", 0, "Cat", "name"), "type": "missing"},
        {"loc": ("items", 0, "Cat", "age"), "type": "missing"},
        {"loc": ("items", 0, "Dog", "name"), "type": "string_type", "input": 3},
    ]
    assert told_odd({"items": [{"name": 3}]}, errors) == [["/items/*/name", "string", "number"]]


def test_arguments_are_made_up() -> None:
    def method(id: int, label: str, *, score: float = 1.0, **more: object) -> None:
        del id, label, score, more

    assert made_up(method) == {"id": 1, "label": "x"}


def test_releases_come_with_their_client(tmp_path: Path) -> None:
    clients = load_clients()
    assert clients.of("1.23.2") == ("2.0.21", "2.1.2")
    assert clients.of("1.18.0") == ("2.0.21", "1.0.12")
    assert clients.of("77.0") == ("2.0.21",)
    broken = tmp_path / "clients.yaml"
    broken.write_text("contract: 2.0\ncomes_with: {}\n", encoding="utf-8")
    with pytest.raises(ContractError, match="no text"):
        load_clients(broken)
