"""What lists, objects and HEAD have to tell alike."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from conformance.contract.json_equal import equal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world.rich.places import Rich


ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")


LISTS = {
    "project": "projects.list",
    "task": "tasks.list",
    "prediction": "predictions.list",
    "view": "views.list",
    "webhook": "webhooks.list",
    "export": "projects.exports.list",
    "file": "files.list",
    "user": "users.list",
    "local_import": "import_storage.local.list",
    "local_export": "export_storage.local.list",
    "annotation": "annotations.list",
}


# relative to now, or moved by being asked
LOOSE = {"created_ago", "last_activity"}


# what is in an object: each view on it tells as much of that as it likes, but not of something else
INSIDE = {"annotations", "predictions", "drafts"}


def items(answer: Exchange) -> list[dict[str, Any]]:
    """Return what a list holds, with or without pages."""
    told = answer.json()
    found: list[dict[str, Any]] = (
        told if isinstance(told, list) else next(v for v in told.values() if isinstance(v, list))
    )
    return found


def times(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every time in an answer, by the names that lead to it."""
    if isinstance(value, dict):
        for name, held in value.items():
            if name in {"data", "meta", "result", "sent"}:
                continue
            if isinstance(held, str) and name.endswith("_at"):
                yield f"{place}{name}", held
            else:
                yield from times(held, f"{place}{name}.")
    elif isinstance(value, list):
        for held in value:
            yield from times(held, place)


def wrong_one(made: Rich | None, field: str, shown: Exchange, alone: Exchange, listed: object) -> Exchange:
    """Of two answers that say different things of a field, the one that the creation does not bear out."""
    sources = [s for s in (made.sent, made.answered) if isinstance(s, dict)] if made else []
    return alone if any(equal(listed, source[field]) for source in sources if field in source) else shown


def show_alike(
    show: Show, kind: str, identity: object, shown: Exchange, alone: Exchange, *, made: Rich | None = None
) -> None:
    """Show that a list has the object, and says of it what the object says itself.

    Args:
        show: records it.
        kind: of the object.
        identity: of the object.
        shown: the list.
        alone: the object.
        made: how it was made, where that is known: so the one of the two that is wrong can be told.
    """
    item = next((i for i in items(shown) if i.get("id") == identity), None)
    show("LS-AGREE-030", item is not None, expected=f"the {kind}", got="none", exchange=shown, signature=kind)
    for field, value in alone.json().items():
        if item is None or field not in item or field in LOOSE:
            continue
        of_list, by_itself = (held(field, one) for one in (item[field], value))
        show(
            "LS-AGREE-031",
            of_list == by_itself,
            expected=f"{field}: {by_itself!r}",
            got=of_list,
            exchange=wrong_one(made, field, shown, alone, item[field]),
            signature=f"{kind}.{field}",
        )


def held(field: str, value: Any) -> Any:
    """Return what of a field is the same in each view: of what is inside, the ids; an empty text is no draft."""
    if field not in INSIDE or not isinstance(value, list | str | None):
        return value
    return sorted(one["id"] if isinstance(one, dict) else one for one in value or ())


def show_head(api: Wire, show: Show, get: Exchange) -> None:
    """Show that HEAD is answered as GET was."""
    head = api.request("HEAD", get.request.url.removeprefix(api.base_url))
    show.equal(
        "LS-AGREE-032",
        expected=[get.status, get.content_type, 0],
        got=[head.status, head.content_type, len(head.content)],
        exchange=head,
        signature=get.operation.id if get.operation else "",
    )


def in_zone(time: dt.datetime) -> dt.datetime:
    """The time; in UTC where it does not say in which zone it is."""
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def show_times(show: Show, kind: str, answer: Exchange) -> None:
    """Show that times have a zone, and that what changed was there before."""
    found = dict(times(answer.json()))
    for name, value in found.items():
        form = ZONED.match(value) is not None
        place = f"{kind}.{name}"
        show("LS-AGREE-033", form, expected="ISO 8601 with a zone", got=value, exchange=answer, signature=place)
    if {"created_at", "updated_at"} <= set(found):
        made, changed = (dt.datetime.fromisoformat(found[n]) for n in ("created_at", "updated_at"))
        order = in_zone(made) <= in_zone(changed)
        show("LS-AGREE-034", order, expected="created before changed", got=found, exchange=answer, signature=kind)
