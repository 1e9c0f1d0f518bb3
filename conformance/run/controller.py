"""Does what happens once per run: preflight before it, the result after it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance import __version__
from conformance.contract import load_contract
from conformance.errors import ExitCode
from conformance.report.document.conclude import conclude
from conformance.report.inputs import Selection, load_basis, select_deviations
from conformance.run.messages import FOREIGN, KEY, PhaseMessage, StartMessage
from conformance.run.result.collecting import Collector
from conformance.run.result.heading import heading
from conformance.run.result.known import known_lines
from conformance.run.result.resuming import Phase, Progress, check_identity, mend_end, write_phase
from conformance.run.result.writing import ReportUnwritable, keep_observations, screen, write_result
from conformance.target.embedded import prepare
from conformance.target.own_schema import announced_operations
from conformance.target.preflight import preflight

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from conformance.judge import Observation
    from conformance.judge.claims.basis import Basis
    from conformance.judge.deviations import Deviation
    from conformance.report.document import Report
    from conformance.run.options import RunOptions
    from conformance.target.settings import TargetSettings

    KeepExamples = Callable[[Mapping[str, list[Any]], Iterable[Observation], Collection[str], Path], list[str]]


class Controller:
    """Looks at the target, settles what it is judged by, and turns what was collected into the result.

    Attributes:
        facts: what preflight found out about the target.
        basis: what the run will be judged by.
        known: the accepted deviations that apply to the target, and those that do not.
        collected: what the workers told so far.
        report: the result, once there is one.
        began: when the tests may begin, as seconds of the epoch: workers have other monotonic clocks.
        others_failed: whether a test failed that is not of the suite, and was collected beside it.
        unwritable: why nothing more can be written, once that is so.
    """

    def __init__(self, options: RunOptions, settings: TargetSettings, keep_examples: KeepExamples) -> None:
        """Start with nothing known.

        Args:
            options: of the run.
            settings: of the target.
            keep_examples: writes what a deep run found for later runs; given notes, observations, the ids of open-ended
                tests and a folder, it returns the names of what is new.
        """
        self.options = options
        self.settings = settings
        self.facts: dict[str, Any] = {}
        self.basis: Basis | None = None
        self.known = Selection()
        self.collected = Collector(lambda seen: keep_observations(seen, options.report_dir))
        self.report: Report | None = None
        self.began = time.time()
        self.others_failed = False
        self.unwritable: ReportUnwritable | None = None
        self._keep_examples = keep_examples
        self._examples: list[str] = []
        self._started = time.monotonic()
        self._earlier = 0.0
        self._first = 0.0

    def look_at_target(self, progress: Callable[[str], None]) -> None:
        """Preflight; for the embedded target, make sure that it is installed and migrated.

        Raises:
            PreflightFailed: the target can't be judged.
            EmbeddedError: the embedded Label Studio can't be had.
        """
        if self.settings.embedded:
            prepare(self.options.embedded_settings(), progress)
            self.facts = {
                "version": self.options.embedded_version,
                "edition": self.settings.edition or "community",
                "database": self.options.embedded_database,
                "policy": self.options.embedded_policy,
            }
            return
        progress(f"preflight: {self.settings.url}")
        facts = preflight(self.settings)
        self.facts = {
            "version": facts.version or self.settings.version or "",
            "database": self.settings.database or "",
            "edition": self.settings.edition or facts.edition,
            "product": facts.product,
            "user_id": facts.user_id,
            "organization": facts.organization,
            "owner": facts.owner,
            "key_kind": str(facts.key_kind),
        }
        self.collected.announced = announced_operations(facts.url, self.settings.connection)
        who = "owner" if facts.owner else facts.role or "member"
        product = f"{facts.product} {facts.version} ({self.facts['edition']})"
        progress(f"preflight: {product}, key of {facts.email or 'a user'}, {who}")

    def settle_basis(self, progress: Callable[[str], None]) -> None:
        """What the run will be judged by.

        Args:
            progress: told what of it does not fit this target.

        Raises:
            ProfileError: there is no such profile.
            DeviationError: a file of accepted deviations can't be used.
        """
        self.known = select_deviations(
            self.options.deviations,
            product="label-studio",
            edition=str(self.facts.get("edition") or "community"),
            version=str(self.facts.get("version", "")),
            database=str(self.facts.get("database", "")),
        )
        self.basis = load_basis(
            edition=str(self.facts.get("edition") or "community"),
            deviations=self.known.applied,
            profile=self.options.profile,
            strict=self.options.strict_deviations,
            declared=self.settings.features,
        )
        for line in known_lines(self.facts, self.settings, self.known):
            progress(line)

    @property
    def accepted(self) -> tuple[Deviation, ...]:
        """The accepted deviations of this target."""
        return self.basis.deviations if self.basis else ()

    def start_message(self) -> StartMessage:
        """Return what a worker has to know."""
        return StartMessage(
            run_id=self.options.run_id,
            report_dir=self.options.report_dir,
            started=self.options.started,
            began=self.began,
            facts=self.facts,
            accepted=self.accepted,
        )

    def resume(self, progress: Progress) -> None:
        """Go on with a run that stopped.

        Args:
            progress: what it left.

        Raises:
            CannotResume: it was another run.
        """
        check_identity(self.options.report_dir, progress.identity, self._identity())
        mend_end(self.options.report_dir)
        self.collected.restore(progress.told)
        self._earlier = progress.seconds

    def _lasted(self) -> float:
        """Seconds of the run, those of its earlier part included."""
        return self._earlier + time.monotonic() - self._started

    def _identity(self) -> dict[str, Any]:
        """Return what the parts of a run that was stopped have in common."""
        options, embedded = self.options, self.settings.embedded
        return {
            "suite": __version__,
            "contract": load_contract().digest,
            "target": f"embedded {options.embedded_version}" if embedded else str(self.settings.url),
            "database": options.embedded_database if embedded else str(self.settings.database or ""),
            "policy": options.embedded_policy if embedded else "",
            "disposable": embedded or self.settings.disposable,
            "depth": options.depth,
            "seed": options.seed,
            "shard": list(options.shard or ()),
        }

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of one test (the controller is a plugin: this hook is not told the configuration)."""
        if getattr(report, FOREIGN, False):
            self.others_failed = self.others_failed or report.failed
            self.collected.planned.claims.pop(report.nodeid, None)  # workers told their plans by ids alone
            return
        if not self._first and report.when == "call":
            self._first = self._lasted()
        told = getattr(report, KEY, None)
        phase, message = Phase.of(report), PhaseMessage.from_json(told) if told is not None else None
        try:
            taken = self.collected.take(phase, message)
            write_phase(self.options.report_dir, self._identity(), phase, taken, at=self._lasted())
        except OSError as error:
            self.unwritable = ReportUnwritable(self.options.report_dir, error)
            pytest.exit(self.unwritable.message, returncode=ExitCode.INTERNAL)

    def finish(self, config: pytest.Config, tell: Callable[[str], None]) -> ExitCode:
        """Judge, write the result, and say how the process should end.

        Args:
            config: of the run.
            tell: is told what comes next.

        Raises:
            SecretInArtefact: the result would hold a secret, and was not written.
            ReportUnwritable: there is no room for it.
        """
        if self.unwritable is not None:
            raise self.unwritable
        collected = self.collected
        tell("judging")
        if self.basis is not None and collected.announced is not None:
            self.basis = replace(self.basis, announced=self.basis.profiles.offered(collected.announced))
        self._examples = self._keep_examples(
            collected.notes, collected.observations, collected.open_ended, self.options.gains
        )
        report = conclude(
            header=heading(
                config,
                self.options,
                self.settings,
                facts=self.facts,
                collected=collected,
                plan=collected.planned.plan(self.options.shard),
                examples=self._examples,
            ),
            observations=collected.observations,
            results=collected.results.values(),
            statistics=collected.statistics(seconds=self._lasted(), first=self._first),
            basis=self.basis,
        )
        try:
            write_result(report, self.options.report_dir, self._secrets(), tell)
        except OSError as error:
            raise ReportUnwritable(self.options.report_dir, error) from error
        self.report = report
        return (
            ExitCode.TARGET_UNUSABLE
            if collected.lost and not collected.stands
            else ExitCode(report.end.verdict["exit_code"])
        )

    def _secrets(self) -> set[str]:
        """Return what may not stand in any artefact: keys that were given, and what workers learned."""
        given = [self.settings.api_key, *self.settings.roles.values()]
        return {*self.collected.secrets, *(key for key in given if key)}

    def screen(self, width: int) -> str:
        """The last screen of the run; empty where there is no result."""
        if self.report is None:
            return ""
        return screen(
            self.report,
            self.collected,
            self.options,
            examples=self._examples,
            known=known_lines(self.facts, self.settings, self.known),
            width=width,
        )
