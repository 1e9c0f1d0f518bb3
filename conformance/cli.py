"""``ls-conformance``: run the suite (pytest does), and what to do with results: read, render, compare and explain.

argparse, as it is in the standard library and plain commands need no more. Exit codes are the suite's own:
0 good, 1 deviations, differences or something left, 4 wrong usage or unusable input, 6 target unusable, 7 not measured;
of a sweep also 8 (there is no journal of the run) and 9 (nothing of it is there).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from conformance import __version__
from conformance.drift.command import add_drift_options, run_drift
from conformance.errors import ConformanceError, ExitCode
from conformance.judge.compare import RED, Change, compare
from conformance.judge.deviations import unacceptable
from conformance.properties.registry import checked_by
from conformance.report.catalogue import load_catalogue
from conformance.report.commands.accept import render_entries, unaccepted
from conformance.report.commands.diff import diff_json, is_red, render_diff
from conformance.report.commands.explain import explain
from conformance.report.commands.matrix import render_matrix
from conformance.report.commands.merge import merge
from conformance.report.commands.migrate import migrate, render_migration
from conformance.report.commands.prune import prune, pruned_text
from conformance.report.commands.verify import problems, rejudge
from conformance.report.document import dump, load
from conformance.report.document.errors import ReportError
from conformance.report.history import night_of, render_history, results_in
from conformance.report.inputs import load_deviations, read_deviation_file
from conformance.report.renderings.forms import FORMS, write
from conformance.report.renderings.terminal import render_terminal
from conformance.run.starting import run_suite
from conformance.run.sweep.command import add_sweep_options, run_sweep
from conformance.scenarios.table import shown_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.report.document import Report

LATEST = Path("reports/latest/conformance.json")
_A_RESULT = f"conformance.json of a run (default: {LATEST})"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = _Parser(
        prog="ls-conformance", description="Judge a Label Studio; read, render, compare and explain the results."
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    # everything behind it is pytest's (see main)
    commands.add_parser(
        "run", help="judge a target: ls-conformance run [REQUIREMENT|OPERATION …] [options of the suite and of pytest]"
    )

    render = commands.add_parser("render", help="render a result in other formats")
    render.add_argument("report", nargs="?", type=Path, default=LATEST, help=_A_RESULT)
    render.add_argument("--to", action="append", choices=FORMS, help="format to write; repeatable (default: all)")
    render.add_argument("--out", type=Path, help="folder (default: that of the result)")
    render.set_defaults(run=_render)

    verify = commands.add_parser("verify", help="recompute the verdict of a result; fails if the file was edited")
    verify.add_argument("report", nargs="?", type=Path, default=LATEST, help=_A_RESULT)
    verify.set_defaults(run=_verify)

    diff = commands.add_parser("diff", help="show the changes between two results")
    diff.add_argument("before", type=Path, help="the older conformance.json")
    diff.add_argument("after", type=Path, help="the newer conformance.json")
    diff.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    diff.add_argument(
        "--allow",
        action="append",
        default=[],
        choices=sorted(RED),
        help="kind of change that does not fail the command; repeatable",
    )
    diff.set_defaults(run=_diff)

    matrix = commands.add_parser("matrix", help="write a page that compares several results")
    matrix.add_argument("reports", nargs="+", type=Path, help="results, in the order of the columns")
    matrix.add_argument("--out", type=Path, default=Path("matrix.html"), help="file to write (default: matrix.html)")
    matrix.add_argument(
        "--notable", action="store_true", help="omit requirements that hold in every run, or are offered by none"
    )
    matrix.set_defaults(run=_matrix)

    history = commands.add_parser("history", help="write a page about many results of one target")
    history.add_argument("reports", nargs="+", type=Path, help="results, or folders with results at any depth")
    history.add_argument("--out", type=Path, default=Path("history.html"), help="file to write (default: history.html)")
    history.set_defaults(run=_history)

    merging = commands.add_parser("merge", help="join the parts of a sharded run")
    merging.add_argument("reports", nargs="+", type=Path, help="conformance.json of every part")
    merging.add_argument("--out", type=Path, required=True, help="file or folder to write")
    merging.set_defaults(run=_merge)

    accept = commands.add_parser("accept", help="write entries of accepted deviations for a person to complete")
    accept.add_argument(
        "reports", nargs="*", type=Path, metavar="report", help=f"{_A_RESULT}; several with --prune only"
    )
    accept.add_argument("--out", type=Path, help="file to write (default: standard output); never overwritten")
    accept.add_argument(
        "--migrate",
        type=Path,
        metavar="FILE",
        help="update the signatures of this file to those of the report, for review",
    )
    accept.add_argument(
        "--prune", type=Path, metavar="FILE", help="omit entries of this file that no complete run shows"
    )
    accept.set_defaults(run=_accept)

    explaining = commands.add_parser("explain", help="show everything about a requirement or an operation")
    explaining.add_argument("name", help="LS-EXPORT-007, projects.create, projects.create#status, 'GET /api/projects/'")
    explaining.add_argument("--report", type=Path, help=f"result with the last outcome (default: {LATEST})")
    explaining.set_defaults(run=_explain)

    drifting = commands.add_parser("drift", help="compare a target or the official client with the contract")
    add_drift_options(drifting)
    drifting.set_defaults(run=run_drift)

    sweeping = commands.add_parser("sweep", help="remove what a killed run left on a target")
    add_sweep_options(sweeping)
    sweeping.set_defaults(run=run_sweep)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["run"]:
        return run_suite(given[1:])
    options = parser().parse_args(given)
    try:
        code: int = options.run(options)
    except ConformanceError as problem:
        _say(problem.render())
        return int(problem.exit_code)
    except BrokenPipeError:  # a reader like `head` has seen enough
        sys.stderr.close()
        return 0
    except OSError as problem:
        _say(f"ls-conformance: {problem.filename or 'file'}: {problem.strerror}.")
        return ExitCode.USAGE
    return code


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _print(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    _say(f"wrote {path}")


def _render(options: argparse.Namespace) -> int:
    report = load(options.report)
    for path in write(report, options.out or options.report.parent, options.to or FORMS):
        _say(f"wrote {path}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    report = load(options.report)
    found = problems(report, suite=__version__)
    for problem in found:
        _say(f"{options.report}: {problem}")
    if found:
        return 1
    verdict = rejudge(report)
    _print(f"{options.report}: sound. {verdict.state.value.upper()}: {verdict.reason}")
    return verdict.exit_code


def _diff(options: argparse.Namespace) -> int:
    before, after = load(options.before), load(options.after)
    differences = compare(before.observations, after.observations)
    if options.json:
        _print(json.dumps(diff_json(before, after, differences), indent=1, ensure_ascii=True))
    else:
        _print(render_diff(before, after, differences))
    return int(is_red(differences, [Change(c) for c in options.allow]))


def _matrix(options: argparse.Namespace) -> int:
    reports = [load(path) for path in options.reports]
    _write(options.out, render_matrix(reports, load_catalogue(), notable=options.notable))
    return 0


def _history(options: argparse.Namespace) -> int:
    nights = [night_of(load(path)) for path in results_in(options.reports)]
    _write(options.out, render_history(nights, load_catalogue()))
    return 0


def _merge(options: argparse.Namespace) -> int:
    report = merge([load(path) for path in options.reports])
    out: Path = options.out
    _say(f"wrote {dump(report, out if out.suffix == '.json' else out / 'conformance.json')}")
    areas = load_catalogue().areas_for(report.header.target.edition)
    _print(render_terminal(report, areas, where=str(out.parent if out.suffix == ".json" else out)))
    return int(report.end.verdict["exit_code"])


def _accept(options: argparse.Namespace) -> int:
    reports = [load(path) for path in options.reports or [LATEST]]
    if len(reports) > 1 and not options.prune:
        _say("ls-conformance: several results are for --prune FILE only.")
        return ExitCode.USAGE
    if options.prune:
        text, said = _pruned(reports, options.prune)
    elif options.migrate:
        text, said = _migrated(reports[0], options.migrate)
    else:
        text, said = _new_entries(reports[0])
    if options.out is None:
        _print(text)
    elif options.out.exists():
        _say(f"ls-conformance: {options.out} is there already; name another file, and copy what you want.")
        return ExitCode.USAGE
    else:
        _write(options.out, text)
    _say(said)
    return 0


def _new_entries(report: Report) -> tuple[str, str]:
    """Entries for what nobody accepted, and what to do with them."""
    number = len(unaccepted(report))
    said = f"{number} observations to accept: complete each entry by a reason, or fix the cause."
    return render_entries(report), said


def _migrated(report: Report, path: Path) -> tuple[str, str]:
    """A file of deviations with the signatures of the report, and what to do with it."""
    file = read_deviation_file(path)
    found = migrate(file.deviations, unacceptable(report.observations))
    said = (
        f"{len(found.renewed)} entries reworded, {len(found.idle)} match nothing: review each before you use the file."
    )
    return render_migration(file, found), said


def _pruned(reports: Sequence[Report], path: Path) -> tuple[str, str]:
    """A file of deviations without what no run shows, and what is left out."""
    file = read_deviation_file(path)
    found = prune(file.deviations, [report.observations for report in reports])
    names = [f"  gone: {entry.name}" for entry in found.gone]
    names += [f"  narrowed: {old.name} to {', '.join(sorted(new.operations))}" for old, new in found.narrowed]
    said = [
        f"{len(found.kept)} entries kept, {len(found.narrowed)} narrowed, {len(found.gone)} left out:",
        *names,
    ]
    return pruned_text(path.read_text(encoding="utf-8"), file, found), "\n".join(said)


def _latest() -> Report | None:
    """The newest result, where there is one that can be read: nobody asked for it by name."""
    try:
        return load(LATEST) if LATEST.exists() else None
    except ReportError as problem:
        _say(f"ls-conformance: without a result: {problem}")
        return None


def _explain(options: argparse.Namespace) -> int:
    report = load(options.report) if options.report else _latest()
    target = report.header.target if report else None
    shipped = load_deviations(product=target.product, edition=target.edition, version=target.version) if target else ()
    deviations = dict.fromkeys((*(report.basis.deviations if report else ()), *shipped))
    _print(explain(options.name, report, deviations, shown_by=shown_by, checked_by=checked_by))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
