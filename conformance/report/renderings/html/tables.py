"""The tables of the report: areas and rules, who may do what, latencies, profiles, deviations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from conformance.judge.observation import Outcome
from conformance.report.figures import WORST_FIRST, headline, share
from conformance.report.renderings.html.page import LEVELS, SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.judge.observation import Observation
    from conformance.report.catalogue import Catalogue
    from conformance.report.document import Report

_FEATURE_COLOURS = {"holds": "pass", "broken": "fail", "incomplete": "warn"}
_KEYS = {"refuses-anonymous": "no key", "refuses-wrong-key": "wrong key", "refuses-revoked-key": "revoked key"}
_ROLE = re.compile(r"\[([a-z ]+)-([a-z0-9_.]+)(?:\+\w+)?\]$")
# which outcome stands for a cell: what needs a person first, what was accepted before what was never looked at
_RANK = {name: rank for rank, name in enumerate(("fail", "accepted", *(o.value for o in WORST_FIRST[1:])))}


def worst_of(outcomes: Iterable[str]) -> str:
    """The outcome that stands for several (at least one), ``accepted`` among them."""
    return min(outcomes, key=_RANK.__getitem__)


def matrix(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One line per area: rule -> worst outcome, how many requirements have it, how many hold, how many there are."""
    lines: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        lines[row["area"]][row["rule"]].append(row["outcome"])
    return [
        {
            "area": area,
            "offered": any(o != "unsupported" for outcomes in cells.values() for o in outcomes),
            "held": sum(o == "pass" for outcomes in cells.values() for o in outcomes),
            "all": sum(len(outcomes) for outcomes in cells.values()),
            "cells": {rule: _cell(outcomes) for rule, outcomes in cells.items()},
        }
        for area, cells in sorted(lines.items())
    ]


def _cell(outcomes: Sequence[str]) -> dict[str, Any]:
    worst = worst_of(outcomes)
    return {"worst": worst, "number": outcomes.count(worst), "passed": outcomes.count("pass"), "all": len(outcomes)}


def rules(rows: Iterable[Mapping[str, Any]], catalogue: Catalogue) -> list[str]:
    """The rules that were looked at: behaviour, then in the order of ``spec/rules.yaml``."""
    known = {name: rank for rank, name in enumerate(("behaviour", *catalogue.rules))}
    return sorted({row["rule"] for row in rows}, key=lambda rule: (known.get(rule, len(known)), rule))


def grid(observations: Iterable[Observation], catalogue: Catalogue) -> dict[str, Any]:
    """Return who may do what: operations against roles, and against the rules on keys.

    A cell of the table of roles is a test of its own, with role and operation in its id.
    """
    cells: dict[str, dict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for o in observations:
        named = _ROLE.search(o.test)
        if o.requirement.startswith(("LS-AUTHZ-", "LS-GRANT-")) and named and named[2] in catalogue.operations:
            cells[named[2]][named[1]].append(o)
        elif o.operation and o.rule in _KEYS:
            cells[o.operation][_KEYS[o.rule]].append(o)
    order = {name: rank for rank, name in enumerate((*catalogue.roles, *_KEYS.values()))}
    columns = sorted({c for row in cells.values() for c in row}, key=lambda c: (order.get(c, len(order)), c))
    lines = {
        operation: {column: _access(column, operation, seen, catalogue) for column, seen in row.items()}
        for operation, row in sorted(cells.items())
    }
    return {
        "columns": [{"name": c, "about": catalogue.roles.get(c, "")} for c in columns],
        "operations": {o: {"label": catalogue.label(o), "cells": row} for o, row in lines.items()},
        "bad": sum(c["outcome"] in {"fail", "warn"} for row in lines.values() for c in row.values()),
    }


def _access(column: str, operation: str, seen: Sequence[Observation], catalogue: Catalogue) -> dict[str, Any]:
    first = min(seen, key=lambda o: WORST_FIRST.index(o.outcome))
    answered = first.evidence.response if first.evidence else None
    expected = catalogue.access.get((column, operation)) or ("refused" if column in _KEYS.values() else "")
    status = str(answered["status"]) if answered else ""
    came = status or first.got
    says = [f"expected {expected}" if expected else "", f"got {came}" if came else "", first.message]
    return {
        "id": first.requirement,
        "outcome": first.outcome.value,
        "status": status,
        "says": ", ".join(filter(None, says[:2])) + (f". {says[2]}" if says[2] else ""),
    }


def latency(samples: Mapping[str, Sequence[int]], names: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Median, 95th percentile and maximum in milliseconds, the slowest (by p95) first.

    Args:
        samples: name -> milliseconds.
        names: name -> name to gather them under; None = each by itself.
    """
    gathered: dict[str, list[int]] = defaultdict(list)
    for name, values in samples.items():
        gathered[names.get(name, name) if names else name].extend(values)
    lines = []
    for name, values in gathered.items():
        ordered = sorted(values)
        half, most = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95))
        lines.append({"name": name, "count": len(ordered), "median": half, "p95": most, "max": ordered[-1]})
    return sorted(lines, key=lambda line: (-line["p95"], line["name"]))


def deviations(report: Report) -> list[dict[str, Any]]:
    """The accepted deviations, with the requirements that each explains."""
    bad = [o for o in report.observations if o.outcome in {Outcome.FAIL, Outcome.UNSUPPORTED}]
    return [
        {"entry": d, "matched": sorted({o.requirement for o in bad if d.accepts(o)})} for d in report.basis.deviations
    ]


def profiles(report: Report) -> list[dict[str, Any]]:
    """Each profile with its level and the state of its features."""
    verdict = report.end.verdict
    found = []
    for profile in report.basis.profiles.profiles.values():
        if profile.name not in verdict["profiles"]:
            continue
        features = [_feature(report, name, core=name in profile.core) for name in profile.features]
        found.append(
            {
                "name": profile.name,
                "about": profile.about,
                "claimed": profile.name == report.basis.profile,
                "rank": LEVELS.index(verdict["profiles"][profile.name]["level"]),
                "allowed": LEVELS.index(verdict["profiles"][profile.name]["allowing"]),
                **verdict["profiles"][profile.name],
                "headline": headline(verdict["profiles"][profile.name]),
                "lines": _aspects(verdict["profiles"][profile.name]),
                "features": features,
                "states": Counter(f["state"] for f in features),
                "shown": sum(f["shown"] for f in features),
                "musts": sum(f["musts"] for f in features),
            }
        )
    return found


def _aspects(profile: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One line per aspect: level, level with accepted deviations set aside, share."""
    return [
        {
            "name": name,
            "rank": LEVELS.index(aspect["level"]),
            "allowed": LEVELS.index(aspect["allowing"]),
            "share": share(aspect["held"], aspect["asked"]),
            **aspect,
        }
        for name, aspect in profile.get("aspects", {}).items()
    ]


def _feature(report: Report, name: str, *, core: bool) -> dict[str, Any]:
    feature = report.basis.profiles.features[name]
    announced = None
    if report.basis.announced is not None and feature.operations:
        announced = name in report.basis.announced
    state = report.end.verdict["features"][name]
    colour = _FEATURE_COLOURS.get(state["state"], "unsupported")
    return {
        "name": name,
        "core": core,
        "about": feature.about,
        "declared": name in report.basis.declared,
        "colour": colour,
        "sign": SIGNS[colour],
        "works": {name: one["works"] for name, one in state.get("aspects", {}).items()},
        "announced": announced,
        **state,
    }
