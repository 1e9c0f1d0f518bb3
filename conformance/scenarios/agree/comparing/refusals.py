"""Writes that are refused for one field, and would change much if they were done half."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.world.rich.neighbourhood import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.wire import Exchange, Wire
    from conformance.world import RichWorld
    from conformance.world.rich.neighbourhood import Change

LONG: Final = "x" * 300
REGIONS: Final = [
    {"id": "w1", "from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["Negative"]}}
]
# operation, the rich object that it names, and a body of which one field is wrong and all others would change something
REFUSED: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("projects.update", "project", {"description": "refused", "color": "#123456", "title": LONG}),
    ("projects.update", "project", {"description": "refused", "label_config": "<View><No"}),
    ("tasks.update", "third", {"meta": {"refused": 1}, "overlap": "many"}),
    ("annotations.update", "opinion", {"ground_truth": True, "result": REGIONS, "lead_time": "high"}),
    ("annotations.update", "lonely", {"was_cancelled": True, "result": REGIONS, "lead_time": "high"}),
    ("predictions.update", "guess", {"model_version": "refused", "result": [], "score": "high"}),
    ("webhooks.update", "silent", {"headers": {"X-Refused": "1"}, "is_active": True, "url": "no address"}),
    ("users.update", "person", {"first_name": "Refused", "last_name": LONG}),
    ("annotations.create", "second", {"ground_truth": True, "result": REGIONS, "lead_time": "high"}),
    ("tasks.create", "", {"data": "a text", "meta": {"refused": 1}}),
    ("predictions.create", "third", {"result": REGIONS, "score": "high", "model_version": "refused"}),
    ("webhooks.create", "", {"url": "no address", "headers": {}}),
    ("projects.import_tasks", "project", {"data": {"text": "refused"}, "annotations": [{"result": "a text"}]}),
    ("projects.import_predictions", "project", {"task": 2_000_000_001, "result": REGIONS}),
]
_LISTS: Final = {"projects.import_tasks", "projects.import_predictions"}


def refused(api: Wire, rich: RichWorld, excused: list[tuple[str, object, str]]) -> Iterator[tuple[str, Exchange]]:
    """Send each; gives the name of the object, and the answer of those that were refused.

    Args:
        api: the wire.
        rich: what is there.
        excused: takes what a write may have changed that the server accepted: that is its right, and nobody's blame.
    """
    for operation, name, fields in REFUSED:
        if name and name not in rich.home:
            continue
        body = dict(fields)
        path: dict[str, Any] = {"id": rich.home[name].id} if name else {}
        if operation == "predictions.create":
            body, path = {**body, "task": rich.home[name].id}, {}
        elif not name:
            body["project"] = rich.project
        answer = api.call(operation, json=[body] if operation in _LISTS else body, expect=None, **path)
        if not answer.succeeded:
            yield name, answer
        else:
            kinds = {operation.partition(".")[0].removesuffix("s"), "task", "project"}
            kinds |= {"annotation", "prediction"} if operation in _LISTS else set()
            excused += [(kind, ANY, ANY) for kind in sorted(kinds)]


def blamed(
    rich: RichWorld, answers: Sequence[tuple[str, Exchange]], found: Sequence[Change]
) -> dict[int, list[Change]]:
    """Whose doing the changes are, by place: of a write of that kind of object; counters follow what else changed."""
    of: dict[int, list[Change]] = {number: [] for number in range(len(answers))}
    counters = [change for change in found if change.fact[1] == "project" and change.fact[3].endswith("_number")]
    for change in found:
        if change in counters:
            continue
        _, kind, identity, _ = change.fact
        about = {number: rich.home[name] for number, (name, _) in enumerate(answers) if name}
        named = [number for number, one in about.items() if (one.kind, str(one.id)) == (kind, identity)]
        alike = [number for number, one in about.items() if one.kind == kind]
        of[[*named, *alike, *of][0]].append(change)
    if counters:
        of[next((number for number, changed in of.items() if changed), 0)] += counters
    return of
