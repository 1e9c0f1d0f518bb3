"""Files of ``spec/`` that others make sense of: roles, profiles, accepted deviations, kept examples, who shows what."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.reading import SPEC, read_json, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AUTHORIZATION: Final = SPEC / "authorization.yaml"
KINDS: Final = SPEC / "enterprise" / "kinds.yaml"
ROLES: Final = SPEC / "enterprise" / "authorization.yaml"
CLOUDS: Final = SPEC / "enterprise" / "storages.yaml"
CONTRACT: Final = SPEC / "openapi.yaml"
PROFILES: Final = SPEC / "profiles.yaml"
DEVIATIONS: Final = SPEC / "deviations"
EXAMPLES: Final = SPEC / "examples"


@lru_cache(maxsize=1)
def authorization() -> Mapping[str, Any]:
    """Return who may do what: ``roles``, ``groups``, ``operations`` and the ``world`` that the calls need.

    Raises:
        ContractError: the file can't be used.
    """
    return read_table(AUTHORIZATION, "roles", "groups", "operations", "world")


@lru_cache(maxsize=1)
def enterprise_authorization() -> Mapping[str, Any]:
    """Return who may do what on an Enterprise server: ``roles``, ``groups`` and ``operations``.

    Raises:
        ContractError: the file can't be used.
    """
    return read_table(ROLES, "roles", "groups", "operations")


@lru_cache(maxsize=1)
def enterprise_kinds() -> Mapping[str, Any]:
    """The kinds of objects that only an Enterprise server has and that are asked the same, by name.

    Raises:
        ContractError: the file can't be used.
    """
    kinds: Mapping[str, Any] = read_table(KINDS, "kinds")["kinds"]
    return kinds


@lru_cache(maxsize=1)
def enterprise_storages() -> Mapping[str, Any]:
    """The storages that only an Enterprise server has: ``kinds``, and what they have in common (``shared``).

    Raises:
        ContractError: the file can't be used.
    """
    return read_table(CLOUDS, "shared", "kinds")


def shipped_deviations() -> tuple[Path, ...]:
    """The files of accepted deviations that come with the suite."""
    return tuple(sorted(DEVIATIONS.glob("*.yaml")))


def example_files(folder: Path = EXAMPLES) -> Iterator[tuple[Path, Any]]:
    """The files of kept examples with what is in them; none where there is no folder.

    Raises:
        ContractError: a file can't be read, or is no JSON.
    """
    for path in sorted(folder.glob("*.json")):
        yield path, read_json(path)
