"""Records what a server answers, and answers the same again, without a server."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from conformance.contract import load_contract
from conformance.wire.messages import RawResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.wire.messages import RawRequest
    from conformance.wire.network.transport import Transport


def operation_of(request: RawRequest) -> str | None:
    """The operation that a request asks for."""
    matched = load_contract().match(request.method, urlsplit(request.url).path)
    return matched[0].id if matched else None


def json_of(response: RawResponse) -> Any:
    """What an answer of success holds; None where it is no JSON."""
    if not 200 <= response.status < 300 or "json" not in response.headers.get("content-type", ""):
        return None
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _with(answer: RawResponse, content: bytes) -> RawResponse:
    headers = httpx.Headers(answer.headers)
    if "content-length" in headers:
        headers["content-length"] = str(len(content))
    return replace(answer, headers=headers, content=content)


@dataclass(slots=True)
class Recording:
    """The answers to each request, in their order."""

    answers: dict[tuple[str, str], list[RawResponse]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def keep(self, request: RawRequest, response: RawResponse) -> None:
        """Add one."""
        key = (request.method, request.url)
        self.answers[key].append(response)
        self.asked.setdefault(key, operation_of(request))

    def told(self) -> Iterator[tuple[str, Any]]:
        """Each operation with a JSON value that it answered."""
        for key, answers in self.answers.items():
            if (operation := self.asked[key]) is not None:
                for answer in answers:
                    if (value := json_of(answer)) is not None:
                        yield operation, value


class RecordingTransport:
    """In the place of the real transport: passes on, and records."""

    def __init__(self, real: Transport) -> None:
        self._real = real
        self.recording = Recording()

    def send(self, request: RawRequest) -> RawResponse:
        """Ask the server."""
        response = self._real.send(request)
        self.recording.keep(request, response)
        return response

    def save(self, request: RawRequest, into: Path) -> RawResponse:
        """Ask the server for something large, which is not spoiled."""
        return self._real.save(request, into)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class ReplayingTransport:
    """In the place of the real transport: answers from a recording, changed.

    What was asked more often than it was recorded gets its last answer again; what was never asked is not there.
    """

    def __init__(self, real: Transport, recording: Recording, change: Callable[[str | None, Any], Any]) -> None:
        self._real = real
        self._recording = recording
        self._change = change
        self._met: dict[tuple[str, str], int] = defaultdict(int)

    def send(self, request: RawRequest) -> RawResponse:
        """Answer from the recording."""
        key = (request.method, request.url)
        answers = self._recording.answers.get(key)
        if not answers:
            headers = httpx.Headers({"content-type": "application/json"})
            gone = b'{"detail": "Not found."}'
            return RawResponse(status=404, headers=headers, content=gone, elapsed=0.01, http_version="HTTP/1.1")
        answer = answers[min(self._met[key], len(answers) - 1)]
        self._met[key] += 1
        value = json_of(answer)
        if value is None:
            return answer
        changed = self._change(self._recording.asked[key], value)
        return answer if changed is value else _with(answer, json.dumps(changed).encode())

    def save(self, request: RawRequest, into: Path) -> RawResponse:
        """Large bodies come like small ones."""
        response = self.send(request)
        into.write_bytes(response.content)
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
