"""Reads files of ``spec/``; an error names the file, the entry and the cause."""

from __future__ import annotations

import json
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from conformance.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def _spec() -> Path:
    """The one place that knows where the data are: inside an installed package, and beside it in a checkout."""
    package = Path(str(files("conformance"))).resolve()
    inside = package / "spec"
    return inside if inside.is_dir() else package.parent / "spec"


SPEC = _spec()


class ContractError(InputError):
    """A file of ``spec/`` can't be used: the message names the file, the place and what was expected."""

    code = "contract"


def parse_yaml(text: str) -> Any:
    """Parse YAML by libyaml where it is there (8 times faster)."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        ContractError: it can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ContractError(f"{path}: can't be read: {problem.strerror}") from problem


def decode_yaml(path: Path, raw: bytes) -> Any:
    """The value of a YAML file's content.

    Raises:
        ContractError: it is no YAML.
    """
    try:
        return parse_yaml(raw.decode())
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ContractError(f"{path}: no valid YAML: {' '.join(str(problem).split())}") from problem


def read_yaml(path: Path) -> Any:
    """The value of a YAML file, whatever it is.

    Raises:
        ContractError: it can't be read, or is no YAML.
    """
    return decode_yaml(path, read_bytes(path))


def read_table(path: Path, *parts: str) -> dict[str, Any]:
    """A YAML file that is a table of named parts.

    Args:
        path: the file.
        parts: names that must be there.

    Raises:
        ContractError: it can't be read, is no YAML or no mapping, or lacks a part.
    """
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise ContractError(f"{path}: expected a mapping, got {type(data).__name__}")
    missing = [name for name in parts if name not in data]
    if missing:
        raise ContractError(f"{path}: missing: {', '.join(missing)}")
    return data


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises:
        ContractError: it can't be read, or is no JSON.
    """
    try:
        return json.loads(read_bytes(path))
    except ValueError as problem:
        raise ContractError(f"{path}: no valid JSON: {problem}") from problem


@contextmanager
def entry(path: Path, name: str) -> Iterator[None]:
    """Around whatever makes a value of one entry: what is missing or of another type is told with file and entry.

    Raises:
        ContractError: the entry can't be used.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        raise ContractError(f"{path}: {name}: {problem!r}") from problem
