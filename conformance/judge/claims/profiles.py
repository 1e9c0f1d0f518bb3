"""Features and profiles: which requirements a target has to show for which claim. Plain values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self

from conformance.errors import InputError
from conformance.judge.observation import Aspect

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from conformance.judge.observation import Observation


_LITERAL = 1_000_000  # more than any pattern is long


class ProfileError(InputError):
    """``spec/profiles.yaml`` contradicts itself or the contract; the message names the entry."""

    code = "profiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A named capability.

    Attributes:
        name: ``storage.s3``.
        about: one line for a person.
        operations: operationIds that belong to it and to no other feature.
        musts: ids of the requirements of which each needs a positive observation (the evidence floor).
        behaviours: ids of all behaviour requirements of it, whatever their verb.
        aspects: which of the musts are about another aspect than ``interoperable``.
    """

    name: str
    about: str
    operations: frozenset[str] = frozenset()
    musts: frozenset[str] = frozenset()
    behaviours: frozenset[str] = frozenset()
    aspects: Mapping[Aspect, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A set of features that is claimed together.

    Attributes:
        name: ``community-core``.
        about: one line for a person.
        core: features without which the claim means nothing.
        further: features that a target may leave out, and is then less than ``full``.
    """

    name: str
    about: str
    core: tuple[str, ...]
    further: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """All of its features, core first."""
        return self.core + self.further


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """All features and profiles, with the requirements worked out."""

    features: Mapping[str, Feature] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)

    def offered(self, operations: Container[str]) -> frozenset[str]:
        """The features of which at least one operation is among these."""
        return frozenset(f.name for f in self.features.values() if any(o in operations for o in f.operations))

    def index(self) -> FeatureIndex:
        """Look-up from observations to features."""
        return FeatureIndex(self.features)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "features": {
                f.name: {
                    "about": f.about,
                    "operations": sorted(f.operations),
                    "musts": sorted(f.musts),
                    "behaviours": sorted(f.behaviours),
                    "aspects": {aspect.value: sorted(f.aspects[aspect]) for aspect in sorted(f.aspects)},
                }
                for f in sorted(self.features.values(), key=lambda f: f.name)
            },
            "profiles": {
                p.name: {"about": p.about, "core": list(p.core), "further": list(p.further)}
                for p in self.profiles.values()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        return cls(
            features={
                name: Feature(
                    name=name,
                    about=f["about"],
                    operations=frozenset(f["operations"]),
                    musts=frozenset(f["musts"]),
                    behaviours=frozenset(f["behaviours"]),
                    aspects={Aspect(aspect): frozenset(ids) for aspect, ids in f.get("aspects", {}).items()},
                )
                for name, f in data["features"].items()
            },
            profiles={
                name: Profile(name=name, about=p["about"], core=tuple(p["core"]), further=tuple(p["further"]))
                for name, p in data["profiles"].items()
            },
        )


class FeatureIndex:
    """Says which feature an observation is about."""

    def __init__(self, features: Mapping[str, Feature]) -> None:
        self._operations = {o: f.name for f in features.values() for o in f.operations}
        self._behaviours = {b: f.name for f in features.values() for b in f.behaviours}

    def of(self, observation: Observation) -> str | None:
        """The feature; None where none claims the requirement."""
        by_id = self._behaviours.get(observation.requirement)
        return by_id or self._operations.get(observation.operation or observation.requirement.partition("#")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What profiles need to know of a requirement that no schema says."""

    id: str
    binding: bool
    feature: str | None
    operations: tuple[str, ...]
    aspect: Aspect = Aspect.INTEROPERABLE


def read_profiles(
    data: object,
    *,
    operations: Iterable[str],
    behaviours: Iterable[Behaviour] = (),
    rules: Mapping[str, Aspect] | None = None,
) -> Profiles:
    """Work out features and profiles.

    Args:
        data: the parsed ``spec/profiles.yaml``: ``floor`` (rules of which each operation needs a positive
            observation), ``features`` (name -> ``about``, ``operations`` with ``*``), ``profiles``
            (name -> ``about``, ``includes``, ``core``, ``further``).
        operations: operationIds of the contract.
        behaviours: the requirements of ``spec/requirements``. A finer feature that is not known
            (``projects.core``) counts to what stands before its dot, others to that of the first operation.
        rules: what each rule is about; one that is not among them is ``interoperable``.

    Raises:
        ProfileError: an unknown key, feature, profile or operation; an operation in two features or in none.
    """
    known = sorted(set(operations))
    top = _mapping(data, "profiles.yaml", {"floor", "features", "profiles"})
    floor = tuple(top.get("floor") or ())
    owner = _owners(top.get("features") or {}, known)
    claimed: dict[str, set[str]] = {name: set() for name in top.get("features") or {}}
    musts: dict[str, set[str]] = {name: set() for name in claimed}
    about: dict[str, Aspect] = {}
    for operation, feature in owner.items():
        musts[feature] |= {f"{operation}#{rule}" for rule in floor}
        about |= {f"{operation}#{rule}": aspect for rule, aspect in (rules or {}).items()}
    for behaviour in behaviours:
        name = _feature_of(behaviour, claimed, owner)
        if name is None:
            continue
        claimed[name].add(behaviour.id)
        about[behaviour.id] = behaviour.aspect
        if behaviour.binding:
            musts[name].add(behaviour.id)
    features = {
        name: Feature(
            name=name,
            about=str(entry["about"]),
            operations=frozenset(o for o, f in owner.items() if f == name),
            musts=frozenset(musts[name]),
            behaviours=frozenset(claimed[name]),
            aspects=_aspects(musts[name], about),
        )
        for name, entry in (top.get("features") or {}).items()
    }
    return Profiles(features=features, profiles=_profiles(top.get("profiles") or {}, features))


def _aspects(musts: Iterable[str], about: Mapping[str, Aspect]) -> dict[Aspect, frozenset[str]]:
    """The musts of each aspect but the usual one."""
    found: dict[Aspect, set[str]] = {}
    for must in musts:
        aspect = about.get(must, Aspect.INTEROPERABLE)
        if aspect is not Aspect.INTEROPERABLE:
            found.setdefault(aspect, set()).add(must)
    return {aspect: frozenset(ids) for aspect, ids in sorted(found.items())}


def _mapping(value: object, where: str, keys: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ProfileError(f"{where}: a mapping is expected.")
    unknown = set(map(str, value)) - keys
    if unknown:
        raise ProfileError(f"{where}: unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(keys))}.")
    return value


def _owners(entries: Mapping[str, Any], known: list[str]) -> dict[str, str]:
    """Return which feature owns each operation: full names win over patterns, longer patterns over shorter ones."""
    owner: dict[str, tuple[int, str]] = {}
    for name, entry in entries.items():
        checked = _mapping(entry, f"feature {name}", {"about", "operations"})
        if not str(checked.get("about") or "").strip():
            raise ProfileError(f"feature {name}: a line `about` it is missing.")
        for wanted in checked.get("operations") or ():
            hits = [o for o in known if fnmatchcase(o, wanted)]
            if not hits:
                raise ProfileError(f"feature {name}: the contract has no operation {wanted}.")
            weight = len(wanted) if "*" in wanted else _LITERAL
            for operation in hits:
                before, other = owner.get(operation, (-1, name))
                if before == weight and other != name:
                    raise ProfileError(f"{operation} is in two features: {other} and {name}.")
                if weight > before:
                    owner[operation] = (weight, name)
    homeless = [o for o in known if o not in owner]
    if homeless:
        raise ProfileError(f"no feature has the operation {homeless[0]} (and {len(homeless) - 1} more).")
    return {operation: name for operation, (_, name) in owner.items()}


def _feature_of(behaviour: Behaviour, features: Container[str], owner: Mapping[str, str]) -> str | None:
    """The feature that a behaviour counts to.

    Its own, or else what stands before the last dot, and so on; at last that of its first operation.
    """
    name = behaviour.feature
    while name:
        if name in features:
            return name
        name = name.rpartition(".")[0]
    if behaviour.operations and behaviour.operations[0] in owner:
        return owner[behaviour.operations[0]]
    if behaviour.feature:
        raise ProfileError(f"{behaviour.id}: profiles.yaml has no feature {behaviour.feature!r}.")
    return None


def _profiles(entries: Mapping[str, Any], features: Mapping[str, Feature]) -> dict[str, Profile]:
    found: dict[str, Profile] = {}
    for name, entry in entries.items():
        checked = _mapping(entry, f"profile {name}", {"about", "includes", "core", "further"})
        core, further = list(checked.get("core") or ()), list(checked.get("further") or ())
        if "includes" in checked:
            if checked["includes"] not in found:
                raise ProfileError(f"profile {name} includes {checked['includes']}, which does not stand before it.")
            base = found[checked["includes"]]
            core, further = [*base.core, *core], [*base.further, *further]
        every = core + further
        for feature in every:
            if feature not in features:
                raise ProfileError(f"profile {name}: there is no feature {feature}.")
        if len(set(every)) != len(every):
            raise ProfileError(f"profile {name} names a feature twice.")
        if not core:
            raise ProfileError(f"profile {name} has no core: anything would satisfy it.")
        found[name] = Profile(name=name, about=str(checked.get("about", "")), core=tuple(core), further=tuple(further))
    return found
