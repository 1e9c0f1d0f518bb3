from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.judge.findings.causes import findings, roots
from conformance.judge.observation import Evidence, Impact, Observation, Outcome
from conformance.judge.plan import NodeResult


def fail(requirement: str, signature: str, **changes: Any) -> Observation:
    operation, _, rule = requirement.partition("#")
    seen = Observation(
        requirement=requirement, outcome=Outcome.FAIL, operation=operation, rule=rule, signature=signature
    )
    return replace(seen, **changes)


def blocked(requirement: str, by: str) -> Observation:
    return Observation(requirement=requirement, outcome=Outcome.BLOCKED, blocked_by=by)


def test_one_broken_serializer_is_one_finding() -> None:
    seen = [
        fail("tasks.get#response-schema", "type at /created_by"),
        fail("tasks.list#response-schema", "type at /tasks/*/created_by"),
        fail("views.list#response-schema", "type at /*/created_by"),
        fail("views.list#response-schema", "type at /*/updated_by"),
    ]
    first, second = findings(seen)
    assert first.places == ("tasks.get", "tasks.list", "views.list")
    assert second.places == ("views.list",)


def test_different_missing_properties_are_different_causes() -> None:
    seen = [
        fail("a.get#response-schema", "required 'id' at /"),
        fail("b.get#response-schema", "required 'title' at /"),
    ]
    assert len(findings(seen)) == 2


def test_behaviours_and_failures_without_a_signature_stay_apart() -> None:
    seen = [
        fail("LS-TASK-001", "behaviour", rule="behaviour"),
        fail("LS-TASK-002", "behaviour", rule="behaviour"),
        fail("a.get#status", ""),
        fail("b.get#status", ""),
    ]
    assert len(findings(seen)) == 4


def test_what_blocks_most_comes_first_and_chains_lead_to_their_root() -> None:
    seen = [
        fail("a.get#status", "1"),
        fail("b.get#status", "2"),
        blocked("LS-B-001", "b.get#status"),
        blocked("LS-B-002", "LS-B-001"),
    ]
    assert roots(seen) == {"LS-B-001": "b.get#status", "LS-B-002": "b.get#status"}
    first, second = findings(seen)
    assert (first.place, first.blocked, second.blocked) == ("b.get", 2, 0)


def test_circles_and_loose_ends_have_no_root() -> None:
    assert roots([blocked("a", "b"), blocked("b", "a"), blocked("c", "d")]) == {}


def exchange(request_id: str, *, status: int = 200, body: str = "") -> Evidence:
    return Evidence(
        request={"method": "GET", "url": "x"},
        response={"status": status, "body": body},
        elapsed=0.1,
        request_id=request_id,
        curl="",
    )


def behaviour(requirement: str, *, test: str = "", **more: Any) -> Observation:
    return Observation(requirement=requirement, outcome=Outcome.FAIL, signature="behaviour", test=test, **more)


def test_what_one_exchange_shows_is_one_finding() -> None:
    shared = exchange("r1")
    seen = [
        behaviour("LS-TASK-001", operation="tasks.get", evidence=shared),
        behaviour("LS-TEXT-001", operation="tasks.get", evidence=shared),
        behaviour("LS-TASK-003", operation="tasks.get", evidence=exchange("r2")),
    ]
    assert [f.requirements for f in findings(seen)] == [("LS-TASK-001", "LS-TEXT-001"), ("LS-TASK-003",)]


def test_two_parts_of_one_answer_that_break_its_schema_are_two_causes() -> None:
    shared = exchange("r1")
    parts = [fail("a.get#response-schema", f"type at /{name}") for name in ("one", "two")]
    assert len(findings([replace(part, evidence=shared) for part in parts])) == 2


def test_a_shared_component_is_one_cause_wherever_it_is_met() -> None:
    seen = [
        replace(
            fail(f"{operation}#response-schema", f"type at /{place}"),
            expected="type as in #/components/schemas/User/properties/avatar/type",
        )
        for operation, place in (("a.get", "owner/avatar"), ("b.get", "created_by/avatar"))
    ]
    assert len(findings(seen)) == 1


def test_one_kind_of_difference_at_one_operation_is_one_cause() -> None:
    seen = [
        behaviour("LS-TEXT-001", operation="tasks.get", expected='"Zażółć"', got='"Zazolc"'),
        behaviour("LS-TASK-003", operation="tasks.get", expected='{"a": "ä"}', got='{"a": "a"}'),
        behaviour("LS-TEXT-004", operation="projects.get", expected='"Zażółć"', got='"Zazolc"'),
        behaviour("LS-TASK-027", operation="tasks.get", expected='{"lead_time": 1}', got='{"lead_time": 2}'),
    ]
    assert sorted(len(f.observations) for f in findings(seen)) == [1, 1, 2]


