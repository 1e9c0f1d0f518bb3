"""All that is known of one requirement or operation, on one screen."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import yaml

from conformance.contract import load_contract
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.rules import load_rules
from conformance.contract.tables.safety import load_safety
from conformance.errors import InputError
from conformance.judge.compare import by_requirement, standing
from conformance.report.figures import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.contract import Operation
    from conformance.judge.deviations import Deviation
    from conformance.judge.observation import Observation
    from conformance.report.document import Report

MAX_EXCERPT = 24
MAX_SEEN = 12


class UnknownName(InputError):
    """Neither a requirement nor an operation has this name; the message offers near ones."""

    code = "unknown-name"


def explain(
    name: str,
    report: Report | None,
    deviations: Iterable[Deviation] = (),
    *,
    shown_by: Callable[[str], Iterable[str]],
    checked_by: Callable[[str], Iterable[str]],
) -> str:
    """Return what ``ls-conformance explain`` prints.

    Args:
        name: ``LS-EXPORT-007``, ``projects.create``, ``projects.create#status`` or ``GET /api/projects/``.
        report: the last run, if there is one.
        deviations: accepted ones, of which those about it are shown.
        shown_by: the scenarios that show a requirement, by its id.
        checked_by: where a rule is checked, by its name.

    Raises:
        UnknownName: there is no such thing.
    """
    contract, requirements = load_contract(), load_requirements()
    seen = by_requirement(report.observations) if report else {}
    lines: list[str] = []
    if name in requirements:
        r = requirements[name]
        lines += [f"{r.id} ({r.called}, {r.area})", f"  {r.statement}", f"  source   {r.source}"]
        lines += [f"  feature  {r.feature}"] if r.feature else []
        lines += [f"  untested {r.untested}"] if r.untested else []
        lines += [f"  confirmed {r.confirmed.version}, {r.confirmed.report}"] if r.confirmed else []
        lines += [f"  test     conformance/scenarios/{t}" for t in shown_by(name)] or ["  test     none shows it"]
        for operation_id in r.operations[:1]:
            lines += ["", *_operation(contract.operations[operation_id], contract.document)]
        about = [name]
    else:
        operation_id, _, rule = name.partition("#")
        operation = contract.operations.get(operation_id) or _labelled(contract.operations.values(), name)
        if operation is None:
            raise UnknownName(_near(name, [*requirements, *contract.operations]))
        lines += _operation(operation, contract.document)
        if rule:
            lines += ["", f"{name}: {_statement(rule)}"]
            found = [f"  checked  {where}" for where in checked_by(rule.partition(":")[0])]
            lines += found or ["  checked  nowhere by this name"]
        asked = [r.id for r in requirements.values() if operation.id in r.operations]
        about = [name] if rule else [*sorted(i for i in seen if i.startswith(f"{operation.id}#")), *asked]
    lines += ["", *_seen(about, seen, report)]
    lines += _accepted(about, seen, deviations)
    return "\n".join(lines)


def _statement(rule: str) -> str:
    known = load_rules().rules.get(rule.partition(":")[0])
    return known.statement if known else "a rule compiled from the contract"


def _labelled(operations: Iterable[Operation], label: str) -> Operation | None:
    return next((o for o in operations if o.label == label), None)


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4)
    return f"There is no requirement or operation {name!r}." + (f" Near: {', '.join(near)}." if near else "")


def _operation(operation: Operation, document: Mapping[str, object]) -> list[str]:
    node: object = document
    for step in operation.pointer.removeprefix("#/").split("/"):
        if isinstance(node, dict):
            node = node[step.replace("~1", "/").replace("~0", "~")]
    excerpt = yaml.safe_dump(node, sort_keys=False, width=100, default_flow_style=None).rstrip().split("\n")
    more = [f"    … {len(excerpt) - MAX_EXCERPT} more lines"] if len(excerpt) > MAX_EXCERPT else []
    return [
        f"{operation.id}: {operation.label} ({operation.edition.value}, {operation.area})",
        f"  {operation.summary}",
        f"  safety   {load_safety()[operation.id].label}",
        f"  contract spec/openapi.yaml{operation.pointer}",
        *(f"    {line}" for line in excerpt[:MAX_EXCERPT]),
        *more,
    ]


def _seen(about: list[str], seen: Mapping[str, list[Observation]], report: Report | None) -> list[str]:
    if report is None:
        return ["no run yet: there is no reports/latest/conformance.json"]
    target = report.header.target
    lines = [f"last run {report.header.run_id} ({target.product} {target.version}):"]
    there = [i for i in about if i in seen]
    for requirement in there[:MAX_SEEN]:
        outcome = standing(seen[requirement])
        o = next(o for o in seen[requirement] if o.outcome is outcome)
        lines.append(f"  {outcome.value:<12} {requirement}" + (f": {one_line(o.message, 120)}" if o.message else ""))
        if len(about) == 1:
            for label, value in (("expected", o.expected), ("got", o.got), ("test", o.test), ("next", o.hint)):
                if value:
                    lines.append(f"    {label:<9} {one_line(value, 300)}")
            if o.evidence:
                lines.append(f"    reproduce {o.evidence.curl}")
    if len(there) > MAX_SEEN:
        lines.append(f"  … and {len(there) - MAX_SEEN} more in the report")
    return lines if there else [*lines, "  not observed"]


def _accepted(about: list[str], seen: Mapping[str, list[Observation]], deviations: Iterable[Deviation]) -> list[str]:
    observations = [o for i in about for o in seen.get(i, [])]
    found = [d for d in deviations if d.requirement in about or any(d.accepts(o) for o in observations)]
    return ["", "accepted deviations:", *(f"  {d.name}: {d.reason}" for d in found)] if found else []
