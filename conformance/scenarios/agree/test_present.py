"""Objects that are already on a target agree however they are requested; runs on read-only targets, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.outcomes import NotMeasured
from conformance.scenarios.agree.comparing.alike import LISTS, show_alike, show_head, show_times
from conformance.world import CannotMake, World

if TYPE_CHECKING:
    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import Services

ASKED: dict[str, dict[str, Any]] = {"task": {"fields": "all", "page_size": 100}}
KINDS = ("project", "task", "annotation", "prediction", "view")


def read(world: World, operation: str, **query: Any) -> Exchange:
    """The answer to a valid request of an operation."""
    prepared = world.request(operation)
    named: dict[str, Any] = dict(prepared.path)
    return world.wire.call(operation, query={**prepared.query, **query}, **named)


@pytest.mark.safety("read-only")
@pytest.mark.requirement("LS-AGREE-030", "LS-AGREE-031", "LS-AGREE-032", "LS-AGREE-033", "LS-AGREE-034")
def test_what_is_there_is_one_however_it_is_asked_for(
    api: Wire, show: Show, services: Services, target: TargetInUse
) -> None:
    world = World(api, services, present=target.settings.ids)
    seen: list[str] = []
    for kind in KINDS:
        try:
            identity = world.get(kind)
        except CannotMake:
            continue
        seen.append(kind)
        asked: dict[str, Any] = ASKED.get(kind, {"ids": identity} if kind == "project" else {})
        shown = read(world, LISTS[kind], **asked)
        alone = read(world, api.resources.kinds[kind].read or "")
        if kind != "task" or len(shown.json()["tasks"]) == shown.json()["total"]:
            show_alike(show, kind, identity, shown, alone)
        show_times(show, kind, alone)
        for get in (shown, alone):
            show_head(api, show, get)
    if not seen:
        raise NotMeasured("Nothing may be made on the target, and nothing was named there that could be looked at.")
