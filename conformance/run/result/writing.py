"""Writes what a run learned: each observation at once, the whole at the end, and the last screen."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Final

from conformance.contract.tables.safety import Safety
from conformance.errors import ConformanceError, ExitCode
from conformance.judge import Outcome
from conformance.judge.findings.wording import some
from conformance.report.catalogue import load_catalogue
from conformance.report.document import document_text, dump
from conformance.report.renderings.forms import FORMS, write
from conformance.report.renderings.terminal import render_terminal
from conformance.reproduce import SCRIPTS, is_script, script_name
from conformance.run.result.between import gateway_lines
from conformance.run.result.leaks import SecretSearch, mask_written, refuse_secrets
from conformance.run.time_budget import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from conformance.judge import Observation
    from conformance.report.document import Report
    from conformance.run.options import RunOptions
    from conformance.run.result.collecting import Collector

RESULT: Final = "conformance.json"
# Of what was left on the target, so many are named on the screen; all are in the result.
NAMED = 10
DISPOSABLE: Final = "--disposable"
CALLBACK: Final = "--callback-host"
READ_ONLY: Final = "--read-only"


class ReportUnwritable(ConformanceError):
    """The folder of the reports takes nothing more: a full disk, or one that may not be written to."""

    exit_code = ExitCode.INTERNAL
    code = "report-unwritable"

    def __init__(self, folder: Path, error: OSError) -> None:
        """Say what became of it, and how to go on."""
        super().__init__(
            f"The reports can't be written: {error.strerror}.",
            cause=str(error.filename or folder),
            hint=f"Make room, and repeat the command with --resume={shlex.quote(_relative(folder))} in place of "
            "--report-dir: tests that are finished are not run again.",
        )


def keep_observations(observations: Iterable[Observation], folder: Path) -> None:
    """Write observations and their scripts at once: a run that dies leaves what it learned."""
    observations = tuple(observations)
    if not observations:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "observations.jsonl").open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(o.to_json(), ensure_ascii=True) + "\n" for o in observations)
    for observation in observations:
        if observation.script is not None and is_script(observation.script):
            path = folder / SCRIPTS / script_name(observation)
            path.parent.mkdir(exist_ok=True)
            path.write_text(observation.script, encoding="utf-8")


def write_result(
    report: Report, folder: Path, secrets: Iterable[str] = (), tell: Callable[[str], None] = lambda _: None
) -> None:
    """Write the result in all forms, and let ``latest`` point to it.

    Args:
        report: the result.
        folder: where to.
        secrets: what may not stand in any artefact.
        tell: is told what comes next, as a whole run's takes half a minute.

    Raises:
        SecretInArtefact: the result holds one; it is not written, and what was written before is masked.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    search = SecretSearch(secrets)
    tell("looking for secrets in what was written")
    mask_written(folder, search)
    refuse_secrets(document_text(report), RESULT, search)
    tell(f"writing {RESULT}")
    dump(report, folder / RESULT)
    for form, name in FORMS.items():
        tell(f"writing {name}")
        write(report, folder, [form])
    _point_latest(folder)


def screen(
    report: Report,
    collected: Collector,
    options: RunOptions,
    *,
    examples: Sequence[str],
    known: Sequence[str],
    width: int,
) -> str:
    """The last screen of a run.

    Args:
        report: its result.
        collected: what the workers told.
        options: of the run.
        examples: names of those that a deep run found.
        known: what of contract and accepted deviations does not fit this target.
        width: of the terminal.
    """
    areas = load_catalogue().areas_for(report.header.target.edition)
    text = render_terminal(report, areas, width, where=_relative(options.report_dir))
    text += gateway_lines(collected.notes)
    text += "".join(f"\n{line}" for line in known)
    text += "".join(f"\n{line}" for line in (*_left(report, options), *_further(report)))
    if unreached := len(collected.notes.get(UNREACHED, [])):
        budget = f"--time-budget {options.time_budget:g}"
        text += f"\nnot reached within {budget}: parts of {unreached} tests (options.unreached in conformance.json)"
    if examples:
        folder = os.path.relpath(options.gains)
        replayed = "from now on" if options.gains == options.examples else f"with --examples {shlex.quote(folder)}"
        text += f"\nfound, and replayed {replayed}: {len(examples)} examples in {folder}"
    if collected.lost:
        text += f"\n\n{collected.lost}"
    return text


def _left(report: Report, options: RunOptions) -> Iterator[str]:
    """What is left on a target that outlives the run, and what removes it."""
    header = report.header
    left: list[str] = header.options["left"]
    if left:
        yield f"left on the target: {some(left, NAMED)}; what is the run's is removed by"
        folder = shlex.quote(_relative(options.report_dir))
        named = f"--run-id {header.run_id} --report-dir {folder} --target {header.target.url}"
        yield f"  ls-conformance sweep {named} --yes"
    remains: dict[str, int] = header.options["remains"]
    if remains and not header.target.embedded:
        kept = ", ".join(f"{n:,} {what}" for what, n in remains.items())
        yield f"deleted, but no operation tells whether the server keeps them on its disk: {kept}"


def _further(report: Report) -> Iterator[str]:
    """What more could be asked of this target, and by which option."""
    header = report.header
    if header.options.get("allow") == Safety.READ_ONLY.label:
        n = _without(report, READ_ONLY)
        yield f"more can be measured: without {READ_ONLY}, also what the run makes itself ({n} checks were not made)"
        return
    more = []
    if not header.target.disposable:
        n = _without(report, DISPOSABLE)
        more.append(f"{DISPOSABLE} adds accounts, keys and settings ({n} checks were not made)")
    if not header.target.embedded and "callback_host" not in header.options["sources"]:
        n = _without(report, CALLBACK)
        more.append(f"{CALLBACK} NAME adds storages, ML backends and webhooks ({n} checks were not made)")
    if more:
        yield f"more can be measured: {'; '.join(more)}"


def _without(report: Report, option: str) -> int:
    """Return how many checks were not made for want of an option."""
    idle = (o for o in report.observations if o.outcome in {Outcome.REFUSED, Outcome.NOT_MEASURED})
    return sum(option in f"{o.message} {o.hint}" for o in idle)


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
