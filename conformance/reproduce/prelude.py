# Sends the steps below and compares the answers with the recorded ones. Everything that a script needs is here.
from __future__ import annotations

import atexit
import base64
import json
import os
import re
import secrets
import ssl
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

URL = os.environ.get("LABEL_STUDIO_URL", "").rstrip("/")
KEY = os.environ.get("LABEL_STUDIO_API_KEY", "")
REFERENCE = re.compile(
    r"(?<!inner)(^|_)(ids?|pk|by)$|^(parent_)?(project|task|annotation|prediction|view|user|organization)s?$|^active_organization$"
    r"|^annotators$|^file_upload$|^import$"
)
IDS = re.compile(r"\d+(, ?\d+)*")
VOLATILE = re.compile(r"^(duration|created_username|email|username|avatar|version)$|_ago$")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
RANDOM = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\]):\d+[\w./-]*|eyJ[\w.-]+|[0-9a-f]{8}-[0-9a-f-]{27}")
HEXADECIMAL = re.compile(r"[0-9a-f]{8,}")
PENDING = {"created", "queued", "in_progress"}
LONGEST = 3000
BROKEN = 500


class Otherwise(Exception):
    """The failure can't be looked at: something before it went another way."""


class Answer:
    """What came back; `pick` takes a value out of it, `cookie` one that it set."""

    def __init__(self, status: int, content: bytes, kind: str, cookies: list[str]) -> None:
        self.status, self.content, self.kind, self.cookies = status, content, kind, cookies

    def pick(self, pointer: str) -> Any:
        value = json.loads(self.content)
        for part in pointer.split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    def cookie(self, name: str) -> str:
        jar = SimpleCookie("; ".join(self.cookies))
        return jar[name].value


def normal(status: int, content: bytes, kind: str) -> Any:
    """A body without what differs from run to run: ids are numbered by rank, times are left out."""
    if status >= BROKEN:
        return "…"  # what a server says when it breaks is chance
    try:
        value = json.loads(content)
        ranks: dict[str, set[int]] = {}
        plain(value, ranks, "", "")
        return plain(value, ranks, "", "")
    except ValueError:
        short = kind.startswith("text/") and "html" not in kind and len(content) < LONGEST
        text = re.sub(r"\d+", "#", content.decode(errors="replace")) if short else "…"
        return f"{kind}: {text}"


def plain(value: Any, ranks: dict[str, set[int]], name: str, within: str) -> Any:
    if isinstance(value, dict):
        return {key: plain(item, ranks, key, name) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, ranks, name, within) for item in value]
    if VOLATILE.search(name):
        return "#"
    if isinstance(value, int) and not isinstance(value, bool) and REFERENCE.search(name):
        known = ranks.setdefault(f"{within}.id" if name == "id" else name, set())
        known.add(value)
        return f"#{sorted(known).index(value) + 1}"
    if isinstance(value, str):
        value = re.sub(r"\d+", "#", value) if REFERENCE.search(name) and IDS.fullmatch(value) else value
        made_up = HEXADECIMAL.sub(lambda m: "#" if re.search(r"\d", m[0]) else m[0], RANDOM.sub("#", value))
        return "#time" if TIME.fullmatch(value) else re.sub(r"(?<=/)\d+(?=/)", "#", made_up)
    return value


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


@lru_cache(maxsize=1)
def connection() -> httpx.HTTPTransport:
    said = {name: os.environ.get("LS_CONFORMANCE_" + name, "") for name in ("CA_BUNDLE", "CLIENT_CERT", "CLIENT_KEY")}
    trust = ssl.create_default_context(cafile=said["CA_BUNDLE"]) if said["CA_BUNDLE"] else httpx.create_ssl_context()
    if os.environ.get("LS_CONFORMANCE_INSECURE", "").lower() in {"1", "true", "yes", "on"}:
        trust = httpx.create_ssl_context(verify=False)
    if said["CLIENT_CERT"]:
        trust.load_cert_chain(said["CLIENT_CERT"], said["CLIENT_KEY"] or None)
    return httpx.HTTPTransport(verify=trust, proxy=os.environ.get("LS_CONFORMANCE_PROXY") or None)


def authorization() -> str:
    if KEY.startswith("eyJ"):  # a personal access token: requests carry what it is exchanged for
        answer = send("POST", "/api/token/refresh/", json_body={"refresh": KEY}, key=False)
        return "Bearer " + str(answer.pick("/access"))
    return "Token " + KEY


def send(
    method: str,
    path: str,
    *,
    json_body: Any = ...,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    key: bool = True,
    expect: int | None = None,
) -> Answer:
    sent = {**({"Authorization": authorization()} if key else {}), **(headers or {})}
    if json_body is not ...:
        content, sent = json.dumps(json_body).encode(), {"Content-Type": "application/json", **sent}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    request = httpx.Request(method, URL + "/", headers=pairs, content=content)
    request.extensions = {"timeout": httpx.Timeout(300).as_dict(), "target": _target(path)}
    response = connection().handle_request(request)
    body = b"".join(response.iter_bytes())
    response.close()
    kind = response.headers.get("content-type", "").partition(";")[0]
    answer = Answer(response.status_code, body, kind, response.headers.get_list("set-cookie"))
    print(f"{method} {path[:100]} → {answer.status}")
    if expect is not None and answer.status != expect:
        raise Otherwise(f"a step before the failure was answered with {expect} when it was recorded: {body[:500]!r}")
    return answer


def _target(path: str) -> bytes:
    return (httpx.URL(URL).raw_path.rstrip(b"/") + path.encode()) if path.startswith("/") else path.encode()


def undo(path: str) -> None:
    atexit.register(send, "DELETE", path)


def fresh(size: int) -> str:
    return secrets.token_hex(size)


def settled(look: Callable[[], Answer], seconds: float = 120) -> Answer:
    end = time.monotonic() + seconds
    while True:
        answer = look()
        try:
            pending = answer.pick("/status") in PENDING
        except (ValueError, KeyError, TypeError):
            pending = False
        if not pending or time.monotonic() > end:
            return answer
        time.sleep(0.2)


def together(*actions: Callable[[], Answer]) -> list[Answer]:
    with ThreadPoolExecutor(len(actions)) as pool:
        return [running.result() for running in [pool.submit(action) for action in actions]]


def compare(number: int, answer: Answer, status: int, body: Any) -> bool:
    got = normal(answer.status, answer.content, answer.kind)
    same = (answer.status, got) == (status, body)
    print(f"step {number}: {'as recorded' if same else 'not as recorded'}")
    if not same:
        before, now = (dict(leaves({"status": s, "body": b})) for s, b in ((status, body), (answer.status, got)))
        places = [place for place in {**before, **now} if before.get(place, ...) != now.get(place, ...)]
        for place in places[:8]:
            print(f"  {place}\n    recorded {before.get(place, '(not there)')!r:.300}")
            print(f"    now      {now.get(place, '(not there)')!r:.300}")
    return same


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not parts:
        yield place, value
    for name, item in parts:
        yield from leaves(item, f"{place}/{name}")


def run(steps: Callable[[], list[bool]]) -> None:
    if not URL:
        print("Say which server: LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY.")
        sys.exit(2)
    try:
        same = steps()
    except (Otherwise, httpx.HTTPError, LookupError, TypeError, ValueError) as problem:
        print(f"not come so far: {type(problem).__name__}: {problem}")
        sys.exit(2)
    print("the failure is still there" if all(same) else "it answers otherwise now")
    sys.exit(1 if all(same) else 0)
