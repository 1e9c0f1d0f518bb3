"""Hard values: writing them breaks no reader of the object, its parent or its siblings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.tables.requests.hard_values import load_hard_values
from conformance.judge.findings.wording import some
from conformance.judge.observation import Observation, Outcome
from conformance.properties.hard.search import Search, chosen
from conformance.properties.hard.subject import Subject
from conformance.properties.judging.recording import nothing_to_do
from conformance.properties.registry import shows

if TYPE_CHECKING:
    from conformance.contract import Operation
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.hard.search import Culprit
    from conformance.properties.judging.recording import Check
    from conformance.wire import Wire
    from conformance.world import World

RULE = "hard-value"


@shows(RULE, depth="gate", about=("no-server-error",))
def test_hard_value(operation: Operation, world: World, wire: Wire, policy: DepthPolicy, check: Check) -> None:
    """Whatever a field is given, whoever reads goes on working."""
    if not wire.disposable:
        nothing_to_do("what may break a list for everybody is tried where everything may be tried")
    known = load_hard_values()
    subject = Subject(operation, world, wire, known)
    if subject.template is None:
        nothing_to_do("no rich object of its kind")
    with check.prerequisites():
        subject.prepare()
        control = subject.write()
    if control is None or not control.exchange.ok:
        nothing_to_do(f"nothing to spoil: {control.exchange.brief() if control else 'not sent'}")
    search = Search(subject, world, most=policy.hard_searches, each_place=policy.everything)
    if search.hurts(control):
        nothing_to_do("what holds no hard value can't be read either")
    told = False
    for culprit in search.run(chosen(subject, known, policy)):
        told = True
        _tell(check, wire, culprit)
    if search.unexplained and not told:
        wire.recorder.observe(
            Observation(
                requirement=f"{operation.id}#{RULE}",
                outcome=Outcome.FLAKY,
                operation=operation.id,
                rule=RULE,
                message=f"After many hard values {some(sorted(search.unexplained), 4)} failed; none does it alone.",
                signature="not repeated",
            )
        )
    check(holds=True)


def _tell(check: Check, wire: Wire, culprit: Culprit) -> None:
    write, case = culprit.written.exchange, culprit.case
    stored = f"answered {write.status}, and stored all the same: " if write.server_error else f"{write.status}: "
    names = sorted(culprit.harmed)
    first = culprit.harmed[names[0]]
    check(
        holds=False,
        message=f"{check.operation} with {case.place} {culprit.written.text} ({case.what}) was {stored}since then "
        f"{some(names, 6)} can't be read.",
        expected="a 4xx; or a 2xx after which everything can be read",
        got=f"{write.status}, then {first.brief()}",
        signature=f"{case.place}: {case.what}",
        exchange=write,
        script="\n".join(wire.evidence(e).curl for e in (write, *culprit.harmed.values())),
    )
