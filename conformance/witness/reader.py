"""What the official client makes of answers: a program in the client's own environment, never imported by the suite.

It reads JSON lines and writes one line for each: an answer (``operation``, ``status``, ``type``, ``body``), and what
:meth:`Reader.read` says of it. It ends when its input does. Nothing is sent: the client's requests end in a transport
that gives the answer back. A line with ``call`` asks for a method to be called for real: then the client's requests are
written as lines, too, and each is answered by one (:class:`Caller`).
"""

from __future__ import annotations

import base64
import datetime as dt
import importlib
import inspect
import json
import sys
import types
import typing
from typing import Any

MOST = 8
"""Of one answer so many odd values are told."""
PAGES = 20
"""So many requests one call may make: a server may say for ever that there is one more page."""
_HELPERS = ("pandas", "numpy", "label_studio_sdk.label_interface")
"""What the client imports for helpers that read no answer; importing them takes three of four seconds."""
_KINDS: tuple[tuple[type, str], ...] = (
    (type(None), "null"),
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "text"),
    (list, "list"),
    (dict, "object"),
)


class _Helper(types.ModuleType):
    """Stands in for a module of which only names are needed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class Reader:
    """The client, with a server that answers what it is told to answer."""

    def __init__(self) -> None:
        for name in _HELPERS:
            sys.modules[name] = _Helper(name)
        self._built: list[tuple[Any, Any]] = []
        """What the client made values of during a call: the type that its method declares, and the JSON value."""
        self._listen()
        self._httpx: Any = importlib.import_module("httpx")
        self._pydantic: Any = importlib.import_module("pydantic")
        self._client = client_of(self._answer)
        self._given: dict[str, Any] = {}
        self._adapters: dict[int, tuple[Any, Any]] = {}

    def _listen(self) -> None:
        """Learn which type each answer is read as: the client's methods name it to one function.

        Versions before 2 have no such function: they validate, so that whatever is odd raises.
        """
        try:
            module: Any = importlib.import_module("label_studio_sdk.core.unchecked_base_model")
        except ImportError:
            return
        construct, depth = module.construct_type, 0

        def listening(**given: Any) -> Any:
            nonlocal depth
            if not depth:
                self._built.append((given["type_"], given["object_"]))
            depth += 1
            try:
                return construct(**given)
            finally:
                depth -= 1

        module.construct_type = listening

    def _answer(self, request: Any) -> Any:
        del request
        headers = {"content-type": self._given["type"]} if self._given["type"] else {}
        return self._httpx.Response(self._given["status"], headers=headers, content=self._given["body"].encode())

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Call the client's method, and look at what it returned.

        Returns:
            ``raises``: what it raised, or null; ``odd``: where a value is not of the declared type, as lists of place,
            declared type and what came; ``method``: false where the client has no such method, or one that takes an
            argument which nobody can make up.
        """
        self._given = given
        self._built.clear()
        method: Any = self._client
        for part in given["operation"].split("."):
            method = getattr(method, part, None)
        try:
            arguments = made_up(method)
        except (LookupError, TypeError):
            return {"method": False, "raises": None, "odd": []}
        try:
            _use(method(**arguments))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is what a user gets
            return {"method": True, "raises": _told(problem), "odd": []}
        return {"method": True, "raises": None, "odd": self._odd() if self._built else []}

    def _odd(self) -> list[list[str]]:
        type_, value = self._built[0]
        known = self._adapters.get(id(type_))
        if known is None:
            known = self._adapters[id(type_)] = (type_, self._pydantic.TypeAdapter(type_))
        serialization: Any = importlib.import_module("label_studio_sdk.core.serialization")
        named = serialization.convert_and_respect_annotation_metadata(object_=value, annotation=type_, direction="read")
        try:
            known[1].validate_python(named)
        except self._pydantic.ValidationError as problem:
            return told_odd(named, problem.errors(include_url=False))
        return []


def client_of(answer: Any) -> Any:
    """A client whose requests are answered by a function."""
    httpx: Any = importlib.import_module("httpx")
    module: Any = importlib.import_module("label_studio_sdk.client")
    sender = httpx.Client(transport=httpx.MockTransport(answer))
    return module.LabelStudio(base_url="http://127.0.0.1", api_key="none", httpx_client=sender)


