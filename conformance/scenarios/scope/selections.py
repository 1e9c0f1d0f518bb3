"""Ways to select tasks for an action: what each names, and whether it makes sense at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.scenarios.steps import filters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOWHERE: Final = 2_000_000_001
"""An id that no object has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One way to select.

    Attributes:
        name: short, and free of ids: it is the signature of what goes wrong.
        requirement: what it is a case of.
        body: made of the project's own tasks and of another project's.
        named: which of the own tasks (from 0) it can be said to name.
        broken: it can't be understood, and so is to be refused.
    """

    name: str
    requirement: str
    body: Callable[[Sequence[int], Sequence[int]], Any]
    named: tuple[int, ...] = ()
    broken: bool = False


def _items(requirement: str, name: str, *named: int, broken: bool = False, **selected: Any) -> Selection:
    """``selectedItems`` with these members; a callable is given the tasks."""

    def body(own: Sequence[int], others: Sequence[int]) -> Any:
        made = {k: v(own, others) if callable(v) else v for k, v in selected.items()}
        return {"selectedItems": made}

    return Selection(name=name, requirement=requirement, body=body, named=named, broken=broken)


def _whole(requirement: str, name: str, body: Any, *, broken: bool = False) -> Selection:
    return Selection(name=name, requirement=requirement, body=lambda _own, _others: body, broken=broken)


def _filtered(requirement: str, name: str, wanted: Any, *, broken: bool = False) -> Selection:
    body = {"selectedItems": {"all": True, "excluded": []}, "filters": wanted}
    return Selection(name=name, requirement=requirement, body=lambda _own, _others: body, broken=broken)


def _first(own: Sequence[int], _others: Sequence[int]) -> list[int]:
    return [own[0]]


_NOTHING: Final = ("data.text", "equal", "String", "nothing says this")

SELECTIONS: Final = (
    _whole("LS-SCOPE-001", "no body", None),
    _whole("LS-SCOPE-001", "empty body", {}),
    _whole("LS-SCOPE-001", "another key", {"selected_items": {"all": False, "included": []}}),
    Selection(
        name="key in lower case",
        requirement="LS-SCOPE-001",
        body=lambda own, _: {"selecteditems": {"all": False, "included": [own[0]]}},
        named=(0,),
    ),
    _items("LS-SCOPE-002", "all false, included empty", all=False, included=[]),
    _items("LS-SCOPE-002", "all false alone", all=False),
    _items("LS-SCOPE-003", "all false with excluded", all=False, excluded=_first),
    _items("LS-SCOPE-003", "all true with included", 0, all=True, included=_first),
    _items("LS-SCOPE-003", "all true with included and excluded", 0, all=True, included=_first, excluded=[]),
    _items("LS-SCOPE-003", "the same included and excluded", 0, all=False, included=_first, excluded=_first),
    _whole("LS-SCOPE-004", "null", {"selectedItems": None}, broken=True),
    _whole("LS-SCOPE-004", "a list", {"selectedItems": []}, broken=True),
    _whole("LS-SCOPE-004", "a text", {"selectedItems": "all"}, broken=True),
    _whole("LS-SCOPE-004", "an empty object", {"selectedItems": {}}, broken=True),
    _items("LS-SCOPE-004", "all is null", broken=True, all=None, included=[]),
    _items("LS-SCOPE-004", "included is null", broken=True, all=False, included=None),
    _items("LS-SCOPE-004", "included is a number", 0, broken=True, all=False, included=lambda own, _: own[0]),
    _items("LS-SCOPE-004", "included is a text", 0, broken=True, all=False, included=lambda own, _: str(own[0])),
    _items("LS-SCOPE-004", "included holds a list", 0, broken=True, all=False, included=lambda own, _: [[own[0]]]),
    _items("LS-SCOPE-004", "included holds a fraction", broken=True, all=False, included=lambda own, _: [own[0] + 0.5]),
    _items("LS-SCOPE-004", "included holds a word", broken=True, all=False, included=["first"]),
    _items("LS-SCOPE-004", "excluded is null", broken=True, all=True, excluded=None),
    _items("LS-SCOPE-004", "excluded is a text", broken=True, all=True, excluded=lambda own, _: str(own[0])),
    _items("LS-SCOPE-005", "all is the text false", all="false", included=[]),
    _items("LS-SCOPE-005", "all is the number 0", all=0, included=[]),
    _items("LS-SCOPE-006", "included is elsewhere", all=False, included=lambda _, others: list(others)),
    _items("LS-SCOPE-006", "some are elsewhere", 0, all=False, included=lambda own, others: [own[0], others[0]]),
    _items("LS-SCOPE-006", "included is nowhere", all=False, included=[NOWHERE]),
    _filtered("LS-SCOPE-007", "a filter that nothing meets", filters(_NOTHING)),
    _filtered("LS-SCOPE-007", "filter by an unknown column", filters(("no_such", *_NOTHING[1:])), broken=True),
    _filtered("LS-SCOPE-007", "filter, unknown operator", filters(("data.text", "is", "String", "x")), broken=True),
    _filtered("LS-SCOPE-007", "filter, unknown type", filters(("data.text", "equal", "Colour", "x")), broken=True),
    _filtered("LS-SCOPE-007", "filter is a text", "nothing", broken=True),
    _filtered("LS-SCOPE-007", "filter is a list", [], broken=True),
    _filtered("LS-SCOPE-007", "filter without a conjunction", {"items": filters(_NOTHING)["items"]}, broken=True),
    _filtered("LS-SCOPE-007", "filter with an unknown conjunction", filters(_NOTHING, conjunction="xor"), broken=True),
    Selection(
        name="included, but not in the filter",
        requirement="LS-SCOPE-007",
        body=lambda own, _: {"selectedItems": {"all": False, "included": [own[0]]}, "filters": filters(_NOTHING)},
    ),
)
_TELLING: Final = (
    "no body",
    "all false, included empty",
    "all false with excluded",
    "null",
    "some are elsewhere",
    "filter by an unknown column",
)
FEW: Final = tuple(s for s in SELECTIONS if s.name in _TELLING)
"""Those that tell most: for the actions that read their selection as the first one does."""
