"""Writes the script: the steps of a test, with names in the place of ids, and the answers that showed the failure."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import textwrap
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import __version__
from conformance.reproduce.prelude import normal
from conformance.reproduce.source import MARK, Name, Text, source
from conformance.reproduce.trace import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.judge.observation import Observation
    from conformance.reproduce.trace import Trace
    from conformance.wire import Exchange

HEAD: Final = "# /// script\n"
# Folder of the scripts, below that of the report.
SCRIPTS: Final = "scripts"
LONGEST_BODY: Final = 2000
LONGEST_SCRIPT: Final = 60_000
LONGEST_LINE: Final = 110
# Ours to make up anew each time: addresses and user names that may be there only once.
_UNIQUE: Final = re.compile(r"[0-9a-f]{12,}")
_ELSEWHERE: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\]):(?!9/)\d+[\w./-]*")
_FIELD: Final = re.compile(r'("(\w+)":\s*)(\d+)')
_UNSENT: Final = frozenset(
    ["accept", "accept-encoding", "authorization", "connection", "content-length", "host", "user-agent", "x-request-id"]
)


def is_script(text: str | None) -> bool:
    """Return whether a reproduction is a script of this module, and not lines of shell."""
    return text is not None and text.startswith(HEAD)


def way(observation: Observation) -> str:
    """How to see a failure again, in a few lines: its own shell lines, or a curl line and the name of its script."""
    curl = observation.evidence.curl if observation.evidence else ""
    if not is_script(observation.script):
        return observation.script or curl
    return f"{curl}\n# all steps, from nothing: {SCRIPTS}/{script_name(observation)}".lstrip()


def script_name(observation: Observation) -> str:
    """The file name of a failure's script: the same for the same failure, another for each."""
    what = f"{observation.test} {observation.signature} {observation.operation}"
    return f"{observation.requirement}-{hashlib.sha256(what.encode()).hexdigest()[:8]}.py"


@lru_cache(maxsize=1)
def _prelude() -> str:
    text = Path(__file__).with_name("prelude.py").read_text(encoding="utf-8")
    return text.partition("\n")[2].replace("  # noqa: PLR0913 - the parts of a request", "")


