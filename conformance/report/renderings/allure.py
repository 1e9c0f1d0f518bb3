"""Allure results from a report: a test is a case, what it observed are its steps, exchanges are attachments."""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from datetime import datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Parameter,
    Status,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from allure_commons.types import LabelType, Severity

from conformance.judge.deviations import acceptance
from conformance.judge.observation import Outcome, Verb
from conformance.report.renderings.html import visible

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.judge.observation import Observation
    from conformance.judge.plan import NodeResult
    from conformance.report.catalogue import Catalogue
    from conformance.report.document import Report

FOLDER = "allure-results"
MOST_TAGS = 30
_OURS = ("*-result.json", "*-attachment.txt")
_STATUS = {
    Outcome.PASS: Status.PASSED,
    Outcome.FAIL: Status.FAILED,
    Outcome.WARN: Status.PASSED,
    Outcome.ERROR: Status.BROKEN,
    Outcome.FLAKY: Status.BROKEN,
}
"""All others were not measured: skipped."""
_WORST = (Status.FAILED, Status.BROKEN, Status.PASSED, Status.SKIPPED)
CATEGORIES = [
    {"name": "Deviations", "matchedStatuses": ["failed"]},
    {"name": "Trouble of the suite or the network", "matchedStatuses": ["broken"]},
    {"name": "Accepted deviations", "matchedStatuses": ["skipped"], "messageRegex": "(?s)^accepted: .*"},
    {"name": "Not offered or not measured", "matchedStatuses": ["skipped"]},
]


