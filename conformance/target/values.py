"""Reads the value of each setting.

Every function raises ValueError with what was expected and what came, and never quotes a secret.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.safety import Safety
from conformance.errors import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_DATABASES = ("sqlite", "postgresql", "mysql")
# Where its pages begin: what people copy from the address bar of a browser.
_PAGE = re.compile(r"/(?:projects|user|organization|people|data|tasks|models|settings|docs)(?=/|$)")
_EDITIONS = ("community", "enterprise")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is expected, as text; got {_kind(value)}.")  # noqa: TRY004 - one kind of error for all
    return value.strip()


def _kind(value: object) -> str:
    """Return what a TOML author calls it."""
    names = {
        bool: "a boolean",
        int: "a whole number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), f"a value of type {type(value).__name__}")


def url(value: object) -> str:
    """``http(s)://host[:port][/base]``, without a slash at the end."""
    text = _text(value, "the URL of a server")
    return _checked_url(text, "the target", base=True)


def proxy(value: object) -> str:
    """``http(s)://[user:password@]host[:port]``."""
    return _checked_url(_text(value, "the URL of a proxy"), "the proxy", base=False)


def _checked_url(text: str, what: str, *, base: bool) -> str:
    masked = printable(re.sub(r"//[^/?#]*@", "//***@", text), limit=200)
    expected = "https://label-studio.example.com or http://127.0.0.1:8080" if base else "http://proxy.example.com:3128"
    if not text or any(not "!" <= c <= "~" for c in text):
        raise ValueError(
            f"{masked!r} is no URL of {what}: printable ASCII without blanks is expected, like {expected}."
        )
    if "://" not in text:
        raise ValueError(f"{masked!r} has no scheme; did you mean http://{masked} or https://{masked}?")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{masked!r} is no URL: {error}.") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"{masked!r} has the scheme {parts.scheme!r}; http or https is expected, like {expected}.")
    if not parts.hostname or port == 0:
        raise ValueError(f"{masked!r} names no host (or port); expected is something like {expected}.")
    page = _PAGE.search(parts.path) if base else None
    if page:
        root = printable(f"{parts.scheme}://{parts.netloc}{parts.path[: page.start()]}", limit=200)
        raise ValueError(f"{masked!r} is a page of Label Studio; its root is wanted: {root}.")
    if base and "@" in parts.netloc:
        raise ValueError(f"{masked!r} holds a user name or password; give the URL without, and an API key.")
    if parts.query or parts.fragment or (not base and parts.path.strip("/")):
        raise ValueError(f"{masked!r} has something behind the host that does not belong to {what}.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def api_key(value: object) -> str:
    """The bare token."""
    text = _text(value, "an API key")
    if text.lower().startswith(("token ", "bearer ")):
        raise ValueError("the API key is expected alone, without the word Token or Bearer in front.")
    if not text or any(not "!" <= c <= "~" for c in text):
        raise ValueError(f"this is no API key: {len(text)} characters, with blanks, line breaks or non-ASCII ones.")
    return text


def edition(value: object) -> str:
    """``community`` or ``enterprise``."""
    text = _text(value, "community or enterprise").lower()
    if text not in _EDITIONS:
        raise ValueError(f"community or enterprise is expected, got {printable(text, limit=40)!r}.")
    return text


def version(value: object) -> str:
    """``1.23.2``."""
    text = _text(value, "a version like 1.23.2")
    if not re.fullmatch(r"\d+(\.\d+){1,3}([.+-]?[0-9A-Za-z]+)*", text):
        raise ValueError(f"a version like 1.23.2 is expected, got {printable(text, limit=40)!r}.")
    return text


def database(value: object) -> str:
    """``sqlite``, ``postgresql`` or ``mysql``."""
    text = _text(value, "the name of a database").lower()
    if text not in _DATABASES:
        raise ValueError(f"{', '.join(_DATABASES)} are known, got {printable(text, limit=40)!r}.")
    return text


def boolean(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in _YES | _NO:
        return text in _YES
    got = printable(repr(value), limit=40) if isinstance(value, str) else _kind(value)
    raise ValueError(f"true or false is expected, got {got}.")


def safety(value: object) -> Safety:
    """``additive``."""
    return Safety.named(_text(value, "the name of a class (read-only, additive, …)"))


def ids(value: object) -> Mapping[str, str]:
    """One object per kind: a table, or ``project=12`` with commas or as a list."""
    expected = "a table of kinds and ids is expected ([ids]; project = 12; or project=12,task=345)"
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) and "=" in part for part in value):
        value = dict(part.split("=", 1) for part in value)
    if not isinstance(value, dict):
        raise ValueError(f"{expected}; got {_kind(value)}.")  # noqa: TRY004 - one kind of error for all
    known = load_resources().kinds
    read: dict[str, str] = {}
    for name, given in value.items():
        kind = str(name).strip()
        if kind not in known:
            near = difflib.get_close_matches(kind, known, n=3)
            meant = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}."
            raise ValueError(f"there is no kind {printable(kind, limit=40)!r}; {meant}")
        text = str(given).strip()
        if isinstance(given, bool) or not isinstance(given, (int, str)) or not text:
            raise ValueError(f"{expected}; {kind} is {_kind(given)}.")
        read[kind] = text
    return MappingProxyType(read)


