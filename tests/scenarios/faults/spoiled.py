"""Ways for a target to be wrong: each stands between the wire and a real server, and spoils answers or loses requests.

None knows a requirement. What a requirement's check is worth shows in whether some of these turn it red.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import httpx

from conformance.contract import load_contract
from conformance.contract.tables.resources import load_resources
from tests.scenarios.faults.exports import EXPORT_FAULTS
from tests.scenarios.faults.laws import LAWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.contract import Operation
    from conformance.wire.messages import RawRequest, RawResponse
    from conformance.wire.network.transport import Transport

# What a workflow needs to find its way; a server that is wrong here is found by the schema, or ends every scenario.
GUIDING: Final = re.compile(
    r"(^|_)(ids?|pk|by)$|^(parent_)?(project|task|annotation|prediction|view|user|organization)s?$|^active_organization$"
    r"|^(status|state|token|access|refresh|next|previous|file|export_type|converted_format|invite_url)$"
)
REFERENCES: Final = re.compile(r"^(project|task|completed_by|created_by|organization|user|parent_\w+)$")
# So many fields make an object that is worth taking one from.
MANY: Final = 3
SECRETS: Final = re.compile(r"pass|secret|account_key|access_key")


@dataclass(slots=True)
class Call:
    """One request of the running test, with what the server would answer.

    Attributes:
        number: how many requests of the test went before.
        forward: sends a request to the real server.
        memory: what the fault keeps from request to request of one test.
    """

    request: RawRequest
    operation: Operation | None
    number: int
    forward: Callable[[RawRequest], RawResponse]
    memory: dict[str, Any]

    @property
    def path(self) -> str:
        """Without the query."""
        return httpx.URL(self.request.url).path


@dataclass(slots=True)
class SpoiledTransport:
    """In the place of the real transport while a test runs."""

    real: Transport
    fault: Callable[[Call], RawResponse]
    sent: int = 0
    memory: dict[str, Any] = field(default_factory=dict)

    def send(self, request: RawRequest) -> RawResponse:
        """Let the fault answer."""
        base = httpx.URL(request.url)
        matched = load_contract().match(request.method, base.path)
        call = Call(request, matched[0] if matched else None, self.sent, self.real.send, self.memory)
        self.sent += 1
        return self.fault(call)

    def save(self, request: RawRequest, into: Path) -> RawResponse:
        """Large bodies are spoiled like small ones."""
        response = self.send(request)
        into.write_bytes(response.content)
        return response

    def close(self) -> None:
        """The real one closes itself."""


def respond(status: int, body: object, like: RawResponse | None = None) -> RawResponse:
    """A JSON answer."""
    from conformance.wire.messages import RawResponse  # noqa: PLC0415 - only a type elsewhere

    content = b"" if status == 204 else json.dumps(body).encode()
    headers = httpx.Headers({"content-type": "application/json"})
    return RawResponse(
        status=status, headers=headers, content=content, elapsed=like.elapsed if like else 0.01, http_version="HTTP/1.1"
    )


def spoiled(response: RawResponse, change: Callable[[Any], Any]) -> RawResponse:
    """The same answer with its JSON changed; other answers, and refusals, stay as they are."""
    if not 200 <= response.status < 300:
        return response
    try:
        value = json.loads(response.content)
    except ValueError:
        return response
    return replace(response, content=json.dumps(change(value)).encode())


def leaves(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """Change everything in a JSON value that holds nothing else and that no workflow finds its way by."""
    if isinstance(value, dict):
        return {key: leaves(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [leaves(item, change, name) for item in value]
    return value if GUIDING.search(name) else change(name, value)


def lists(value: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    """Change every list in a JSON value, from within outwards."""
    if isinstance(value, dict):
        return {key: lists(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return change([lists(item, change) for item in value])
    return value


def success(call: Call) -> int:
    """The status of success that the contract documents."""
    return next((s for s in call.operation.success if s < 300), 200) if call.operation else 200


# --- answers with other contents


def texts_drift(call: Call) -> RawResponse:
    """Each answer has other texts than were kept."""

    def change(_: str, value: Any) -> Any:
        return f"{value}~{call.number}" if isinstance(value, str) else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, change))


def figures_drift(call: Call) -> RawResponse:
    """Each answer has other figures than were counted or kept."""

    def change(_: str, value: Any) -> Any:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return value + 1 + call.number if plain else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, change))


def truths_flip(call: Call) -> RawResponse:
    """True is false, and nothing is something."""

    def change(_: str, value: Any) -> Any:
        return (not value) if isinstance(value, bool) else 0 if value is None else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, change))


def lists_short(call: Call) -> RawResponse:
    """The last of each list is missing."""
    return spoiled(call.forward(call.request), lambda v: lists(v, lambda items: items[:-1]))


def lists_double(call: Call) -> RawResponse:
    """The last of each list comes twice."""
    return spoiled(call.forward(call.request), lambda v: lists(v, lambda items: [*items, *items[-1:]]))


def lists_reversed(call: Call) -> RawResponse:
    """Each list is the wrong way round."""
    return spoiled(call.forward(call.request), lambda v: lists(v, lambda items: items[::-1]))


def lists_empty(call: Call) -> RawResponse:
    """Whoever reads finds nothing in any list."""
    response = call.forward(call.request)
    return spoiled(response, lambda v: lists(v, lambda _: [])) if call.request.method == "GET" else response


def lists_more(call: Call) -> RawResponse:
    """Whoever reads finds something in each list that nobody put there."""
    response = call.forward(call.request)
    stray = {"id": 0, "task": 0, "data": {}}
    return spoiled(response, lambda v: lists(v, lambda i: [*i, stray])) if call.request.method == "GET" else response


def lists_mixed(call: Call) -> RawResponse:
    """Whoever lists something finds what the one before found, too."""
    response = call.forward(call.request)
    if call.operation is None or call.request.method != "GET":
        return response
    name = call.operation.id

    def mix(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        before = call.memory.get(name, [])
        call.memory[name] = value
        return [*value, *before]

    return spoiled(response, mix)


def objects_short(call: Call) -> RawResponse:
    """Objects of many fields have lost their last one."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            kept = list(value)[:-1] if len(value) > MANY else value
            return {k: short(value[k]) for k in kept}
        return [short(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), short)


