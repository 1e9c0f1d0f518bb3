"""Histories are silent on a server that is right, and each of their rules finds its fault."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition
from conformance.contract.tables.resources import load_resources
from conformance.judge.observation import Outcome
from conformance.outcomes import NotMeasured
from conformance.properties.stateful import test_stateful
from conformance.properties.stateful.families import families
from conformance.properties.stateful.histories import RULES
from conformance.properties.stateful.machine import transitions
from conformance.properties.stateful.policy import HISTORY_POLICIES
from conformance.properties.stateful.racing import RULE, races
from conformance.reproduce import is_script
from conformance.run.time_budget import UNBOUNDED
from conformance.wire import Recorder
from conformance.world import World
from tests.properties.conftest import AnyService
from tests.properties.responder.server import KEY
from tests.properties.responder.stateful import StatefulResponder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.contract import Operation
    from conformance.judge.observation import Observation
    from tests.properties.conftest import Bench

FAMILIES = {f.name: f for f in families(load_resources(edition=Edition.COMMUNITY))}
ENTERPRISE = {f"enterprise {f.name}": f for f in families(load_resources(edition=Edition.ENTERPRISE))}
ALL = {**FAMILIES, **ENTERPRISE}
RACES = {r.name: r for r in races(load_resources(edition=Edition.COMMUNITY))}
# Storages are all alike.
DIFFERENT = [
    *(n for n in FAMILIES if not n.endswith(("_import", "_export"))),
    *("azure_import", "redis_export", "enterprise task", "enterprise member_tag", "enterprise gcswif_export"),
]
# One history takes its chances: of these, one has to find a fault.
SEEDS = range(1, 6)
FAIL, PASS, FLAKY = Outcome.FAIL, Outcome.PASS, Outcome.FLAKY


def history(bench: Bench, name: str, *, seed: int = 1, history_policy: str = "gate") -> tuple[Observation, ...]:
    """What the histories of a family show."""
    family = ALL[name]
    return _observed(
        bench,
        lambda world: test_stateful.test_stateful(
            family, world, bench.wire, seed, HISTORY_POLICIES[history_policy], UNBOUNDED
        ),
    )


def race(bench: Bench, name: str) -> tuple[Observation, ...]:
    """What a race shows."""
    check = test_stateful.test_create_while_deleting
    return _observed(bench, lambda world: check(RACES[name], world, bench.wire, HISTORY_POLICIES["gate"], UNBOUNDED))


def _observed(bench: Bench, check: Callable[[World], None]) -> tuple[Observation, ...]:
    bench.wire.recorder = Recorder()
    bench.wire.recorder.begin("self-test")
    world = World(bench.wire, AnyService(None, url=bench.responder.url))
    with contextlib.suppress(NotMeasured):
        check(world)
    return bench.wire.recorder.observations


def outcomes(observations: tuple[Observation, ...]) -> dict[str, set[Outcome]]:
    """Outcomes by rule, of the rules that histories and races are about."""
    found: dict[str, set[Outcome]] = {}
    for observation in observations:
        if observation.rule in {*RULES, RULE}:
            found.setdefault(observation.rule, set()).add(observation.outcome)
    return found


def broken(observations: tuple[Observation, ...], rule: str) -> list[Observation]:
    """What was seen to break a rule, once or again."""
    return [o for o in observations if o.rule == rule and o.outcome in {FAIL, FLAKY}]


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_right_server_is_clean(bench: Callable[..., Bench], name: str) -> None:
    found = outcomes(history(bench(server=StatefulResponder), name))
    assert {o for kinds in found.values() for o in kinds} == {PASS}
    assert set(found) >= {"stays", "gone"}
    assert set(found) >= {"unlisted", "gone-with-parent"} or len(ALL[name].kinds) == 1


@pytest.mark.parametrize(
    "show", [lambda bench: history(bench, DIFFERENT[0]), lambda bench: race(bench, next(iter(RACES)))]
)
def test_every_answer_is_timed(bench: Callable[..., Bench], show: Callable[[Bench], object]) -> None:
    used = bench(server=StatefulResponder)
    show(used)
    recorder = used.wire.recorder
    answered = sum(recorder.statistics.statuses[f"{kind}xx"] for kind in (2, 3, 4, 5))
    assert 0 < answered == sum(map(len, recorder.statistics.elapsed.values()))


def test_every_rule_is_shown_by_some_history(bench: Callable[..., Bench]) -> None:
    wanted = set(RULES) - {"no-ghosts"}  # only where a list shows what nobody made
    for name in FAMILIES:
        wanted -= set(outcomes(history(bench(server=StatefulResponder), name)))
        if not wanted:
            break
    assert not wanted


@pytest.mark.parametrize(
    ("fault", "name", "rule"),
    [
        ("deletes-nothing", "webhook", "gone"),
        ("deletes-nothing", "view", "unlisted"),
        ("keeps-orphans", "view", "gone-with-parent"),
        ("keeps-orphans", "task", "gone-with-parent"),
        ("second-delete-breaks", "webhook", "delete-again"),
        ("resurrects", "task", "use-after-delete"),
        ("resurrects", "webhook", "use-after-delete"),
        ("serves-gone", "export", "acts-on-gone"),
        ("accepts-orphans", "webhook", "refuses-gone-parent"),
        ("accepts-orphans", "task", "refuses-gone-parent"),
        ("lists-gone", "view", "unlisted"),
        ("lists-gone", "file", "unlisted"),
        ("lists-nothing", "task", "listed"),
        ("lists-phantoms", "view", "no-ghosts"),
        ("takes-siblings", "project", "stays"),
        ("takes-siblings", "webhook", "stays"),
        ("bleeds", "task", "keeps"),
        ("empties-nothing", "view", "gone"),
    ],
)
def test_a_rule_finds_its_fault(bench: Callable[..., Bench], fault: str, name: str, rule: str) -> None:
    found: list[Observation] = []
    for seed in SEEDS:
        found = found or broken(history(bench(fault, server=StatefulResponder), name, seed=seed), rule)
    assert {o.outcome for o in found} == {FAIL}
    assert all(is_script(o.script) for o in found)


def test_a_server_error_that_takes_a_history_is_found(bench: Callable[..., Bench]) -> None:
    def breaks(operation: Operation, answer: Any) -> Any:
        return (500, {}) if operation.id == "webhooks.update" and answer[0] == 200 else answer

    found = broken(history(bench(answer=breaks, server=StatefulResponder), "webhook"), "valid-never-fails")
    assert {o.outcome for o in found} == {FAIL}
    assert found[0].script is not None
    assert re.findall(r"curl .*-X (\w+)", found[0].script) == ["POST", "POST", "PATCH"]


def test_a_finding_comes_with_the_fewest_steps_that_show_it(bench: Callable[..., Bench]) -> None:
    histories = (history(bench("keeps-orphans", server=StatefulResponder), "task", seed=seed) for seed in SEEDS)
    found = itertools.chain.from_iterable(broken(seen, "gone-with-parent") for seen in histories)
    script = next(str(o.script) for o in found if o.operation == "tasks.get")
    assert re.findall(r"curl .*-X (\w+) .*/api/(\w+)/", script) == [
        ("POST", "projects"),
        ("POST", "tasks"),
        ("DELETE", "projects"),
        ("GET", "tasks"),
    ]


def test_the_script_of_a_finding_shows_it_again(bench: Callable[..., Bench], tmp_path: Path) -> None:
    wrong, right = bench("keeps-orphans", server=StatefulResponder), bench(server=StatefulResponder)
    found = broken(history(wrong, "webhook"), "gone-with-parent")
    script = tmp_path / "script.py"
    script.write_text(str(found[0].script), encoding="utf-8")

    def run(url: str) -> int:
        environment = {**os.environ, "LABEL_STUDIO_URL": url, "LABEL_STUDIO_API_KEY": KEY}
        return subprocess.run([sys.executable, script], env=environment, capture_output=True, check=False).returncode

    assert (run(wrong.responder.url), run(right.responder.url)) == (1, 0)


def test_what_does_not_come_back_is_flaky(bench: Callable[..., Bench]) -> None:
    left = ["once"]

    def once(operation: Operation, answer: Any) -> Any:
        if operation.id == "webhooks.get" and answer[0] == 404 and left:
            left.pop()
            return 200, {"id": 1}
        return answer

    found = broken(history(bench(answer=once, server=StatefulResponder), "webhook"), "gone")
    assert [o.outcome for o in found] == [FLAKY]


def test_the_same_seed_sends_the_same_requests_and_another_one_others(bench: Callable[..., Bench]) -> None:
    def sent(seed: int) -> list[tuple[str, str, bytes]]:
        made = bench(server=StatefulResponder)
        history(made, "task", seed=seed)
        return made.responder.requests

    first, second, other = sent(1), sent(1), sent(2)
    assert len(first) > 50
    assert first == second
    assert first != other


def test_nothing_is_refused_on_a_target_that_is_not_disposable(bench: Callable[..., Bench]) -> None:
    made = bench(server=StatefulResponder, disposable=False)
    assert Outcome.REFUSED not in {o.outcome for name in ("task", "file", "view") for o in history(made, name)}


def test_nothing_is_left_behind_by_a_history(bench: Callable[..., Bench]) -> None:
    made = bench(server=StatefulResponder)
    history(made, "task")
    assert not [kind for kind, _ in made.responder.objects if kind in FAMILIES["task"].kinds]


def test_where_nothing_can_be_made_nothing_is_claimed(bench: Callable[..., Bench]) -> None:
    def refuses(operation: Operation, answer: Any) -> Any:
        return (400, {}) if operation.id == "projects.create" else answer

    assert set(outcomes(history(bench(answer=refuses, server=StatefulResponder), "view"))) <= {"no-server-error"}


def test_a_quick_run_walks_no_history(bench: Callable[..., Bench]) -> None:
    made = bench(server=StatefulResponder)
    assert history(made, "view", history_policy="quick") == ()
    assert made.responder.requests == []


@pytest.mark.parametrize("name", ALL)
def test_a_machine_begins_with_its_root_and_knows_how_to_go_on(name: str) -> None:
    family = ALL[name]
    labels = {o.id: f"{o.method} {family.path(o)}" for o in family.operations}
    links = transitions(family)
    assert family.basis() <= set(labels)
    assert any(source == labels[family.root] for source, _, _ in links)
    # lists that name nothing are looked at after the steps
    alone = {labels[o.id] for o in family.operations if o.reads() and not set(family.path(o)) & set("{")}
    assert set(labels.values()) - {target for _, target, _ in links} <= {labels[family.root], *alone}


def test_links_are_declared_and_inferred() -> None:
    links = [link for family in FAMILIES.values() for link in transitions(family)]
    assert {inferred for _, _, inferred in links} == {True, False}


@pytest.mark.parametrize("name", ["task-in-project", "annotation-in-project", "export-in-project"])
def test_a_race_on_a_right_server_is_clean(bench: Callable[..., Bench], name: str) -> None:
    assert outcomes(race(bench(server=StatefulResponder), name)) == {RULE: {PASS}}


def test_a_race_finds_what_is_left_behind(bench: Callable[..., Bench]) -> None:
    found = broken(race(bench("keeps-orphans", "accepts-orphans", server=StatefulResponder), "view-in-project"), RULE)
    assert [(o.outcome, o.signature) for o in found] == [(FAIL, "left behind (project)")]
    assert "wait\ncurl" in str(found[0].script)


@pytest.mark.parametrize(("status", "expected"), [(500, {FAIL}), (503, {PASS})])
def test_a_race_finds_a_server_that_breaks(bench: Callable[..., Bench], status: int, expected: set[Outcome]) -> None:
    def breaks(operation: Operation, answer: Any) -> Any:
        return (status, {"detail": "FOREIGN KEY constraint failed"}) if operation.id == "projects.delete" else answer

    assert outcomes(race(bench(answer=breaks, server=StatefulResponder), "task-in-project")) == {RULE: expected}


def test_a_race_that_goes_wrong_once_is_flaky(bench: Callable[..., Bench]) -> None:
    left = ["once"]

    def once(operation: Operation, answer: Any) -> Any:
        return (500, {}) if operation.id == "projects.delete" and left and left.pop() else answer

    assert outcomes(race(bench(answer=once, server=StatefulResponder), "task-in-project")) == {RULE: {FLAKY}}