def test_one_step_for_several_products_is_one_cause() -> None:
    seen = [
        behaviour("LS-STORAGE-117", operation="import_storage.s3.validate", test="t::validating[s3]"),
        behaviour("LS-STORAGE-217", operation="import_storage.gcs.validate", test="t::validating[gcs]"),
        behaviour("LS-STORAGE-213", operation="import_storage.gcs.delete", test="t::deleting[gcs]"),
    ]
    assert len(findings(seen)) == 2


def test_broken_answers_that_say_the_same_are_one_cause() -> None:
    seen = [
        behaviour(f"LS-TASK-00{n}", operation="tasks.list", evidence=exchange(f"r{n}", status=500, body=body))
        for n, body in enumerate(("no task 17", "no task 23", "no such column"))
    ]
    assert len(findings(seen)) == 2


def ran(test: str, *operations: str) -> NodeResult:
    return NodeResult(id=test, outcome="passed", operations=operations)


def test_the_write_that_all_failures_came_after_is_at_fault() -> None:
    seen = [
        behaviour("LS-TASK-004", test="t1", operation="tasks.get", after=("tasks.create", "tasks.update")),
        behaviour("LS-TASK-005", test="t2", operation="tasks.list", after=("tasks.create", "tasks.update")),
        behaviour("LS-TASK-022", test="t3", operation="tasks.get", after=("tasks.create", "tasks.update")),
    ]
    used = ("tasks.create", "tasks.get", "tasks.list")
    results = [*(ran(f"t{n}", *used, "tasks.update") for n in (1, 2, 3)), *(ran(f"p{n}", *used) for n in range(5))]
    (only,) = findings(seen, results=results)
    assert (only.place, only.places) == ("tasks.update", ("tasks.get", "tasks.list"))
    assert len(findings(seen)) == 3, "without knowing what passes nothing is suspected"


def test_nothing_is_suspected_where_others_pass_with_it() -> None:
    seen = [
        behaviour("LS-TASK-004", test="t1", operation="tasks.get", after=("tasks.create",)),
        behaviour("LS-TASK-005", test="t2", operation="tasks.list", after=("tasks.create",)),
    ]
    used = ("tasks.create", "tasks.get", "tasks.list")
    results = [ran("t1", *used), ran("t2", *used), *(ran(f"p{n}", *used) for n in range(5))]
    assert len(findings(seen, results=results)) == 2


def test_who_is_hurt_most_comes_first_then_what_reaches_farthest() -> None:
    wide = [fail(f"{name}.get#status", "HTTP 418", impact=Impact.CONTRACT_ONLY) for name in "abc"]
    narrow = behaviour("LS-TASK-004", impact=Impact.DATA_LOSS)
    assert [f.impact for f in findings([*wide, narrow])] == [Impact.DATA_LOSS, Impact.CONTRACT_ONLY]


def test_one_behaviour_that_is_broken_at_many_operations_is_one_cause() -> None:
    def opened(signature: str) -> Observation:
        return fail("LS-AUTHZ-003", signature, rule="behaviour")

    assert len(findings([opened("tasks.create HTTP 201"), opened("tasks.get HTTP 200")])) == 1
    assert len(findings([opened("tasks.create HTTP 201"), opened("tasks.get HTTP 500")])) == 2


def test_a_rule_and_a_behaviour_that_break_on_one_answer_are_one_cause() -> None:
    seen = [
        fail("tasks.get#valid-never-fails", "HTTP 500: a valid request", evidence=exchange("r1", status=500, body="x")),
        fail("tasks.get#readable", "HTTP 500", evidence=exchange("r2", status=500, body="x")),
        behaviour("LS-TASK-006", operation="tasks.get", evidence=exchange("r3", status=500, body="x")),
        behaviour("LS-TASK-018", operation="tasks.list", evidence=exchange("r4", status=500, body="x")),
    ]
    assert sorted(f.place for f in findings(seen)) == ["tasks.get", "tasks.list"]


def test_a_part_that_comes_and_goes_is_one_cause_whoever_misses_it() -> None:
    seen = [
        fail("LS-VERSION-006", "come and go: backend, lsf", rule="behaviour", operation="versions.get"),
        fail("versions.get#response-schema", "required 'backend' at /", evidence=exchange("r1")),
        fail("versions.get#response-schema", "required 'lsf' at /", evidence=exchange("r1")),
        fail("versions.get#response-schema", "required 'release' at /", evidence=exchange("r2")),
    ]
    assert sorted(len(f.observations) for f in findings(seen)) == [1, 3]


