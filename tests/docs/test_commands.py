"""Every command of README and docs is executed, or read by the parser that would read it; none is left out silently."""

from __future__ import annotations

import configparser
import importlib.util
import re
import shutil
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.cli import main, parser
from conformance.report.document import dump
from conformance.report.inputs import read_deviation_file
from conformance.run.plan.named import refuse_unknown
from conformance.target.settings import resolve_settings
from tests.docs.commands import PAGES, ROOT, Command, blocks, commands, deviation_files
from tests.report.making import TESTS, make, parts
from tests.report.samples import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = commands()
# What is done with a result on disk: executed, on a small result.
EXECUTED = ("render", "verify", "diff", "matrix", "history", "merge", "accept", "explain")
# Programs of others, and why their commands are not executed here.
FOREIGN = {
    "pip": "installs from PyPI",
    "uv": "builds a wheel; tests/anywhere does",
    "export": "sets variables; their names are checked",
    "npx": "installs from npm",
}
OPTION = re.compile(r"--[a-z][a-z-]+")


def _folder(place: Path) -> None:
    """Lay out what the commands name: results of a complete run, of its two parts, and accepted deviations."""
    for name in ("reports/latest", "before", "after", "a", "b", "c", "old", "new"):
        dump(make(), place / name / "conformance.json")
    for number, part in enumerate(parts(SAMPLE, TESTS, 2), start=1):
        dump(part, place / "parts" / str(number) / "conformance.json")
    for text in deviation_files():
        (place / "my-deviations.yaml").write_text(text, encoding="utf-8")
    for name in ("REPORT", "GATE", "DEEP", "old.json", "a.json", "b.json", "c.json"):
        shutil.copy(place / "a" / "conformance.json", place / name)
    for number, name in enumerate(("part-1", "part-2"), start=1):
        shutil.copytree(place / "parts" / str(number), place / name)
    for name in ("mine.yaml", "FILE"):
        shutil.copy(place / "my-deviations.yaml", place / name)


def _execute(words: Sequence[str], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _folder(place)
    monkeypatch.chdir(place)
    given: list[str] = []
    for word in words:
        if word == ">":
            break
        given += sorted(map(str, Path().glob(word))) if "*" in word else [word]
    if given[:1] == ["accept"] and "--out" in given:
        Path(given[given.index("--out") + 1]).unlink(missing_ok=True)  # never overwritten
    # 1: the small result has failures, which some of the commands end with
    assert main(given) in {0, 1}


def _read_by_pytest(words: Sequence[str], config: pytest.Config) -> None:
    """Parse the options as pytest does, and look each name up that would be collected."""
    read = config._parser.parse(_without_those_of_a_plugin(words))
    for name in read.file_or_dir:
        path = name.split("::", maxsplit=1)[0]
        if "/" in path or path.endswith(".py") or (ROOT / path).is_dir():
            assert (ROOT / path).exists(), path
        elif read.pyargs:
            assert importlib.util.find_spec(path), path
        else:
            refuse_unknown(name)


def _without_those_of_a_plugin(words: Sequence[str]) -> list[str]:
    """Leave out the options that a plugin of the self-tests (``-p tests.…``) registers; its source has them."""
    left = list(words)
    if "-p" in left and (name := left[left.index("-p") + 1]).startswith("tests."):
        found = importlib.util.find_spec(name)
        assert found is not None, name
        assert found.origin is not None
        source = Path(found.origin).read_text(encoding="utf-8")
        for option in [w for w in left if OPTION.fullmatch(w) and f'"{w}"' in source]:
            del left[left.index(option) : left.index(option) + 2]
    return left


def _read_by_tox(words: Sequence[str], config: pytest.Config) -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    own, behind = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, ())
    names = [n for w, v in pairwise(own) if w == "-e" for n in v.split(",")]
    assert names
    for name in names:
        assert tox.has_section(f"testenv:{name}"), name
    if behind:
        _read_by_pytest(behind, config)


def _read_by_module(words: Sequence[str], config: pytest.Config) -> None:
    module, given = words[0], words[1:]
    if module == "pytest":
        _read_by_pytest(given, config)
        return
    if module in {*FOREIGN, "build"}:
        return
    spec = importlib.util.find_spec(module)
    if spec is not None and spec.submodule_search_locations:
        spec = importlib.util.find_spec(f"{module}.__main__")
    assert spec is not None, module
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    for option in filter(OPTION.fullmatch, given):
        assert f'"{option}"' in source, f"{module} has no {option}"


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_command(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    program, *words = command.words
    if program in {"uvx", "pipx"}:
        program, *words = words[words.index("ls-conformance") :]
    if program == "ls-conformance" and len(words) == 1:  # in a sentence
        with pytest.raises(SystemExit, match="0"):
            parser().parse_args([*words, "--help"])
    elif program == "ls-conformance" and words[0] in EXECUTED:
        _execute(words, tmp_path, monkeypatch)
    elif program == "ls-conformance" and words[0] != "run":
        parser().parse_args(words)  # sweep and drift ask a server, or PyPI
    elif program in {"pytest", "ls-conformance"}:
        _read_by_pytest(words[program == "ls-conformance" :], pytestconfig)
    elif program == "tox":
        _read_by_tox(words, pytestconfig)
    elif program.startswith("python"):
        assert words[0] == "-m"
        _read_by_module(words[1:], pytestconfig)
    elif program == "export":
        # a variable that nothing reads is refused as misspelt
        names = {w.partition("=")[0] for w in words}
        assert names <= {"LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"}
    else:
        assert program in FOREIGN, f"{program}: say here what is done with its commands"


def test_there_are_commands() -> None:
    assert {c.page for c in COMMANDS} >= {"README.md", "docs/first-verdict.md", "docs/your-server.md"}
    assert len(COMMANDS) > 50


def test_a_renamed_option_or_name_is_noticed(pytestconfig: pytest.Config) -> None:
    for words in (["--dept", "quick"], ["--depth", "fast"], ["LS-NOTHING-001"], ["conformance/nowhere"]):
        with pytest.raises((pytest.UsageError, AssertionError)):
            _read_by_pytest(words, pytestconfig)
    with pytest.raises(AssertionError):
        _read_by_tox(["-e", "nothing"], pytestconfig)
    with pytest.raises(AssertionError):
        _read_by_module(["tests.enterprise", "--prot", "1"], pytestconfig)
    with pytest.raises(SystemExit):
        parser().parse_args(["sweep", "--runid", "1"])


def test_settings_and_deviations_of_the_docs_can_be_read(tmp_path: Path) -> None:
    tables = [text for page in PAGES for text in blocks(page, "toml")]
    deviations = deviation_files()
    assert tables
    assert deviations
    for text in tables:
        assert tomllib.loads(text)
        (tmp_path / "target.toml").write_text(text, encoding="utf-8")
        resolve_settings({"target_file": str(tmp_path / "target.toml")}, {"LABEL_STUDIO_API_KEY": "k" * 40})
    for text in deviations:
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        assert read_deviation_file(tmp_path / "mine.yaml").deviations


def test_the_option_table_is_complete_and_true(pytestconfig: pytest.Config) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| option |") : text.index("| exit code |")]
    cells = [re.split(r"(?<!\\)\|", row)[1] for row in table.splitlines() if row.startswith("| `")]
    told = set(OPTION.findall("".join(cells)))
    groups = [g for g in pytestconfig._parser._groups if g.name == "conformance"]
    offered = {name for group in groups for option in group.options for name in option.names()}
    offered -= {"--ls-conformance"}  # for projects of others; told in a sentence
    assert told == offered
