"""Checks that several areas share."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from conformance.scenarios.readers import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Sized

    from conformance.showing import Show
    from conformance.wire import Exchange


SENSELESS: Final = (400, 422)
"""How what makes no sense is refused, where the contract says nothing of it (RFC 9110, 15.5.1 and 15.5.21)."""

GONE: Final = (404, 410)
"""How what was there once is answered: 410 says that it is gone for good, and is preferred (RFC 9110, 15.5.5)."""


def told_gone(exchange: Exchange) -> int:
    """The status of an answer about what was there once; 404 stands for 410 as well."""
    return GONE[0] if exchange.gone else exchange.status


def rejected(show: Show, requirement_id: str, exchange: Exchange, *, about: str = "") -> bool:
    """Show that the server called the request the client's mistake (RFC 9110 §15.5); ``about`` begins the signature."""
    return show(
        requirement_id,
        400 <= exchange.status < 500,
        expected="4xx",
        got=f"{exchange.brief()}: {exchange.text[:200]}",
        exchange=exchange,
        signature=": ".join(filter(None, (about, f"HTTP {exchange.status}"))),
    )


def rounded(value: Any) -> Any:
    """A value with its fractions to six digits: whoever multiplies before dividing gets another last one."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def show_read(requirement: str, show: Show, exchange: Exchange, read: Callable[[bytes], Any], expected: object) -> bool:
    """Show that a reader finds what was annotated; an export that it can't read is the server's failure."""
    try:
        got = rounded(read(exchange.content))
    except Unreadable as problem:
        got = f"unreadable: {problem}"
    except LookupError as problem:
        got = f"readable, but without {problem}"
    return show.equal(requirement, expected=expected, got=got, exchange=exchange)


def show_each(
    requirement: str,
    show: Show,
    exchange: Exchange | Mapping[str, Exchange],
    cases: Mapping[str, tuple[object, object]],
    *,
    about: str = "",
    agree: Callable[[Any, Any], bool] = operator.eq,
) -> bool:
    """Show that every case came out as expected: one observation, which names the cases that did not.

    ``cases`` has what is expected and what came, by name; ``about`` is what they have in common (a format), and part of
    the signature; ``agree`` says whether the two are as good as equal. Where each case has an exchange of its own,
    ``exchange`` has these by the same names, and the first case that is wrong is shown by its own.

    Raises:
        NotMeasured: there is no case, which shows nothing.
    """
    if not cases:
        show.not_measured(f"{about or requirement}: nothing was there to compare")
    wrong = {name: pair for name, pair in cases.items() if not agree(*pair)}
    if isinstance(exchange, Mapping):
        exchange = exchange[next(iter(wrong), next(iter(cases)))]
    return show(
        requirement,
        not wrong,
        expected={name: expected for name, (expected, _) in wrong.items()},
        got={name: got for name, (_, got) in wrong.items()},
        exchange=exchange,
        signature=": ".join(filter(None, (about, ", ".join(wrong)))),
    )


def show_none(
    requirement: str,
    show: Show,
    exchange: Exchange | None,
    wrong: Sequence[object],
    *,
    among: Sized,
    signature: str = "",
) -> bool:
    """Show that nothing was wrong ``among`` what was looked at.

    Raises:
        NotMeasured: nothing was looked at, which shows nothing.
    """
    if not among:
        show.not_measured(f"{requirement}: nothing was there to look at")
    return show.equal(requirement, expected=[], got=wrong, exchange=exchange, signature=signature)
