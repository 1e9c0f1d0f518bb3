"""A whole run on an Enterprise target, as a person starts it: which tests there are, and what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract import Edition, load_contract
from conformance.judge.observation import Outcome
from tests.properties.enterprise.judging import judged, pytest_run
from tests.properties.responder.server import Responder

if TYPE_CHECKING:
    from pathlib import Path


SELECTED = ("conformance/properties/test_success.py", "conformance/properties/test_writing.py", "-k", "workspaces")


def collected(*arguments: str) -> set[str]:
    done = pytest_run("--collect-only", "conformance/properties", *arguments)
    return {line for line in done.stdout.splitlines() if "::" in line}


def test_a_right_server_is_green_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    def broken(operation: Any, answer: Any) -> Any:
        if operation.id == "versions.get":  # it does not tell: the flag does
            return 200, {"release": "1.0.0", "label-studio-os-package": {}}
        return (500, {}) if operation.id == "workspaces.members.list" else answer

    with Responder() as server:
        code, report = judged(server, tmp_path / "right", *SELECTED)
    assert code == 7, "green, but no more than a selection"
    assert report.header.target.edition == "enterprise"
    assert {o.outcome for o in report.observations} == {Outcome.PASS}
    reached = {o.operation for o in report.observations if o.rule == "success"}
    assert reached == {o.id for o in load_contract() if o.id.startswith("workspaces.")}
    with Responder(answer=broken) as server:
        code, report = judged(server, tmp_path / "wrong", "--edition", "enterprise", *SELECTED)
    assert code == 1
    failed = {o.requirement for o in report.observations if o.outcome is Outcome.FAIL}
    assert "workspaces.members.list#valid-never-fails" in failed


def test_the_edition_decides_which_tests_there_are() -> None:
    community, enterprise = collected(), collected("--edition", "enterprise")
    per_operation = "conformance/properties/test_success.py::test_success[{}]"
    for operation in load_contract():
        owed = operation.edition is Edition.COMMUNITY
        assert (per_operation.format(operation.id) in community) is owed
        assert per_operation.format(operation.id) in enterprise
    probes = {test for test in community if "test_enterprise.py" in test}
    assert len(probes) == len(load_contract().of(Edition.ENTERPRISE))
    assert community - enterprise == probes, "an id means the same for both editions"
