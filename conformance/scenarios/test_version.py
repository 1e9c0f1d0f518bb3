"""Version information and health of the target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.run.worker import TargetInUse
    from conformance.showing import Show
    from conformance.wire import Wire

pytestmark = pytest.mark.safety("read-only")
NUMBER = re.compile(r"v?(\d+(?:\.\d+)+)")
OK = 200
ASKED = 10


@pytest.mark.requirement("LS-VERSION-001", "LS-VERSION-005")
def test_everybody_is_told_the_same_version(wire: Wire, show: Show) -> None:
    anonymous = wire.call("versions.get", role="anonymous", expect=None)
    show.status("LS-VERSION-001", anonymous, 200)
    told = wire.call("versions.get").json()
    again = anonymous.json() if anonymous.ok else wire.call("versions.get").json()
    show.equal("LS-VERSION-005", expected=told["release"], got=again["release"], exchange=anonymous)


@pytest.mark.requirement("LS-VERSION-006")
def test_version_information_has_the_same_parts_each_time(wire: Wire, show: Show) -> None:
    """Each answer comes on a connection of its own, so that several processes have their say."""
    answers = [wire.call("versions.get", headers={"Connection": "close"}) for _ in range(ASKED)]
    wire.request("GET", "/user/login/", role="anonymous")  # a page: what shows versions to people, too
    answers += [wire.call("versions.get", headers={"Connection": "close"}) for _ in range(ASKED)]
    parts = [set(answer.json()) for answer in answers]
    if not any(parts):
        show.not_measured("no part is told")
    passing = sorted(set.union(*parts) - set.intersection(*parts))
    odd = next((a for a, found in zip(answers, parts, strict=True) if passing and passing[0] in found), answers[-1])
    show(
        "LS-VERSION-006",
        not passing,
        expected=f"the same parts in {len(answers)} answers",
        got="; ".join(f"{name} in {sum(name in found for found in parts)} of {len(parts)}" for name in passing),
        exchange=odd,
        signature=f"come and go: {', '.join(passing)}",
    )


@pytest.mark.requirement("LS-VERSION-002", "LS-VERSION-003", "LS-VERSION-004")
def test_the_version_names_edition_and_release(wire: Wire, show: Show, target: TargetInUse) -> None:
    exchange = wire.call("versions.get")
    told = exchange.json()
    show.equal("LS-VERSION-002", expected=target.edition, got=str(told.get("edition", "")).lower(), exchange=exchange)
    release = NUMBER.match(str(told.get("release", "")))
    show(
        "LS-VERSION-003",
        release is not None,
        expected="such as 1.23.2",
        got=told.get("release"),
        exchange=exchange,
    )
    package = told.get("label-studio-os-package")
    version = package.get("version") if isinstance(package, dict) else package
    show.equal("LS-VERSION-004", expected=release[1] if release else None, got=version, exchange=exchange)


@pytest.mark.requirement("LS-HEALTH-001")
def test_health_is_told_to_everybody(wire: Wire, show: Show) -> None:
    exchange = wire.request("GET", "/health", role="anonymous")
    show("LS-HEALTH-001", exchange.status == OK, expected="200", got=exchange.brief(), exchange=exchange)
