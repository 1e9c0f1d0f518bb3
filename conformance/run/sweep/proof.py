"""Proves that an object on a target was made by a certain run, before anything is removed. Pure.

Two things prove it. The journal names the object, and the target gives the time of creation that it gave then. Or the
journal says that the run was about to make an object of exactly this name, and the target that it was made just then.
The name has to be one that the suite gives, and the time of creation within the run. A number alone proves nothing
(databases give it to the next one), and neither does the id of a run somewhere in a title.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from conformance.naming import run_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.naming import RunId
    from conformance.wire.safety.journal import Intended, Remembered

SLACK: Final = timedelta(minutes=2)
"""By how much the clocks may differ after what is known of it, and how long an answer may take."""
TICK: Final = timedelta(seconds=5)
"""By how much a clock may be behind after what is known of it: it is told in whole seconds."""
_CREATED: Final = ("created_at", "date_joined")
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "project": ("title", "title"),
    "user": ("email", "email"),
    "workspace": ("title", "title"),
    "prompt": ("title", "title"),
    "project_template": ("name", "title"),
    "member_tag": ("label", "title"),
}
"""Kind → the field that holds its name, and the form of names there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When a run was at work, by the target's clock."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, run: RunId, until: str, *, skew: timedelta = timedelta()) -> Period:
        """From the id and the last line of the journal; ``skew`` is how far the target's clock is ahead."""
        last = moment(until) or run.started
        return cls(begin=run.started + skew - SLACK, end=max(last, run.started) + skew + SLACK)

    @classmethod
    def after(cls, sent: str, *, skew: timedelta = timedelta()) -> Period | None:
        """When an object is created that was asked for at ``sent``; None where that is no time."""
        at = moment(sent)
        return None if at is None else cls(begin=at + skew - TICK, end=at + skew + SLACK)

    def holds(self, text: str) -> bool:
        """Return whether a time, as the target writes it, lies within."""
        at = moment(text)
        return at is not None and self.begin <= at <= self.end


def moment(text: str) -> datetime | None:
    """An ISO 8601 time; one without an offset is UTC. None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def created(shown: Mapping[str, Any]) -> str:
    """When the target says that an object was created; empty if it does not say."""
    return next((str(shown[k]) for k in _CREATED if isinstance(shown.get(k), str)), "")


def named(kind: str, shown: Mapping[str, Any]) -> str:
    """The name of an object, as it is shown."""
    key = NAMES[kind][0] if kind in NAMES else "title"
    return str(shown.get(key) or "")


def bears(run: RunId, kind: str, name: str) -> bool:
    """Return whether the whole text is a name that this run gives to objects of this kind."""
    return kind in NAMES and run_of(NAMES[kind][1], name) == run.text


def doubt(remembered: Remembered, shown: Mapping[str, Any], run: RunId, period: Period) -> str | None:
    """Why an object that the journal names is not proven to be the run's; None where it is proven."""
    at = created(shown)
    if at and not period.holds(at):
        return f"it was created {at}, not during the run"
    if remembered.created:
        return None if at == remembered.created else "another object has this number now"
    if bears(run, remembered.kind, named(remembered.kind, shown)):
        return None
    return "nothing proves that it is the run's"


def wanted(intended: Iterable[Intended], run: RunId, *, skew: timedelta = timedelta()) -> dict[str, dict[str, Period]]:
    """The names that the run was about to give, by kind, and when: only those that are whole names of this run."""
    found: dict[str, dict[str, Period]] = {}
    for one in intended:
        period = Period.after(one.sent, skew=skew)
        if period is not None and bears(run, one.kind, one.name):
            found.setdefault(one.kind, {})[one.name] = period
    return found


def proven(
    kind: str, listed: Iterable[Mapping[str, Any]], names: Mapping[str, Period], run: RunId
) -> list[Mapping[str, Any]]:
    """Of all objects that the target lists, those that bear a name of the journal, and were made when it was given.

    There may be two: servers were seen to make an object a second time, and to tell one of them.
    """
    return [
        item
        for item in listed
        if (name := named(kind, item)) in names and bears(run, kind, name) and names[name].holds(created(item))
    ]
