"""Controls that are repeated for each item of a list, whatever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import region
from conformance.scenarios.readers import Unreadable, read_table
from conformance.scenarios.steps import annotate, export, import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# names of the two controls of each item, with {{n}} for its number; {{idx}} is what a Repeater has of itself
NAMED: dict[str, tuple[str, str]] = {
    "letters": ("ripe_{{n}}", "sweet_{{n}}"),
    "one begins like the other": ("ripe_{{n}}", "ripe_{{n}}_again"),
    "brackets": ("ripe ({{n}})", "sweet ({{n}})"),
    "square brackets": ("ripe[{{n}}]", "sweet[{{n}}]"),
    "a plus": ("ripe+{{n}}", "sweet+{{n}}"),
    "a question": ("ripe? {{n}}", "sweet? {{n}}"),
    "no indexFlag": ("ripe_{{idx}}", "sweet_{{idx}}"),
}
DATA = {"pears": ["first", "second"]}


def config(first: str, second: str) -> str:
    """Two choices for each pear."""
    one = f'<Choices name="{first}" toName="pear_{{{{n}}}}"><Choice value="Yes"/></Choices>'
    other = f'<Choices name="{second}" toName="pear_{{{{n}}}}"><Choice value="No"/></Choices>'
    pear = '<Text name="pear_{{n}}" value="$pears[{{n}}]"/>'
    made = f'<View><Repeater on="$pears" indexFlag="{{{{n}}}}">{pear}{one}{other}</Repeater></View>'
    return made.replace(' indexFlag="{{n}}"', "").replace("{{n}}", "{{idx}}") if "{{idx}}" in first else made


def only_row(answer: Exchange, kind: str) -> dict[str, Any] | str:
    """The only row of an export, or why there is none."""
    try:
        found: list[dict[str, Any]] = answer.json() if kind == "JSON_MIN" else read_table(answer.content)
    except Unreadable as problem:
        return str(problem)
    return found[0] if len(found) == 1 else f"{len(found)} rows"


@pytest.mark.requirement("LS-EXPORT-211", "LS-PROJECT-074")
@pytest.mark.parametrize("case", NAMED)
def test_values_of_repeated_controls_are_exported(api: Wire, show: Show, new_project: NewProject, case: str) -> None:
    label_config = config(*NAMED[case])
    project = new_project(label_config=label_config)["id"]
    (task,) = import_tasks(api, project, [{"data": DATA}])
    values = {
        name.replace("{{n}}", str(n)).replace("{{idx}}", str(n)): (value, f"pear_{n}")
        for n in range(len(DATA["pears"]))
        for name, value in zip(NAMED[case], ("Yes", "No"), strict=True)
    }
    result: list[dict[str, Any]] = [
        region("choices", [value], source=name, target=pear, region_id=f"r{n}")
        for n, (name, (value, pear)) in enumerate(values.items())
    ]
    annotate(api, task, *result)
    expected = {name: value for name, (value, _) in values.items()}
    rows: dict[str, tuple[Any, Any]] = {}
    for kind in ("JSON_MIN", "CSV"):
        answer = export(api, project, kind)
        told = only_row(answer, kind)
        rows[kind] = answer, {name: told.get(name, "nothing") for name in expected} if isinstance(told, dict) else told
    for kind, (answer, got) in rows.items():
        show.equal("LS-EXPORT-211", expected=expected, got=got, exchange=answer, signature=f"{case}: {kind}")
    body = {"label_config": label_config}
    valid = api.call("projects.validate_label_config", id=project, json=body, expect=None)
    got = f"{valid.brief()}: {valid.text[:300]}"
    show("LS-PROJECT-074", valid.ok, expected="a 2xx", got=got, exchange=valid, signature=case)
