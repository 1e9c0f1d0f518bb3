"""Configs in use whose controls have names that mean something to a regular expression."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import pytest

from conformance.scenarios.data.configs import region
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

# what is odd about it, and the names of the controls; annotated is with the last
NAMED: dict[str, tuple[str, ...]] = {
    "a question": ("Is it ripe?",),
    "brackets": ("ripeness (1-5)",),
    "a plus": ("sweet+sour",),
    "a bar": ("apple|pear",),
    "a backslash": (r"\d",),
    "a letter of another script": ("größe",),
    "an opening bracket": ("ripe (or not",),
    "a closing bracket": ("1) ripe",),
    "an opening square bracket": ("[ripe",),
    "a star before it": ("* ripe",),
    "a question mark alone": ("?",),
    "beside one with a dot": ("ripe.pear", "ripe-pear"),
    "beside one with a star": ("ripe*", "ripeeee"),
    "beside one that matches all": (".*", "ripe"),
}


def config(names: tuple[str, ...], *labels: str) -> str:
    """A text with one control for each name; the last one offers these labels, the others one of their own."""
    offered = [("Other",)] * (len(names) - 1) + [labels]
    controls = "".join(
        f'<Choices name={quoteattr(name)} toName="text">'
        + "".join(f"<Choice value={quoteattr(label)}/>" for label in choices)
        + "</Choices>"
        for name, choices in zip(names, offered, strict=True)
    )
    return f'<View><Text name="text" value="$text"/>{controls}</View>'


def validated(api: Wire, project: int, label_config: str, deed: str) -> Exchange:
    """What the validation says of a config."""
    body = {"label_config": label_config}
    return api.call("projects.validate_label_config", id=project, json=body, expect=None, deed=deed)


@pytest.mark.requirement("LS-PROJECT-072", "LS-PROJECT-073")
@pytest.mark.parametrize("case", NAMED)
def test_a_config_can_be_changed_whatever_its_controls_are_called(
    api: Wire, show: Show, new_project: NewProject, case: str
) -> None:
    """Its own config is valid, a label more can be added, and the label that is used can't be left out."""
    names = NAMED[case]
    project = new_project(label_config=config(names, "Yes", "No"))["id"]
    (task,) = import_tasks(api, project, [{"data": {"text": "Pear"}}])
    annotate(api, task, region("choices", ["Yes"], source=names[-1], target="text"))
    deed = "a config in use, whose controls have odd names"
    more = {"label_config": config(names, "Yes", "No", "Perhaps")}
    answers = {
        "validated as it is": validated(api, project, config(names, "Yes", "No"), deed),
        "updated with a label more": api.call("projects.update", id=project, json=more, expect=None, deed=deed),
    }
    refused = [f"{name}: {answer.brief()}" for name, answer in answers.items() if not answer.ok]
    shown = next((answer for answer in answers.values() if not answer.ok), answers["validated as it is"])
    got = "; ".join(refused) or "both accepted"
    show.equal("LS-PROJECT-072", expected="both accepted", got=got, exchange=shown, signature=case)
    without = validated(api, project, config(names, "No"), deed)
    show(
        "LS-PROJECT-073",
        without.rejected,
        expected="a 4xx",
        got=without.brief(),
        exchange=without,
        signature=case,
    )