def test_a_list_that_loses_elements_is_one_cause_whoever_misses_them() -> None:
    lost = {"operation": "tasks.list", "rule": "behaviour"}
    seen = [
        fail("LS-TASK-016", "behaviour", expected="[1, 2, 3]", got="[1, 3]", test="a", **lost),
        fail("LS-TASK-032", "behaviour", expected="[3, 3, 1]", got="[2, 2, 0]", test="b", **lost),
        fail("tasks.list#readable", "HTTP 200 at /tasks", got="[], of which nothing could be made", test="c"),
        fail("LS-TASK-033", "behaviour", expected="[1, 2, 3]", got="[3, 2, 1]", test="d", **lost),
        fail(
            "LS-TASK-034", "behaviour", expected="[1, 2]", got="[1]", test="e", **(lost | {"operation": "views.list"})
        ),
    ]
    assert sorted(len(finding.observations) for finding in findings(seen)) == [1, 1, 3]


def test_what_a_list_lacks_is_the_lists_fault_whatever_was_written_before() -> None:
    def lacks(requirement: str, operation: str, *through: str) -> Observation:
        return behaviour(
            requirement,
            test=requirement,
            operation=operation,
            through=through,
            after=("projects.import_tasks",),
            expected="[1, 2]",
            got="[1]",
        )

    seen = [
        lacks("LS-IMPORT-032", "files.delete_many", "files.list"),
        lacks("LS-IMPORT-114", "projects.import_tasks", "projects.get", "files.list"),
        lacks("LS-IMPORT-031", "files.get", "files.list"),
        replace(lacks("LS-AGREE-030", "files.list"), expected="the file", got="none"),
    ]

    def results(others: int) -> list[NodeResult]:
        """All that fail use both; so many others import, and look at no file."""
        failed = [ran(o.test, "projects.import_tasks", "files.list") for o in seen]
        return [*failed, *(ran(f"other {n}", "projects.import_tasks") for n in range(others))]

    assert [f.place for f in findings(seen, results=results(10))] == ["files.list", "files.list"]
    assert len(findings(seen[:3], results=results(10))) == 3, "nobody told of the list itself"
    assert len(findings([*seen, lacks("LS-VIEW-001", "views.delete", "views.list")], results=results(10))) == 3
    assert "files.list" not in {f.suspect for f in findings(seen, results=results(0))}, "it may be the import as well"


def test_the_write_that_all_share_is_at_fault_if_it_is_told_itself_and_nothing_rarer_is_shared() -> None:
    def after(requirement: str, operation: str, test: str) -> Observation:
        return behaviour(requirement, test=test, operation=operation, after=("projects.create", "annotations.create"))

    seen = [
        after("LS-ANNOTATION-001", "annotations.create", "t1"),
        after("LS-TASK-007", "tasks.get", "t2"),
        after("LS-EXPORT-001", "projects.exports.download_sync", "t3"),
    ]
    often = [ran(f"p{n}", "projects.create", "annotations.create") for n in range(9)]
    more = [ran(f"q{n}", "projects.create") for n in range(15)]
    failed = [ran(o.test, *o.after, str(o.operation)) for o in seen]
    (only,) = findings(seen, results=[*failed, *often, *more])
    assert only.place == "annotations.create"
    assert len(findings(seen, results=[*failed, *often])) == 3, "the project may be at fault as well"
    assert len(findings(seen[1:], results=[*failed, *often, *more])) == 2, "nobody told of the write itself"
    another = after("LS-ANNOTATION-009", "annotations.update", "t4")
    updated = behaviour("LS-ANNOTATION-008", test="t5", operation="annotations.get", after=("annotations.update",))
    results = [*failed, *often, *more, ran("t4", "projects.create", "annotations.create", "annotations.update")]
    places = {f.place for f in findings([*seen, another, updated], results=results)}
    assert places == {"annotations.create", "annotations.update"}, "another write is another cause"


def test_a_finding_names_the_write_that_it_is_asked_of() -> None:
    seen = behaviour("LS-IMPORT-006", operation="predictions.list", asked="projects.import_tasks")
    (only,) = findings([replace(seen, after=("projects.create", "projects.import_tasks"))])
    assert (only.place, only.asked) == ("predictions.list", "projects.import_tasks")
    (never_done,) = findings([seen])
    assert never_done.asked == ""


def test_a_finding_names_the_write_that_most_of_it_is_asked_of() -> None:
    after = ("import_storage.local.create", "import_storage.local.sync")
    seen = [
        behaviour(f"LS-STORAGE-50{n}", test="t1", operation="import_storage.local.get", asked=asked, got="[1, 1]")
        for n, asked in ((5, after[1]), (6, after[1]), (7, after[0]))
    ]
    seen = [replace(o, after=after, expected="[1]", message="the same", signature="") for o in seen]
    told = {(f.place, f.asked) for f in findings(seen)}
    assert ("import_storage.local.get", "import_storage.local.sync") in told
