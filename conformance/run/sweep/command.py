"""The command: settles the target and the run, shows what would go, and removes it once that is confirmed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import ExitCode
from conformance.naming import RunId
from conformance.run.connect import connect
from conformance.run.sweep.finding import find
from conformance.run.target_options import add_target_options, target_settings
from conformance.target.preflight import preflight
from conformance.target.settings import SettingsError
from conformance.wire import clean_up
from conformance.wire.safety.journal import FOLDER, JournalError, Memory, NoRecord, read_journals

if TYPE_CHECKING:
    import argparse

    from conformance.run.sweep.finding import Findings
    from conformance.target.settings import TargetSettings
    from conformance.wire import Wire


def add_sweep_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command: which run, where its journal is, and the target, as a run names it."""
    parser.add_argument("--run-id", required=True, help="id of the run: the name of its report folder")
    parser.add_argument("--report-dir", type=Path, help="report folder of the run (default: reports/<run id>)")
    parser.add_argument("--yes", action="store_true", help="remove the listed objects (default: only list them)")
    add_target_options(parser)


def run_sweep(options: argparse.Namespace) -> int:
    """Sweep.

    Returns:
        0 if all that was left is removed, 1 if something is (still) there, 9 if nothing was found.

    Raises:
        SettingsError: no target is named, or settings can't be used.
        PreflightFailed: the target can't be used.
        JournalError: the id is none, or what the run wrote can't be used, or is about another target.
        NoRecord: there is no journal of this run.
    """
    run = _run_id(options.run_id)
    settings = _settings(options)
    memory = _memory(options.report_dir or Path("reports") / run.text, run, settings)
    facts = preflight(settings)
    wire = connect(
        settings,
        url=str(settings.url),
        api_key=str(settings.api_key),
        edition=facts.edition,
        disposable=settings.disposable,
        run_id=f"{run}-sweep",
    )
    try:
        findings = find(wire, memory, run)
        _say(_listed(findings))
        if not findings.ours:
            return int(ExitCode.DEVIATIONS if findings.unknown else ExitCode.NOTHING_FOUND)
        if not options.yes:
            _say("Nothing was removed: say --yes to remove exactly these.")
            return int(ExitCode.DEVIATIONS)
        return int(ExitCode.DEVIATIONS if remove(wire, findings) or findings.unknown else ExitCode.OK)
    finally:
        wire.close()


def remove(wire: Wire, findings: Findings) -> list[str]:
    """Remove what was found, and tell; returns what is left of it."""
    for one in findings.ours:
        wire.ledger.add(one.kind, one.identity, one.parent)
    left = {(e.kind, e.identity) for e in clean_up(wire)}
    for one in findings.ours:
        _say(f"{'left' if one.key in left else 'removed'} {one}")
    _say(f"removed {len(findings.ours) - len(left)}, left {len(left)}")
    return [str(one) for one in findings.ours if one.key in left]


def _run_id(text: str) -> RunId:
    run = RunId.parse(text)
    if run is None:
        raise JournalError(
            f"{text!r} is no id of a run.",
            hint="Give the whole name of the run's report folder, such as 20260501-100000-ab12.",
        )
    return run


def _settings(options: argparse.Namespace) -> TargetSettings:
    settings = target_settings(options)
    if settings.read_only:
        raise SettingsError(
            "A read-only target cannot be swept.",
            code="read-only",
            hint="A run with --read-only leaves nothing behind; to remove what another run left, omit --read-only.",
        )
    if settings.embedded:
        raise SettingsError(
            "There is no target to sweep.",
            code="no-target",
            hint="Give its URL (--target, LABEL_STUDIO_URL). An embedded server went with its run.",
        )
    return settings


def _memory(folder: Path, run: RunId, settings: TargetSettings) -> Memory:
    memory = read_journals(folder, run.text)
    if not memory.target:
        raise NoRecord(
            f"{folder / FOLDER}: there is no journal of the run {run}, so nothing can be proven to belong to it.",
            hint="Give the report folder with --report-dir. A run that created nothing has no journal.",
        )
    if memory.target != settings.url:
        raise JournalError(
            f"{folder / FOLDER}: the run {run} judged {memory.target}, not {settings.url}: "
            "what has these numbers there is not the run's."
        )
    return memory


def _listed(findings: Findings) -> str:
    lines = [f"the run's: {one}" for one in findings.ours]
    lines += [f"left alone: {what}" for what in findings.others]
    lines += [f"not known: {what}" for what in findings.unknown]
    total = f"found {len(findings.ours)} of the run's (what hangs on them goes with them), {findings.gone} gone already"
    if not findings.ours and not findings.unknown:
        total = f"Nothing of the run is there: {findings.gone} gone already."
    return "\n".join([*lines, total])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