class Caller:
    """Calls methods of the client; whoever started this program sends the requests."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._httpx: Any = importlib.import_module("httpx")
        self._client = client_of(self._forward)
        self._sent = 0

    def _forward(self, request: Any) -> Any:
        self._sent += 1
        if self._sent > PAGES:
            raise RuntimeError(f"more than {PAGES} requests for one call: a list without an end")
        sent = {
            "method": request.method,
            "target": request.url.raw_path.decode(),
            "headers": [[name, value] for name, value in request.headers.items()],
            "body": base64.b64encode(request.read()).decode(),
        }
        print(json.dumps({"request": sent}), file=self._out, flush=True)
        came = json.loads(sys.stdin.readline())
        return self._httpx.Response(
            came["status"], headers={"content-type": came["type"]}, content=base64.b64decode(came["body"])
        )

    def call(self, given: dict[str, Any]) -> dict[str, Any]:
        """Call a method; a list is gone through to its end, as far as the server has pages of it."""
        encoder: Any = importlib.import_module("label_studio_sdk.core.jsonable_encoder")
        method: Any = self._client
        self._sent = 0
        for part in given["call"].split("."):
            method = getattr(method, part)
        try:
            returned = method(**given["arguments"])
            whole = list(returned) if hasattr(returned, "has_next") else returned
            return {"returned": encoder.jsonable_encoder(whole), "raised": None}
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is what a user gets
            return {"returned": None, "raised": _told(problem)}


def told_odd(value: Any, errors: list[dict[str, Any]]) -> list[list[str]]:
    """Each odd place once. Of several types that a value might have had, the one that is closest is told of."""
    by_choice: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for error in errors:
        place, choice = _placed(value, error["loc"])
        came = "nothing" if error["type"] == "missing" else json_kind(error.get("input"))
        declared = error["type"].removesuffix("_type").removesuffix("_parsing").removesuffix("_error")
        by_choice.setdefault(choice, {}).setdefault(place, [place, declared, came])
    found = dict(by_choice.pop((), {}))
    if by_choice:
        fewest = min(map(len, by_choice.values()))
        found |= next(places for places in by_choice.values() if len(places) == fewest)
    return list(found.values())[:MOST]


def _placed(value: Any, location: tuple[Any, ...]) -> tuple[str, tuple[str, ...]]:
    """A place as a pointer with ``*`` for elements, and the choices of types that validation names on the way there."""
    place, choice, here = "", [], value
    for n, part in enumerate(location):
        if isinstance(here, list) and isinstance(part, int):
            place += "/*"
            here = here[part] if part < len(here) else None
        elif isinstance(here, dict) and (part in here or n == len(location) - 1):
            place += f"/{part}"
            here = here.get(part)
        else:
            choice.append(str(part))
    return place, tuple(choice)


def json_kind(value: object) -> str:
    """The JSON type of a value, in a word."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "something")


def _use(returned: Any) -> None:
    """Take what a method returned as a user does: the bytes of a download, the first page of a list."""
    if hasattr(returned, "has_next"):
        list(returned.items or ())
    elif inspect.isgenerator(returned):
        for _ in returned:
            pass


def _told(problem: Exception) -> str:
    """Return what was raised, without the answer that it names."""
    cause = problem.__cause__ or problem.__context__
    return type(problem).__name__ + (f" ({type(cause).__name__})" if cause is not None else "")


def made_up(method: Any) -> dict[str, Any]:
    """A value for each argument that a method must be given.

    Raises:
        LookupError: nobody can make one up.
        TypeError: it is no method.
    """
    parameters = inspect.signature(method).parameters.values()
    hints = typing.get_type_hints(method)
    return {
        p.name: _value(hints.get(p.name, Any))
        for p in parameters
        if p.default is p.empty and p.kind not in {p.VAR_KEYWORD, p.VAR_POSITIONAL}
    }


def _value(hint: Any) -> Any:
    origin = typing.get_origin(hint) or hint
    if origin is typing.Union:
        return _value(typing.get_args(hint)[0])
    if origin is typing.Literal:
        return typing.get_args(hint)[0]
    simple: dict[Any, Any] = {int: 1, float: 1.0, bool: True, str: "x", Any: "x", dict: {}, list: []}
    if origin in simple:
        return simple[origin]
    if origin is dt.datetime:
        return dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)  # noqa: UP017 - also before Python 3.11
    if getattr(origin, "__module__", "") == "collections.abc":
        return []
    raise LookupError(str(hint))


def main() -> None:
    """Say that all is loaded, then answer line by line."""
    out, sys.stdout = sys.stdout, sys.stderr  # what the client prints is no answer of ours
    reader = Reader()
    print("ready", file=out, flush=True)
    caller = Caller(out)
    while line := sys.stdin.readline():
        given = json.loads(line)
        said = caller.call(given) if "call" in given else reader.read(given)
        print(json.dumps(said), file=out, flush=True)


if __name__ == "__main__":
    main()