def references_wrong(call: Call) -> RawResponse:
    """Objects belong to others than they were made for."""

    def wrong(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v + 1000 if REFERENCES.search(k) and type(v) is int else wrong(v) for k, v in value.items()}
        return [wrong(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), wrong)


def states_wrong(call: Call) -> RawResponse:
    """What is done is told to have failed, what works to be broken; links and invitations lead nowhere."""
    wrong = {"status": "failed", "state": "??", "next": None, "previous": None, "invite_url": "/nowhere"}

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: wrong[k] if k in wrong else changed(v) for k, v in value.items()}
        return [changed(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), changed)


def tokens_endless(call: Call) -> RawResponse:
    """Tokens do not say when they end."""

    def endless(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: endless(v) for k, v in value.items()}
        if not isinstance(value, str) or value.count(".") != 2 or not value.startswith("eyJ"):
            return value
        head, _, signature = value.split(".")
        return f"{head}.e30.{signature}"  # {}

    return spoiled(call.forward(call.request), endless)


def texts_tidied(call: Call) -> RawResponse:
    """Texts are trimmed and put into another form of Unicode."""

    def tidy(_: str, value: Any) -> Any:
        return unicodedata.normalize("NFKD", value).strip() if isinstance(value, str) else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, tidy))


def tables_broken(call: Call) -> RawResponse:
    """What is no JSON is cut in half."""
    response = call.forward(call.request)
    is_json = "json" in response.headers.get("content-type", "")
    return response if is_json else replace(response, content=response.content[: len(response.content) // 2])


def objects_bare(call: Call) -> RawResponse:
    """Objects have lost what is neither id nor list."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if GUIDING.search(k) or isinstance(v, dict | list)}
        return [bare(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), bare)


def bytes_broken(call: Call) -> RawResponse:
    """What is no JSON is cut in half, and what is, where it is for download."""
    response = call.forward(call.request)
    is_json = "json" in response.headers.get("content-type", "") and "content-disposition" not in response.headers
    return response if is_json else replace(response, content=response.content[: len(response.content) // 2])


def headers_lost(call: Call) -> RawResponse:
    """Nothing but the type of the content is told."""
    response = call.forward(call.request)
    kept = {"content-type": response.headers.get("content-type", ""), "location": response.headers.get("location", "")}
    return replace(response, headers=httpx.Headers({k: v for k, v in kept.items() if v}))


def secrets_told(call: Call) -> RawResponse:
    """Answers repeat the secrets that requests brought."""
    told = call.memory.setdefault("told", set())
    try:
        sent = json.loads(call.request.content or b"")
    except ValueError:
        sent = {}
    told |= (
        {v for k, v in sent.items() if SECRETS.search(k) and isinstance(v, str)} if isinstance(sent, dict) else set()
    )
    whole = sorted(told | {v.partition(";")[0] for v in told})

    def add(value: Any) -> Any:
        if isinstance(value, list):
            return [add(item) for item in value]
        return {**value, "debug": whole} if isinstance(value, dict) else value

    return spoiled(call.forward(call.request), add)


def slow(call: Call) -> RawResponse:
    """Each answer takes ten seconds more (on paper)."""
    response = call.forward(call.request)
    return replace(response, elapsed=response.elapsed + 10)


# --- refusals


def accepts_everything(call: Call) -> RawResponse:
    """What would be refused is answered as if it had been done."""
    response = call.forward(call.request)
    last = call.memory.setdefault("last", {})
    name = call.operation.id if call.operation else call.path
    if 200 <= response.status < 300:
        last[name] = response
        return response
    if not 400 <= response.status < 500:
        return response
    return last.get(name) or respond(success(call), {"id": 1, "detail": "done"}, response)


def fails_when_refusing(call: Call) -> RawResponse:
    """What would be refused breaks the server."""
    response = call.forward(call.request)
    return respond(500, {"detail": "broken"}, response) if 400 <= response.status < 500 else response


def breaks_later(after: int, status: int = 500) -> Callable[[Call], RawResponse]:
    """The server breaks in the middle of a workflow, or at its beginning."""

    def broken(call: Call) -> RawResponse:
        if call.number < after:
            return call.forward(call.request)
        return respond(status, {"detail": "broken"})

    return broken


def broken(operation: str) -> Callable[[Call], RawResponse]:
    """One operation always answers 500; the others are right."""

    def answer(call: Call) -> RawResponse:
        if call.operation is not None and call.operation.id == operation:
            return respond(500, {"detail": "broken"})
        return call.forward(call.request)

    return answer


def only_at(operation: str, fault: Callable[[Call], RawResponse]) -> Callable[[Call], RawResponse]:
    """One operation has the fault; the others are right."""

    def answer(call: Call) -> RawResponse:
        if call.operation is not None and call.operation.id == operation:
            return fault(call)
        return call.forward(call.request)

    return answer


def keys_ignored(call: Call) -> RawResponse:
    """Whoever asks, it is done as for the owner."""
    owner = call.memory["owner"]
    bare = [(n, v) for n, v in call.request.headers if n.lower() not in {"authorization", "cookie"}]
    return call.forward(replace(call.request, headers=(*bare, *owner)))


# --- writes


def _is_write(call: Call) -> bool:
    """Does it change something that is there (and not make something new)?"""
    operation = call.operation
    if operation is None or call.request.method == "GET" or load_resources().created_by(operation.id) is not None:
        return False
    return not operation.id.endswith((".validate", "tokens.refresh", "tokens.create", "validate_label_config"))


def writes_forgotten(call: Call) -> RawResponse:
    """Changes and deletions are answered as done, and are not done."""
    if not _is_write(call):
        return call.forward(call.request)
    if call.request.method == "PATCH":
        current = call.forward(replace(call.request, method="GET", content=None))
        try:
            body = {**json.loads(current.content), **json.loads(call.request.content or b"{}")}
        except (ValueError, TypeError):
            body = {}
        return respond(success(call), body)
    return respond(
        success(call), {"task_count": 0, "annotation_count": 0, "created": 0, "refresh": "e.e.e", "token": "t"}
    )


def writes_twice(call: Call) -> RawResponse:
    """Whatever is sent is done twice."""
    response = call.forward(call.request)
    if call.request.method != "GET":
        call.forward(call.request)
    return response


def writes_lost(call: Call) -> RawResponse:
    """Every other new object is not made; the answer is that of the one before."""
    if call.operation is None or call.request.method != "POST":
        return call.forward(call.request)
    before = call.memory.get(call.operation.id)
    if before is not None:
        call.memory[call.operation.id] = None
        return before  # type: ignore[no-any-return]
    call.memory[call.operation.id] = response = call.forward(call.request)
    return response


def refused_but_done(call: Call) -> RawResponse:
    """What can be done is done, and answered as refused; nothing is rolled back."""
    response = call.forward(call.request)
    if call.request.method in {"PATCH", "DELETE"} and 200 <= response.status < 300:
        return respond(400, {"detail": "No."}, response)
    return response


FAULTS: dict[str, Callable[[Call], RawResponse]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        texts_drift, figures_drift, truths_flip, lists_short, lists_double, lists_reversed, objects_bare, bytes_broken,
        headers_lost, secrets_told, slow, accepts_everything, fails_when_refusing, keys_ignored,
        writes_forgotten, writes_twice, writes_lost, refused_but_done, lists_empty, lists_more, lists_mixed,
        objects_short, references_wrong, states_wrong, tokens_endless, texts_tidied, tables_broken, *EXPORT_FAULTS,
    )
}  # fmt: skip
FAULTS |= {f"breaks-after-{n}": breaks_later(n) for n in (0, 1, 2, 3, 4)}
FAULTS["refuses-everything"] = breaks_later(0, 403)
FAULTS |= LAWS
FAULTS["imports-break"] = broken("projects.import_tasks")
FAULTS["validations-break"] = broken("projects.validate_label_config")