def positive(value: object) -> float:
    """A number above 0."""
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ValueError  # noqa: TRY004, TRY301 - turned into the one below
        number = float(value)
        if not (math.isfinite(number) and number > 0):
            raise ValueError  # noqa: TRY301 - as above
    except (ValueError, OverflowError):
        got = printable(repr(value), limit=40) if isinstance(value, (int, float, str)) else _kind(value)
        raise ValueError(f"a number above 0 is expected, got {got}.") from None
    return number


def names(value: object) -> tuple[str, ...]:
    """Feature names: a list, or text with commas."""
    items = [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError(f'a list of names is expected, like ["storage.s3", "auth.pat"]; got {_kind(value)}.')
    return tuple(dict.fromkeys(item.strip() for item in items))


def roles(value: object) -> Mapping[str, str]:
    """Keys by role name: a table, or ``member=KEY`` with commas or as a list."""
    expected = "a table of role names and API keys is expected ([roles]; member = KEY; or member=KEY,other=KEY)"
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if isinstance(value, (list, tuple)):
        if not all(isinstance(part, str) and "=" in part for part in value):
            raise ValueError(f"{expected}; an entry has no =.")
        value = dict(part.split("=", 1) for part in value)
    if not isinstance(value, dict):
        raise ValueError(f"{expected}; got {_kind(value)}.")  # noqa: TRY004 - one kind of error for all
    read: dict[str, str] = {}
    for name, key in value.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", str(name).strip()):
            raise ValueError(
                f"{printable(str(name), limit=40)!r} is no name of a role: a-z, 0-9, _ and - are expected."
            )
        try:
            read[str(name).strip()] = api_key(key)
        except ValueError as error:
            raise ValueError(f"role {str(name).strip()}: {error}") from None
    return MappingProxyType(read)


def headers(value: object) -> tuple[tuple[str, str], ...]:
    """Headers for a gateway: ``Name: value`` (several: a list, or a table), never ``Authorization``."""
    expected = 'a header like "X-Gateway-Key: …" is expected, or a table of names and values'
    if isinstance(value, dict):
        pairs = [(str(name), item) for name, item in value.items()]
    else:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, (list, tuple)) or not all(isinstance(t, str) and ":" in t for t in texts):
            raise ValueError(f"{expected}; got {_kind(value)}.")
        pairs = [(name, rest) for name, _, rest in (text.partition(":") for text in texts)]
    for name, text in pairs:
        plain = isinstance(text, str) and text.strip() and text.isascii() and text.isprintable()
        if not plain or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
            raise ValueError(f"{expected}.")
        if name.strip().lower() in {"authorization", "host", "content-length", "content-type"}:
            raise ValueError(f"{name.strip()} is the suite's own to send.")
    return tuple((name.strip(), text.strip()) for name, text in pairs)


def file(value: object) -> Path:
    """An existing file."""
    path = Path(value) if isinstance(value, Path) else home(_text(value, "the name of a file"))
    try:
        exists = path.is_file()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise ValueError(f"there is no file {printable(str(path), limit=200)!r}.")
    return path


def folder(value: object) -> Path:
    """An existing folder."""
    path = Path(value) if isinstance(value, Path) else home(_text(value, "the name of a folder"))
    try:
        exists = path.is_dir()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise ValueError(f"there is no folder {printable(str(path), limit=200)!r}.")
    return path.resolve()


def home(name: str) -> Path:
    """A file name with ``~`` replaced, where there is a home."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def services(value: object) -> Mapping[str, str]:
    """Facts by ``service.name``: a table of tables, or a TOML file that holds one."""
    expected = (
        "a table of services with their facts is expected ([services.databricks]; host = …), or a TOML file of it"
    )
    if isinstance(value, str):
        try:
            value = tomllib.loads(file(value).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{expected}; {printable(str(error), limit=200)}") from None
    if not isinstance(value, dict) or not all(isinstance(facts, dict) for facts in value.values()):
        raise ValueError(f"{expected}; got {_kind(value)}.")
    return MappingProxyType(
        {f"{name}.{key}": str(fact) for name, facts in value.items() for key, fact in facts.items()}
    )


def host(value: object) -> str:
    """A name or address, without scheme and port."""
    text = _text(value, "a host name or address")
    if not re.fullmatch(r"[0-9A-Za-z._-]+|\[?[0-9A-Fa-f:]+\]?", text):
        raise ValueError(
            f"a host name or address is expected, without scheme and port; got {printable(text, limit=80)!r}."
        )
    return text.strip("[]")