def write_allure(report: Report, folder: Path, catalogue: Catalogue) -> Path:
    """Write a folder of results that ``allure`` renders; an older one of ours is replaced.

    Args:
        report: the run.
        folder: ``…/allure-results``.
        catalogue: texts of operations and requirements.

    Raises:
        OSError: the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in _OURS:
        for path in folder.glob(pattern):
            path.unlink()
    of: dict[str, list[Observation]] = defaultdict(list)
    for o in report.observations:
        of[o.test].append(o)
    case = _Cases(report, catalogue, AllureFileLogger(folder))
    for test in report.tests:
        case.write(test, of[test.id])
    target, header = report.header.target, report.header
    environment = {
        "Target": f"{target.product} {target.version} ({target.edition})",
        "URL": target.url,
        "Suite": header.suite,
        "Contract": header.contract,
        "Depth": header.depth,
        "Seed": header.seed,
        "Run": header.run_id,
        "Verdict": f"{report.end.verdict['state']}: {report.end.verdict['reason']}",
    }
    lines = [f"{name}={' '.join(visible(value, 500).split())}\n" for name, value in environment.items()]
    (folder / "environment.properties").write_text("".join(lines), encoding="utf-8")
    (folder / "categories.json").write_text(json.dumps(CATEGORIES, indent=1) + "\n", encoding="utf-8")
    return folder


class _Cases:
    """Writes cases one after the other; results hold durations only, so they are laid end to end."""

    def __init__(self, report: Report, catalogue: Catalogue, logger: AllureFileLogger) -> None:
        self._report = report
        self._catalogue = catalogue
        self._logger = logger
        self._clock = datetime.fromisoformat(report.header.started).timestamp() * 1000

    def write(self, test: NodeResult, seen: list[Observation]) -> None:
        seen = sorted(seen, key=lambda o: (o.outcome is Outcome.PASS, o.requirement))
        file, _, name = test.id.partition("::")
        result = TestResult(
            uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._report.header.run_id}/{test.id}")),
            historyId=_hash(test.id),
            testCaseId=_hash(test.id.partition("[")[0]),
            fullName=visible(test.id, 500),
            titlePath=file.removesuffix(".py").split("/"),
            name=_title(name or file),
            start=int(self._clock),
            stop=int(self._clock + test.duration * 1000),
            stage="finished",
            steps=[self._step(o) for o in seen],
            labels=[Label(name=k, value=visible(v, 200)) for k, v in self._labels(file, name, seen)],
        )
        result.status, result.statusDetails = self._status(test, seen)
        if "[" in name:
            result.parameters.append(
                Parameter(name="case", value=visible(name.partition("[")[2].removesuffix("]"), 200))
            )
        self._clock = result.stop
        self._logger.report_result(result)

    def _labels(self, file: str, name: str, seen: list[Observation]) -> list[tuple[str, str]]:
        areas = Counter(self._catalogue.area(o.operation) for o in seen)
        # conformance/scenarios/exports/test_formats.py: scenarios, then "exports: formats"
        *folders, last = file.split("/")
        module = last.removesuffix(".py").removeprefix("test_")
        suite = ": ".join([*folders[2:], module]).replace("_", " ")
        requirements = list(dict.fromkeys(o.requirement for o in seen))
        binding = any(o.verb is Verb.MUST for o in seen)
        return [
            (LabelType.EPIC, areas.most_common(1)[0][0] if areas else module),
            (LabelType.FEATURE, suite),
            *((LabelType.STORY, r) for r in requirements if "#" not in r),
            *((LabelType.TAG, r) for r in requirements[:MOST_TAGS]),
            (LabelType.PARENT_SUITE, folders[1] if len(folders) > 1 else last),
            (LabelType.SUITE, suite),
            (LabelType.SUB_SUITE, _title(name.partition("[")[0])),
            (LabelType.SEVERITY, (Severity.CRITICAL if binding else Severity.MINOR).value),
            (LabelType.FRAMEWORK, "label-studio-conformance"),
            (LabelType.LANGUAGE, "python"),
        ]

    def _status(self, test: NodeResult, seen: list[Observation]) -> tuple[str, StatusDetails | None]:
        deviations = self._report.basis.deviations
        failed = [o for o in seen if o.outcome is Outcome.FAIL]
        excuses = [acceptance(o, deviations) for o in failed]
        if failed and None not in excuses:
            reasons = "; ".join(dict.fromkeys(d.reason for d in excuses if d))
            return Status.SKIPPED, StatusDetails(known=True, message=f"accepted: {reasons}", trace=_said(failed))
        if test.outcome == "error" and not failed:
            return Status.BROKEN, StatusDetails(message=_brief(seen), trace=_said(seen))
        if not seen:
            return {"passed": Status.PASSED, "failed": Status.FAILED}.get(test.outcome, Status.SKIPPED), None
        status = min((_STATUS.get(o.outcome, Status.SKIPPED) for o in seen), key=_WORST.index)
        told = [o for o in seen if o.outcome is not Outcome.PASS]
        flaky = any(o.outcome is Outcome.FLAKY for o in seen)
        details = StatusDetails(flaky=flaky or None, message=_brief(told), trace=_said(told)) if told else None
        return status, details

    def _step(self, o: Observation) -> TestStepResult:
        statement = o.message or self._catalogue.statement(o.requirement)
        times = f" ({o.count} times)" if o.count > 1 else ""
        step = TestStepResult(
            name=visible(f"{o.requirement}: {o.outcome.value}{times}. {statement}", 300),
            status=_STATUS.get(o.outcome, Status.SKIPPED),
            stage="finished",
            start=int(self._clock),
            stop=int(self._clock + (o.evidence.elapsed * 1000 if o.evidence else 0)),
            parameters=[
                Parameter(name=label, value=visible(value, 600))
                for label, value in (
                    ("expected", o.expected),
                    ("written in", o.pointer),
                    ("got", o.got),
                    ("breaks the client", o.client.told if o.client else None),
                    ("blocked by", o.blocked_by),
                    ("next", o.hint),
                )
                if value
            ],
        )
        if o.outcome is not Outcome.PASS:
            step.statusDetails = StatusDetails(message=visible(o.message, 600))
        if o.evidence is not None:
            self._attach(step, "exchange", _exchange(o.evidence.request, o.evidence.response))
            if o.outcome is not Outcome.PASS:
                self._attach(step, "curl", o.evidence.curl)
        if o.script:
            self._attach(step, "script", o.script)
        return step

    def _attach(self, step: TestStepResult, name: str, text: str) -> None:
        source = f"{uuid.uuid4()}-attachment.txt"
        self._logger.report_attached_data(visible(text, 20_000), source)
        step.attachments.append(Attachment(name=name, source=source, type="text/plain"))


def _hash(text: str) -> str:
    return md5(text.encode("utf-8", "backslashreplace"), usedforsecurity=False).hexdigest()


def _title(name: str) -> str:
    """``test_a_project_is_created[x]`` as ``a project is created [x]``."""
    function, bracket, rest = name.partition("[")
    return visible(function.removeprefix("test_").replace("_", " ") + (f" {bracket}{rest}" if bracket else ""), 300)


def _brief(seen: list[Observation]) -> str:
    return visible("; ".join(f"{o.requirement}: {o.message or o.outcome.value}" for o in seen[:3]), 1000)


def _said(seen: list[Observation]) -> str:
    lines = []
    for o in seen[:20]:
        lines.append(f"{o.requirement} {o.outcome.value}: {o.message}")
        pairs = (("expected", o.expected), ("as in", o.pointer), ("got", o.got), ("next", o.hint))
        lines += [f"  {label:<9} {value}" for label, value in pairs if value]
        if o.evidence:
            lines.append(f"  reproduce {o.evidence.curl}")
    return visible("\n".join(lines), 20_000)


def _exchange(request: dict[str, Any], response: dict[str, Any] | None) -> str:
    lines = [f"{request['method']} {request['url']}", *_headers(request), "", str(request.get("body") or ""), ""]
    if response is None:
        return "\n".join([*lines, "no response"])
    return "\n".join([*lines, str(response["status"]), *_headers(response), "", str(response.get("body") or "")])


def _headers(part: dict[str, Any]) -> list[str]:
    return [f"{name}: {value}" for name, value in part.get("headers") or ()]
