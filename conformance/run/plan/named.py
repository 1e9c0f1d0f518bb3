"""Chooses tests by the requirements and operations that a command line names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from conformance.contract import load_contract
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.rules import load_rules
from conformance.run.ours import PACKAGE, is_ours, is_there, names_ours
from conformance.run.plan.safety import operation_of, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHOSEN = "conformance_chosen"
"""Where the options keep the names: pytest-xdist hands them on to its workers."""
NEAR = 5


def settle_arguments(config: pytest.Config) -> None:
    """Take the names of requirements and operations out of what is to be collected; they choose among our tests.

    Raises:
        pytest.UsageError: a name that nothing has, with those that are near.
    """
    folder, pyargs = config.invocation_params.dir, config.option.pyargs
    if not getattr(config.option, CHOSEN, ()):
        names = [a for a in config.args if _is_name(a) and not is_there(a, folder, pyargs=pyargs)]
        for name in names:
            refuse_unknown(name)
        setattr(config.option, CHOSEN, tuple(names))
        config.args = [a for a in config.args if a not in names]
        if names and not any(names_ours(a, folder, pyargs=pyargs) for a in config.args):
            config.args.append(str(PACKAGE))
    asked = getattr(config.option, "ls_conformance", False)
    if asked and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(PACKAGE)]


def keep_chosen(items: list[pytest.Item], config: pytest.Config) -> None:
    """Leave out those tests of the suite that are about none of the names, as a selection by hand does."""
    chosen: tuple[str, ...] = getattr(config.option, CHOSEN, ())
    if not chosen:
        return
    ours = [item for item in items if is_ours(item)]
    kept = {item for name in chosen for item in about(name, ours)}
    left_out = [item for item in ours if item not in kept]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item in kept or not is_ours(item)]


def _is_name(argument: str) -> bool:
    return not any(part in argument for part in ("/", "\\", "::")) and not argument.endswith(".py")


def refuse_unknown(name: str) -> None:
    """Whoever misspells a name is told what is near.

    Raises:
        pytest.UsageError: it is neither a requirement, nor an operation, nor a rule of one.
    """
    operations, rules = load_contract().operations, load_rules().rules
    operation, hash_, rule = name.partition("#")
    if name in load_requirements() or (operation in operations and (not hash_ or rule in rules)):
        return
    known = [*load_requirements(), *operations]
    if operation in operations:
        known = [f"{operation}#{one}" for one in rules]
    near = difflib.get_close_matches(name, known, n=NEAR, cutoff=0.5) or [k for k in known if operation in k][:NEAR]
    meant = (
        f"Did you mean {', '.join(near)}?" if near else "ls-conformance explain tells of one; spec/README.md names all."
    )
    raise pytest.UsageError(f"{name}: no file, requirement (LS-EXPORT-020) or operation (projects.create). {meant}")


def about(name: str, items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """The tests that show a requirement, or ask something of an operation."""
    requirements = load_requirements()
    operation, _, rule = name.partition("#")
    if name in requirements:
        yield from (item for item in items if name in _claimed(item))
        return
    generated = [item for item in items if operation_of(item) == operation]
    bound = [item for item in generated if rule in rules_of(item)]
    # what the wire looks at in every response is bound to no test: all that send the operation show it
    yield from bound or generated
    if not rule:
        shown = {r.id for r in requirements.values() if operation in r.operations}
        yield from (item for item in items if shown & set(_claimed(item)))


def _claimed(item: pytest.Item) -> tuple[str, ...]:
    return tuple(str(i) for mark in item.iter_markers("requirement") for i in mark.args)
