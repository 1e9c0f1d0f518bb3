"""What happens once per run: preflight before it, the result after it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.contract import load_contract
from conformance.errors import ExitCode
from conformance.judge import Observation
from conformance.judge.condense import condense
from conformance.judge.plan import NodeResult, Plan, plan_digest, tally
from conformance.judge.verdict import judge
from conformance.report.catalogue import load_catalogue
from conformance.report.document import dump, finish
from conformance.report.document.header import Header, Statistics, TargetInfo
from conformance.report.inputs import load_basis
from conformance.report.renderings.forms import write
from conformance.report.renderings.terminal import render_terminal
from conformance.reproduce import SCRIPTS, is_script, script_name
from conformance.run.deep import deep_lines, keep_examples
from conformance.run.options import reproduce_line
from conformance.run.pacing import UNREACHED
from conformance.target.embedded import EmbeddedSettings, prepare
from conformance.target.own_schema import announced_operations
from conformance.target.preflight import preflight
from conformance.wire.client import CREATED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pytest

    from conformance.judge.basis import Basis
    from conformance.judge.deviations import Deviation
    from conformance.report.document import Report
    from conformance.run.options import RunOptions
    from conformance.target.settings import TargetSettings

LIBRARIES = ("pytest", "schemathesis", "httpx", "jsonschema", "pytest-xdist", "hypothesis")
# How generated cases fared: the share of positive ones that end 2xx, and of the steps of histories that name only what
# is there, is a measure of the suite itself.
GENERATED = (
    *("positive", "positive-2xx", "negative", "unsendable", "confirmations"),
    *("histories", "history-steps", "history-living", "history-living-2xx", "history-requests", "races"),
)
_TARGET_FACTS = ("version", "edition", "product")


class Controller:
    """Collects what workers (or this process itself) report, and writes the result."""

    def __init__(self, options: RunOptions, settings: TargetSettings) -> None:
        self.options = options
        self.settings = settings
        self.facts: dict[str, Any] = {}
        self.observations: list[Observation] = []
        self._seen: set[tuple[str, ...]] = set()
        self.outcomes: dict[str, NodeResult] = {}
        self.planned: dict[str, tuple[str, ...]] = {}
        self.whole: tuple[str, ...] = ()
        self.deselected = 0
        self.statistics: Counter[str] = Counter()
        self.waited = 0.0
        self.samples: dict[str, dict[str, list[int]]] = {"elapsed": {}, "waits": {}}
        self.left: list[str] = []
        self.notes: dict[str, list[Any]] = {}
        self.new_examples: list[str] = []
        self.open_ended: set[str] = set()
        self.announced: frozenset[str] | None = None
        self.lost: str | None = None
        self.report: Report | None = None
        self.basis: Basis | None = None
        self.began = time.time()
        """When the tests may begin, as seconds of the epoch: workers have other monotonic clocks."""
        self._started = time.monotonic()
        self._first: float | None = None

    def look_at_target(self, progress: Callable[[str], None]) -> None:
        """Preflight; for the embedded target, make sure that it is installed and migrated.

        Raises:
            PreflightFailed: the target can't be judged.
            EmbeddedError: the embedded Label Studio can't be had.
        """
        if self.settings.embedded:
            prepare(
                EmbeddedSettings(version=self.options.embedded_version, database=self.options.embedded_database),
                progress,
            )
            self.facts = {
                "version": self.options.embedded_version,
                "edition": self.settings.edition or "community",
                "database": self.options.embedded_database,
            }
            return
        progress(f"preflight: {self.settings.url}")
        facts = preflight(self.settings)
        self.facts = {
            "version": facts.version,
            "edition": self.settings.edition or facts.edition,
            "product": facts.product,
            "user_id": facts.user_id,
            "organization": facts.organization,
            "owner": facts.owner,
            "key_kind": str(facts.key_kind),
        }
        self.announced = announced_operations(facts.url, self.settings.connection)
        who = "owner" if facts.owner else facts.role or "member"
        product = f"{facts.product} {facts.version} ({self.facts['edition']})"
        progress(f"preflight: {product}, key of {facts.email or 'a user'}, {who}")

    def settle_basis(self) -> None:
        """What the run will be judged by.

        Raises:
            ProfileError: there is no such profile.
            DeviationError: a file of accepted deviations can't be used.
        """
        self.basis = load_basis(
            product="label-studio",
            edition=str(self.facts.get("edition") or "community"),
            version=str(self.facts.get("version", "")),
            profile=self.options.profile,
            deviation_files=self.options.deviations,
            strict=self.options.strict_deviations,
            declared=self.settings.features,
        )

    @property
    def accepted(self) -> tuple[Deviation, ...]:
        """The accepted deviations of this target."""
        return self.basis.deviations if self.basis else ()

    def take(self, report: pytest.TestReport) -> None:
        """Take what one phase of one test reported."""
        if self._first is None and report.when == "call":
            self._first = time.monotonic() - self._started
        outcome = _outcome(report)
        known = self.outcomes.get(report.nodeid)
        duration = report.duration + (known.duration if known else 0.0)
        if known is not None and _RANK[known.outcome] > _RANK[outcome]:
            outcome = known.outcome
        data: dict[str, Any] | None = getattr(report, "conformance", None)
        statistics: Mapping[str, Any] = data["statistics"] if data else {}
        created = Counter(known.created if known else {})
        created.update({k.removeprefix(CREATED): n for k, n in statistics.items() if k.startswith(CREATED)})
        self.outcomes[report.nodeid] = NodeResult(
            id=report.nodeid,
            outcome=outcome,
            duration=duration,
            requests=(known.requests if known else 0) + statistics.get("requests", 0),
            created=dict(created),
        )
        if data is None:
            return
        fresh = []
        for item in data["observations"]:
            observation = Observation.from_json(item)
            self.observations.append(observation)
            if not (observation.incidental and observation.key in self._seen):
                self._seen.add(observation.key)
                fresh.append(item)
        self._keep(fresh)
        self.planned[report.nodeid] = tuple(data["claimed"])
        if data.get("open_ended"):
            self.open_ended.add(report.nodeid)
        self.take_statistics(statistics)
        self.lost = self.lost or data.get("lost")

    def take_statistics(self, statistics: Mapping[str, Any]) -> None:
        """Add the counts of one test."""
        for name, value in statistics.items():
            if name == "waited":
                self.waited += value
            elif name == "notes":
                for key, values in value.items():
                    self.notes.setdefault(key, []).extend(map(json.loads, values))
            elif name in self.samples:
                for key, milliseconds in value.items():
                    self.samples[name].setdefault(key, []).extend(milliseconds)
            else:
                self.statistics[name] += value

    def _keep(self, items: list[dict[str, Any]]) -> None:
        """Write observations at once: a run that dies leaves what it learned."""
        if not items:
            return
        self.options.report_dir.mkdir(parents=True, exist_ok=True)
        with (self.options.report_dir / "observations.jsonl").open("a", encoding="utf-8") as out:
            out.writelines(json.dumps(item, ensure_ascii=True) + "\n" for item in items)
        for item in items:
            if is_script(item.get("script")):
                path = self.options.report_dir / SCRIPTS / script_name(Observation.from_json(item))
                path.parent.mkdir(exist_ok=True)
                path.write_text(item["script"], encoding="utf-8")

    def finish(self, config: pytest.Config) -> ExitCode:
        """Judge, write the result, and say how the process should end."""
        if self.basis is not None and self.announced is not None:
            self.basis = replace(self.basis, announced=self.basis.profiles.offered(self.announced))
        plan = Plan(
            requirements=tuple(r for ids in self.planned.values() for r in ids),
            tests=tuple(self.planned),
            deselected=self.deselected,
            **(
                {"shard": "/".join(map(str, self.options.shard)), "whole": plan_digest(self.whole)}
                if self.options.shard and self.whole
                else {}
            ),
        )
        self.new_examples = keep_examples(self.notes, self.observations, self.open_ended, self.options.examples)
        results = tuple(self.outcomes.values())
        observations = condense(self.observations)
        tallied = tally(results, observations)
        verdict = judge(observations, results=tallied, plan=plan, basis=self.basis)
        self.report = finish(
            header=self._header(config, plan),
            observations=observations,
            tests=results,
            statistics=Statistics(
                requests=self.statistics["requests"],
                statuses={
                    **{f"{n}xx": self.statistics[f"{n}xx"] for n in range(1, 6) if self.statistics[f"{n}xx"]},
                    **({"none": self.statistics["no-answer"]} if self.statistics["no-answer"] else {}),
                },
                waiting=self.waited,
                seconds=time.monotonic() - self._started,
                first=self._first or 0.0,
                **self.samples,
            ),
            verdict=verdict,
            basis=self.basis,
        )
        folder = self.options.report_dir
        folder.mkdir(parents=True, exist_ok=True)
        dump(self.report, folder / "conformance.json")
        write(self.report, folder)
        _point_latest(folder)
        if self.lost:
            return ExitCode.TARGET_UNUSABLE
        return ExitCode(verdict.exit_code)

    def screen(self, width: int) -> str:
        """The last screen of the run."""
        if self.report is None:
            return ""
        areas = load_catalogue().areas_for(self.report.header.target.edition)
        text = render_terminal(self.report, areas, width, where=_relative(self.options.report_dir))
        if self.left:
            text += f"\nleft on the target, remove it by hand: {', '.join(self.left[:10])}"
            if len(self.left) > 10:  # noqa: PLR2004 - one line
                text += f" and {len(self.left) - 10} more"
        text += deep_lines(self.notes, self.new_examples, self.options)
        if self.lost:
            text += f"\n\n{self.lost}"
        return text

    def _header(self, config: pytest.Config, plan: Plan) -> Header:
        contract = load_contract()
        options = {
            "workers": getattr(config.option, "numprocesses", None) or 0,
            "sources": dict(self.settings.sources),
            "refused": self.statistics["refused"],
            "generated": {name: self.statistics[name] for name in GENERATED},
            "left": self.left,
            "unreached": sorted(self.notes.get(UNREACHED, [])),
            "examples": self.new_examples,
            "facts": {k: v for k, v in self.facts.items() if k not in _TARGET_FACTS},
            "ci": bool(os.environ.get("CI")),
        }
        return Header(
            suite=__version__,
            contract=contract.digest,
            target=TargetInfo(
                url=self.settings.url or "embedded",
                product=str(self.facts.get("product", "Label Studio")),
                version=str(self.facts.get("version", "")),
                edition=str(self.facts.get("edition") or "community"),
                disposable=self.settings.embedded or self.settings.disposable,
                embedded=self.settings.embedded,
            ),
            seed=self.options.seed,
            depth=self.options.depth,
            started=self.options.started,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            run_id=self.options.run_id,
            reproduce=reproduce_line(config),
            options=options,
            args=tuple(_relative_argument(config, str(a)) for a in config.args),
            environment={
                "python": platform.python_version(),
                "platform": platform.platform(),
                **{name: importlib.metadata.version(name) for name in LIBRARIES},
            },
            plan=plan,
        )


_RANK = {"passed": 0, "skipped": 1, "xfailed": 1, "xpassed": 1, "failed": 2, "error": 3}


def _outcome(report: pytest.TestReport) -> str:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    return "passed"


def _point_latest(folder: Path) -> None:
    """``reports/latest`` points to the newest run; a file system without links gets a file with the name."""
    latest = folder.parent / "latest"
    try:
        if latest.is_symlink() or latest.is_file():
            latest.unlink()
        latest.symlink_to(folder.name, target_is_directory=True)
    except OSError:
        latest.with_suffix(".txt").write_text(folder.name + "\n", encoding="utf-8")


def _relative(folder: Path) -> str:
    relative = os.path.relpath(folder)
    return str(folder) if relative.startswith("..") else relative


def _relative_argument(config: pytest.Config, argument: str) -> str:
    return argument.replace(str(config.rootpath) + os.sep, "")
