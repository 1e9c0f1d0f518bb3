"""``ls-conformance sweep``: the command around :mod:`conformance.run.sweep`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.run.connect import connect
from conformance.run.options import HELP
from conformance.run.sweep import sweep
from conformance.target import values
from conformance.target.preflight import preflight
from conformance.target.settings import SETTINGS, TARGET_FILE, SettingsError, TargetSettings, resolve_settings
from conformance.wire.journal import FOLDER, JournalError, Memory, read_journals

if TYPE_CHECKING:
    import argparse

    from conformance.run.sweep import Swept

_OF_A_RUN = frozenset({"edition", "version", "features", "callback_host"})
"""Settings that say how to judge, not where the target is."""


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """The options that name a target and say how to reach it: the same as those of a run."""
    for setting in (*SETTINGS.values(), TARGET_FILE):
        if setting.key in _OF_A_RUN:
            continue
        described = f"{HELP.get(setting.key, 'TOML file with any of these settings as keys')} [{setting.variable}]"
        dest = f"target_{setting.key}"
        if setting.read is values.boolean and setting.key != "keep_alive":
            parser.add_argument(setting.flag, dest=dest, action="store_const", const=True, help=described)
        else:
            parser.add_argument(setting.flag, dest=dest, metavar=setting.key.upper(), help=described)


def run_sweep(options: argparse.Namespace) -> int:
    """Sweep; returns 0 if nothing of the run is left, else 1.

    Raises:
        SettingsError: no target is named, or settings can't be used.
        PreflightFailed: the target can't be used.
        JournalError: what the run wrote can't be used, or is about another target.
    """
    run_id: str = options.run_id.strip()
    folder: Path = options.report_dir or Path("reports") / run_id
    settings = _settings(options)
    memory = _memory(folder, run_id, settings)
    facts = preflight(settings)
    wire = connect(
        settings,
        url=str(settings.url),
        api_key=str(settings.api_key),
        edition=facts.edition,
        disposable=settings.disposable,
        run_id=f"{run_id}-sweep",
    )
    try:
        swept = sweep(wire, memory, run_id, dry_run=options.dry_run)
    finally:
        wire.close()
    sys.stdout.write(_told(swept, dry_run=options.dry_run) + "\n")
    return int(bool(swept.left))


def _settings(options: argparse.Namespace) -> TargetSettings:
    given = {k.removeprefix("target_"): v for k, v in vars(options).items() if k.startswith("target_")}
    settings = resolve_settings(dict.fromkeys(SETTINGS) | given, os.environ)
    if settings.embedded:
        raise SettingsError(
            "There is no target to sweep.",
            code="no-target",
            hint="Name it (--target, LABEL_STUDIO_URL). An embedded server went with its run, and all that was on it.",
        )
    return settings


def _memory(folder: Path, run_id: str, settings: TargetSettings) -> Memory:
    if len(run_id) < 8:  # noqa: PLR2004 - a date, at least: less would be found in other people's names
        raise JournalError(f"{run_id!r} is no id of a run: it looks like 20260501-100000-ab12, as its report folder.")
    memory = read_journals(folder, run_id)
    if memory.target and memory.target != settings.url:
        raise JournalError(
            f"{folder / FOLDER}: the run {run_id} judged {memory.target}, not {settings.url}: "
            "what has these numbers there is not the run's."
        )
    if not memory.target:
        sys.stderr.write(f"{folder / FOLDER}: no journal; looking only for what carries {run_id} in its name\n")
    return memory


def _told(swept: Swept, *, dry_run: bool) -> str:
    done = "would remove" if dry_run else "removed"
    lines = [f"{done} {what}" for what in swept.removed]
    lines += [f"kept {what}" for what in swept.kept]
    lines += [f"left {what}" for what in swept.left]
    lines.append(
        f"{done} {len(swept.removed)}, already gone {swept.gone}, left {len(swept.left)}"
        + (f", kept {len(swept.kept)} that are not the run's" if swept.kept else "")
    )
    return "\n".join(lines)
