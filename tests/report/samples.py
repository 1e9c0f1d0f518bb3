"""What a small run observed, and what it was."""

from __future__ import annotations

from dataclasses import replace

from conformance.judge.observation import Evidence, Observation, Outcome, Verb
from conformance.report.document.header import Header, Statistics, TargetInfo

EVIDENCE = Evidence(
    request={"method": "GET", "url": "http://127.0.0.1:8080/api/projects/1/", "headers": [], "body": ""},
    response={"status": 500, "headers": [["content-type", "application/json"]], "body": '{"detail": "boom"}'},
    elapsed=0.012,
    request_id="run-1-0001",
    curl='curl -H "Authorization: Token $LABEL_STUDIO_API_KEY" http://127.0.0.1:8080/api/projects/1/',
)


AREAS = {
    "projects.create": "Projects",
    "projects.get": "Projects",
    "tasks.list": "Tasks",
    "webhooks.list": "Webhooks",
}


def ok(operation: str, rule: str = "success") -> Observation:
    return Observation(
        requirement=f"{operation}#{rule}",
        outcome=Outcome.PASS,
        operation=operation,
        rule=rule,
        test=f"t::{operation}",
    )


def broken(operation: str, rule: str = "status", signature: str = "500") -> Observation:
    return Observation(
        requirement=f"{operation}#{rule}",
        outcome=Outcome.FAIL,
        operation=operation,
        rule=rule,
        message=f"{operation} answered 500 to valid input.",
        expected="a documented 2xx",
        pointer="/paths/~1api~1projects~1/get/responses",
        got="500 Internal Server Error",
        signature=signature,
        test=f"t::{operation}",
        # each failure has an exchange of its own: one that several share is one cause
        evidence=replace(
            EVIDENCE,
            request_id=f"run-1-{operation}-{rule}",
            response={**(EVIDENCE.response or {}), "status": 200 if rule == "response-schema" else 500},
        ),
        hint="Look for the request id in the server's log.",
    )


SAMPLE: tuple[Observation, ...] = (
    ok("projects.create"),
    ok("projects.create", "response-schema"),
    ok("projects.get"),
    broken("projects.get"),
    broken("tasks.list"),
    broken("tasks.list", "response-schema", "total: missing"),
    Observation(
        requirement="LS-EXPORT-007",
        outcome=Outcome.WARN,
        verb=Verb.SHOULD,
        message="A CSV export should keep the order of tasks.",
        test="t::export",
    ),
    Observation(
        requirement="LS-EXPORT-008",
        outcome=Outcome.BLOCKED,
        blocked_by="tasks.list#status",
        message="No tasks to compare.",
        test="t::export",
    ),
)


HEADER = Header(
    suite="0.1.0",
    contract="sha256:" + "ab" * 32,
    target=TargetInfo(url="http://127.0.0.1:8080", version="1.23.2", embedded=True, disposable=True),
    seed=1,
    depth="gate",
    started="2026-05-01T10:00:00+00:00",
    finished="2026-05-01T10:04:05+00:00",
    run_id="run-1",
    reproduce="pytest --seed 1",
    options={"workers": 2},
    environment={"python": "3.11.9", "platform": "Linux"},
)


STATISTICS = Statistics(requests=4000, statuses={"2xx": 3000, "4xx": 990, "5xx": 10}, waiting=200.0, seconds=240.0)
