"""What several test modules share stands in a module of its own."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("conformance", "tests", "benchmarks")


def imported(tree: ast.Module) -> list[str]:
    """The names of the modules that a module imports, at whatever depth."""
    found = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return found + [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]


def test_nobody_imports_a_test_module() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert modules
    wrong = {
        path.relative_to(ROOT).as_posix(): name
        for path in modules
        for name in imported(ast.parse(path.read_bytes()))
        if name.rpartition(".")[2].startswith("test_")
    }
    assert wrong == {}


def test_such_an_import_is_seen() -> None:
    assert imported(ast.parse("def f():\n    from a.test_b import C\nimport d.test_e")) == ["a.test_b", "d.test_e"]