@dataclass(slots=True)
class _Writer:
    """Turns exchanges into lines; see :func:`write_script`."""

    exchanges: Sequence[Exchange]
    trace: Trace
    base_url: str
    names: dict[Ref, str] = field(default_factory=dict)
    fresh: dict[str, str] = field(default_factory=dict)
    peers: dict[str, str] = field(default_factory=dict)

    def name(self, ref: Ref) -> Name:
        """The variable that holds what an answer gave."""
        if ref not in self.names:
            stem = re.sub(r"\W", "_", ref.kind)
            taken = set(self.names.values())
            numbered = (f"{stem}_{number}" for number in itertools.count(2))
            self.names[ref] = next(n for n in itertools.chain((stem,), numbered) if n not in taken)
        return Name(self.names[ref])

    def text(self, value: str, before: int) -> object:
        """A text of a request, with names for what was given by earlier answers, is made up, or lies elsewhere."""
        whole = self.trace.text(value, before)
        if whole is not None:
            return self.name(whole)
        parts: dict[str, Name] = {found: self.name(ref) for found, ref in self.trace.within(value, before)}
        for match in _ELSEWHERE.findall(value):
            if not match.startswith(self.base_url):
                parts[match] = self._named(self.peers, match, "PEER")
        parts[self.base_url] = Name("URL")
        for match in _UNIQUE.findall(value):
            mixed = re.search(r"\d", match) and re.search(r"[a-f]", match)
            if mixed and not any(match in known for known in parts):
                parts[match] = self._named(self.fresh, match, "fresh")
        return Text.of(value, parts)

    @staticmethod
    def _named(table: dict[str, str], key: str, stem: str) -> Name:
        return Name(table.setdefault(key, f"{stem}_{len(table) + 1}"))

    def value(self, value: Any, before: int, key: str = "") -> Any:
        """A JSON value of a request, with names in it."""
        if isinstance(value, dict):
            return {k: self.value(v, before, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.value(v, before, key) for v in value]
        if isinstance(value, str):
            return self.text(value, before)
        if isinstance(value, int) and not isinstance(value, bool) and (kind := self.trace.kind(key)) is not None:
            ref = self.trace.origin(kind, value, before)
            return value if ref is None else self.name(ref)
        return value

    def path(self, index: int) -> object:
        """Path and query of a request."""
        exchange = self.exchanges[index]
        target = exchange.request.url.removeprefix(self.base_url)
        path, mark, query = target.partition("?")
        pieces: list[object] = []
        kinds = self.trace.resources.slot_kinds(exchange.operation) if exchange.operation else {}
        for slot, kind in kinds.items():
            raw = exchange.path_values.get(slot, "")
            ref = self.trace.origin(kind, raw, index)
            if ref is not None and f"/{raw}" in path:
                begin, _, path = path.partition(f"/{raw}")
                pieces += [f"{begin}/", self.name(ref)]
        pieces.append(self.text(path, index))
        for number, pair in enumerate(query.split("&") if mark else ()):
            name, _, raw = pair.partition("=")
            ref = self.trace.origin("task" if name == "ids" else self.trace.kind(name), raw, index)
            shown = self.name(ref) if ref is not None else self.text(raw, index)
            pieces += [f"{'&' if number else '?'}{name}=", shown]
        return Text.joined(pieces)

    def call(self, index: int, *, expect: bool) -> str:
        """The call that sends a request."""
        exchange = self.exchanges[index]
        request = exchange.request
        words = [repr(request.method), source(self.path(index))]
        sent_type = next((v for n, v in request.headers if n.lower() == "content-type"), "")
        simple = None
        if request.content:
            simple = _as_json(request.content) if sent_type == "application/json" else None
            if simple is not None:
                words.append(f"json_body={source(self.value(simple[0], index), 4)}")
            else:
                words.append(f"content={self._content(request.content, index)}")
        headers = {
            n: self.text(v, index)
            for n, v in request.headers
            if n.lower() not in _UNSENT and not (simple is not None and n.lower() == "content-type")
        }
        own = next((v for n, v in request.headers if n.lower() == "authorization"), None)
        if own is not None and exchange.role != "default":
            headers["Authorization"] = self.text(own, index)
        if headers:
            words.append(f"headers={source(headers)}")
        if exchange.role != "default":
            words.append("key=False")
        if expect:
            words.append(f"expect={exchange.status}")
        line = f"send({', '.join(words)})"
        return line if len(line) < LONGEST_LINE else "send(\n    " + ",\n    ".join(words) + ",\n)"

    def _content(self, content: bytes, index: int) -> str:
        """Bytes that are no plain JSON: one character a byte where they are no UTF-8 either."""
        try:
            text, encoding = content.decode(), ""
        except UnicodeDecodeError:
            text, encoding = content.decode("latin-1"), "'latin-1'"
        ids = {m[0]: (m[1], self.trace.origin(self.trace.kind(m[2]), m[3], index)) for m in _FIELD.finditer(text)}
        named = {old: (begin, self.name(ref)) for old, (begin, ref) in ids.items() if ref is not None}
        if len(content) > LONGEST_BODY:
            changes = [
                f".replace({old.encode()!r}, f'{begin}{{{name}}}'.encode())" for old, (begin, name) in named.items()
            ]
            return _packed(content) + "".join(changes)
        for old, (begin, name) in named.items():
            text = re.sub(rf"{re.escape(old)}(?!\d)", f"{begin}{MARK}{name}{MARK}", text)
        held = Text.unmarked(text) if named else self.text(text, index)
        return f"{source(held)}.encode({encoding})"


def _packed(content: bytes) -> str:
    return f"unpacked({base64.b85encode(zlib.compress(content, 9)).decode()!r})"


def _recorded(body: Any) -> str:
    text = json.dumps(body)
    return source(body) if len(text) < LONGEST_BODY else f"json.loads({_packed(text.encode())})"


def _as_json(content: bytes) -> tuple[Any] | None:
    """The value, if sending it anew gives an equal body."""
    if len(content) > LONGEST_BODY:
        return None
    try:
        value = json.loads(content)
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    squeezed = re.sub(rb"\s", b"", content)
    return (value,) if re.sub(rb"\s", b"", written) == squeezed else None


def write_script(
    trace: Trace,
    *,
    shown_by: Exchange,
    base_url: str,
    about: str,
    redact: Callable[[str], str],
) -> str | None:
    """A script that sends what a test sent up to a failed check, and compares the answers that the check was about.

    Reading that has nothing to do with it is left out; objects that were made before the test are made first.

    Args:
        trace: of the exchanges of the test up to the check, and of those before it from which ids may stem.
        shown_by: the one that the check names; it and what came after it is compared.
        base_url: of the target.
        about: several lines for its reader: what is asked, what was expected, what came.
        redact: takes secrets out of a text; a last net, since keys are names already.

    Returns:
        Python source, or None where one request without any object suffices (its curl line says all), or where the
        test sent too much for a script.
    """
    whole = trace.exchanges
    first = next((n for n, e in enumerate(whole) if e is shown_by and n >= trace.start), len(whole) - 1)
    if first < 0:
        return None
    kept = _needed(whole, trace, compared=range(first, len(whole)), base_url=base_url)
    if len(kept) == 1:
        return None
    writer = _Writer(whole, trace, base_url)
    body = _steps(writer, kept, compared_from=first)
    text = _assemble(writer, body, about)
    return redact(text) if len(text) < LONGEST_SCRIPT else None


def _needed(whole: Sequence[Exchange], trace: Trace, *, compared: range, base_url: str) -> list[int]:
    """The exchanges that the script has to repeat: what changed something, what is compared, and what those need."""
    wanted = [
        n for n in range(trace.start, len(whole)) if n in compared or whole[n].request.method not in {"GET", "HEAD"}
    ]
    kept: set[int] = set()
    while wanted:
        index = wanted.pop()
        if index in kept:
            continue
        kept.add(index)
        asking = _Writer(whole, trace, base_url)
        asking.call(index, expect=False)
        wanted += [ref.index for ref in asking.names]
        # what fixtures did to an object of theirs belongs to it: a member that was removed, a key that was reset
        for ref in asking.names:
            if ref.index < trace.start:
                wanted += trace.done_to(ref)
    return sorted(kept, key=lambda n: (whole[n].started, n))


def _steps(writer: _Writer, kept: list[int], *, compared_from: int) -> list[str]:
    """The lines that send, name and compare."""
    whole = writer.exchanges
    undo = {n: _undo(writer, n) for n in kept}
    calls = {n: writer.call(n, expect=n < compared_from and whole[n].response is not None) for n in kept}
    taken: dict[int, list[Ref]] = {}
    for ref in writer.names:
        taken.setdefault(ref.index, []).append(ref)
    lines: list[str] = []
    for group in _groups(whole, kept):
        label = [f"s{n}" for n, _ in enumerate(kept, 1) if kept[n - 1] in group]
        if len(group) > 1:
            inner = [re.sub(r",?\s*expect=\d+", "", calls[n]) for n in group]
            lines.append(f"{', '.join(label)} = together(\n" + "".join(f"    lambda: {c},\n" for c in inner) + ")")
        else:
            index = group[0]
            poll = whole[index].request.method == "GET" and '"status"' in whole[index].text[:5000]
            call = f"settled(lambda: {calls[index]})" if poll else calls[index]
            lines.append(f"{label[0]} = {call}")
        for step, index in zip(label, group, strict=True):
            for ref in taken.get(index, ()):
                way = f"cookie({ref.place[7:]!r})" if ref.place.startswith("cookie ") else f"pick({ref.place!r})"
                lines.append(f"{writer.names[ref]} = {step}.{way}")
            lines += undo[index]
            if index >= compared_from and whole[index].response is not None:
                body = normal(whole[index].status, whole[index].content, whole[index].content_type)
                lines.append(f"same.append(compare({step[1:]}, {step}, {whole[index].status}, {_recorded(body)}))")
    return lines


def _undo(writer: _Writer, index: int) -> list[str]:
    """The lines that remove what a step makes; what goes away with something else is left to that."""
    exchange = writer.exchanges[index]
    resources = writer.trace.resources
    made = resources.created_by(exchange.operation.id) if exchange.operation is not None and exchange.ok else None
    if made is None or made.delete is None or made.parent is not None:
        return []
    slot = next(path for path, kind in resources.paths.items() if kind == made.name)
    path = Text.joined([slot.removesuffix("{}"), writer.name(Ref(index, f"/{made.identity}", made.name)), "/"])
    return [f"undo({source(path)})"]


def _groups(whole: Sequence[Exchange], kept: list[int]) -> list[list[int]]:
    """Exchanges in order; those that were under way at the same time stand together."""
    groups: list[list[int]] = []
    end = 0.0
    for index in kept:
        exchange = whole[index]
        if groups and exchange.started < end:
            groups[-1].append(index)
        else:
            groups.append([index])
            end = 0.0
        end = max(end, exchange.started + (exchange.response.elapsed if exchange.response else 0.0))
    return groups


def _assemble(writer: _Writer, lines: list[str], about: str) -> str:
    quoted = about.replace("\\", "\\\\").replace('"""', "'''")
    note = ""
    if writer.peers:
        note = (
            f"{', '.join(writer.peers.values())}: addresses that the server talks to (a receiver of webhooks, a\n"
            "storage, a model). Start a service, name it in the environment, and look at what it gets: the answers\n"
            "to the steps are not all that the failure shows in.\n\n"
        )
    fresh = [f"{name} = fresh({(len(old) + 1) // 2})" for old, name in writer.fresh.items()]
    peers = [f'{name} = os.environ.get("{name}", "{url}")' for url, name in writer.peers.items()]
    steps = "\n".join([*fresh, *peers, "same: list[bool] = []", *lines, "return same"])
    return (
        f'{HEAD}# requires-python = ">=3.11"\n# dependencies = ["httpx"]\n# ///\n"""{quoted}\n\n{note}'
        "    LABEL_STUDIO_URL=http://localhost:8080 LABEL_STUDIO_API_KEY=... uv run FILE   (or: python, with httpx)\n\n"
        "LS_CONFORMANCE_CA_BUNDLE, _CLIENT_CERT, _CLIENT_KEY, _PROXY and _INSECURE count as for the suite; a personal\n"
        "access token is exchanged for the access token that requests carry.\n\n"
        "Begins from nothing and removes what it made. Exit code 1: the server answers as it did when it failed;\n"
        f"0: it does not; 2: it did not come so far. Made by label-studio-conformance {__version__}.\n"
        f'"""\n{_prelude()}\n\ndef steps() -> list[bool]:\n{textwrap.indent(steps, "    ")}\n\n\nrun(steps)\n'
    )
