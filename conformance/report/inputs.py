"""Reads what a verdict is based on: profiles and accepted deviations. The judge itself reads no file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.contract import ContractError, load_contract
from conformance.contract.load import load_from
from conformance.contract.reading import read_yaml
from conformance.contract.tables.raw import CONTRACT, PROFILES, shipped_deviations
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.rules import load_rules
from conformance.judge.claims.basis import Basis
from conformance.judge.claims.profiles import Behaviour, ProfileError, Profiles, read_profiles
from conformance.judge.deviations import DeviationError, read_deviations
from conformance.judge.observation import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.judge.deviations import Deviation, DeviationFile

DEFAULT_PROFILE = {"community": "community", "enterprise": "enterprise"}
"""The profile that a target of each edition is judged by, unless another one is named."""


@lru_cache(maxsize=2)
def load_profiles(path: Path = PROFILES) -> Profiles:
    """Features and profiles, worked out with the contract and the requirements.

    Raises:
        ProfileError: the file cannot be read or contradicts itself or the contract.
    """
    try:
        data = read_yaml(path)
    except ContractError as problem:
        raise ProfileError(str(problem)) from problem
    behaviours = [
        Behaviour(
            id=r.id,
            # nobody can demand evidence for what no test shows
            binding=r.owed is Verb.MUST and not r.untested,
            feature=r.feature,
            operations=r.operations,
            aspect=r.aspect,
        )
        for r in load_requirements().values()
    ]
    return read_profiles(
        data,
        # what only a document in place of the contract (--spec) has is in no feature
        operations={i: o for i, o in load_contract().operations.items() if i in load_from(CONTRACT).operations},
        behaviours=behaviours,
        rules={name: rule.aspect for name, rule in load_rules().rules.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The accepted deviations that were looked at for a target.

    Attributes:
        applied: those that apply to it.
        left_out: files about this product, but other versions of it or another database.
    """

    applied: tuple[Deviation, ...] = ()
    left_out: tuple[DeviationFile, ...] = ()


def select_deviations(
    files: Iterable[Path] = (), *, product: str, edition: str, version: str, database: str = "", shipped: bool = True
) -> Selection:
    """The accepted deviations that apply to a target, and those that do not.

    Args:
        files: of the adopter; each has to apply to the product, or to be about other versions of it.
        product: ``label-studio``.
        edition: ``community`` or ``enterprise``.
        version: what the target says; one that is no version is in no range.
        database: what it keeps its rows in; empty where nobody knows: then entries about each database apply, and
            that one is not seen needs nobody.
        shipped: whether the ones that come with the suite count too.

    Raises:
        DeviationError: a file cannot be read or holds something that it must not.
    """
    applied: list[Deviation] = []
    left_out: list[DeviationFile] = []
    for path in [*(shipped_deviations() if shipped else ()), *map(Path, files)]:
        content = read_deviation_file(path)
        if content.applies(product=product, edition=edition, version=version, database=database):
            guessed = bool(content.database) and not database
            applied += [replace(d, intermittent=True) if guessed else d for d in content.deviations]
        elif content.is_about(product=product, edition=edition):
            left_out.append(content)
    return Selection(applied=tuple(applied), left_out=tuple(left_out))


def load_deviations(files: Iterable[Path] = (), **target: Any) -> tuple[Deviation, ...]:
    """The accepted deviations that apply to a target; see :func:`select_deviations`."""
    return select_deviations(files, **target).applied


def read_deviation_file(path: Path) -> DeviationFile:
    """One file of accepted deviations.

    Raises:
        DeviationError: it cannot be read or holds something that it must not.
    """
    try:
        data = read_yaml(path)
    except ContractError as problem:
        raise DeviationError(str(problem)) from None
    # a name without folders: reports travel
    return read_deviations(data, path.name)


def load_basis(
    *,
    edition: str,
    deviations: Iterable[Deviation] = (),
    day: date | None = None,
    profile: str | None = None,
    strict: bool = False,
    declared: Iterable[str] = (),
    announced_operations: Iterable[str] | None = None,
) -> Basis:
    """Return what a run against a target is judged by.

    Args:
        edition: chooses the profile where none is named.
        deviations: the accepted ones that apply to the target.
        day: on which deviations may be expired; None = today.
        profile: its name.
        strict: ``--strict-deviations``.
        declared: features of the target file.
        announced_operations: operationIds that the target's own schema offers; None = it publishes none.

    Raises:
        ProfileError: there is no such profile, or the file is broken.
    """
    profiles = load_profiles()
    name = profile or DEFAULT_PROFILE.get(edition, "community")
    if name not in profiles.profiles:
        raise ProfileError(f"There is no profile {name!r}; there are: {', '.join(profiles.profiles)}.")
    announced = None if announced_operations is None else profiles.offered(frozenset(announced_operations))
    return Basis(
        profiles=profiles,
        profile=name,
        deviations=tuple(deviations),
        strict=strict,
        declared=frozenset(declared),
        announced=announced,
        day=day or date.today(),  # noqa: DTZ011 - an entry expires by the calendar of who runs
    )
