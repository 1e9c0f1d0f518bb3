"""Labelling configs of projects: what is taken, what is refused, and what depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.data.configs import TEXT_CHOICES, TEXT_LABELS, choice
from conformance.scenarios.steps import annotate, bring_in, predict

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

TEXT = '<Text name="text" value="$text"/>'
LABELS = '<Choices name="label" toName="text"><Choice value="A"/></Choices>'
BAD_XML = {
    "an open tag": f"<View>{TEXT}{LABELS}",
    "no XML at all": "label everything, please",
    "a bare ampersand": f'<View>{TEXT}<Choices name="label" toName="text"><Choice value="A & B"/></Choices></View>',
}
NO_TARGET = f'<View>{TEXT}<Choices name="label" toName="picture"><Choice value="A"/></Choices></View>'
NAMED_TWICE = f"<View>{TEXT}{LABELS}{LABELS}</View>"
REFUSED = [
    *(
        pytest.param(c, "LS-PROJECT-007", marks=pytest.mark.requirement("LS-PROJECT-007"), id=n)
        for n, c in BAD_XML.items()
    ),
    pytest.param(NO_TARGET, "LS-PROJECT-008", marks=pytest.mark.requirement("LS-PROJECT-008"), id="no such object tag"),
    pytest.param(NAMED_TWICE, "LS-PROJECT-009", marks=pytest.mark.requirement("LS-PROJECT-009"), id="a name twice"),
]


@pytest.mark.requirement("LS-PROJECT-010", "LS-PROJECT-011", "LS-PROJECT-014")
@pytest.mark.parametrize(("config", "requirement"), REFUSED)
def test_a_config_that_makes_no_sense_is_refused(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str], config: str, requirement: str
) -> None:
    title = new_name("refused")
    show.status(
        requirement, api.call("projects.create", json={"title": title, "label_config": config}, expect=None), *SENSELESS
    )
    listed = api.call("projects.list", query={"title": title})
    show.equal("LS-PROJECT-010", expected=0, got=listed.json()["count"], exchange=listed)

    api.call("projects.update", id=project["id"], json={"label_config": config}, expect=None)
    kept = api.call("projects.get", id=project["id"])
    show.equal("LS-PROJECT-011", expected=TEXT_CHOICES, got=kept.json()["label_config"], exchange=kept)

    told = api.call("projects.validate_label_config", id=project["id"], json={"label_config": config}, expect=None)
    show.status("LS-PROJECT-014", told, *SENSELESS)


@pytest.mark.requirement("LS-PROJECT-013", "LS-PROJECT-015")
def test_validation_takes_a_good_config_and_changes_nothing(api: Wire, show: Show, project: dict[str, Any]) -> None:
    told = api.call("projects.validate_label_config", id=project["id"], json={"label_config": TEXT_LABELS}, expect=None)
    show.status("LS-PROJECT-013", told, 200)
    kept = api.call("projects.get", id=project["id"])
    show.equal("LS-PROJECT-015", expected=TEXT_CHOICES, got=kept.json()["label_config"], exchange=kept)


@pytest.mark.requirement("LS-PROJECT-012")
def test_comments_in_a_config_mean_nothing(api: Wire, show: Show, new_project: NewProject) -> None:
    hidden = '<!-- <Image name="text" value="$image"/> <Choices name="label" toName="nothing"/> -->'
    project = new_project(label_config=f"<View>{hidden}{TEXT}{LABELS}</View>")
    taken = bring_in(api, project["id"], json=[{"text": "no image here"}], expect=None)
    parsed = api.call("projects.get", id=project["id"]).json()["parsed_label_config"]
    show.equal("LS-PROJECT-012", expected=[201, ["label"]], got=[taken.status, list(parsed)], exchange=taken)


@pytest.mark.requirement("LS-PROJECT-032")
def test_the_parsed_config_tells_what_the_tags_say(api: Wire, show: Show, project: dict[str, Any]) -> None:
    read = api.call("projects.get", id=project["id"])
    parsed = read.json()["parsed_label_config"]
    told = {name: {k: tag.get(k) for k in ("type", "to_name", "labels")} for name, tag in parsed.items()}
    expected = {"label": {"type": "Choices", "to_name": ["text"], "labels": ["Positive", "Negative"]}}
    show.equal("LS-PROJECT-032", expected=expected, got=told, exchange=read)


# what the parsed config says of each, one after the other: its control tags and their labels
FOLLOWED: tuple[tuple[str, dict[str, list[str]]], ...] = (
    (TEXT_LABELS, {"ner": ["PER", "ORG"]}),
    (f"<View>{TEXT}</View>", {}),
    (TEXT_CHOICES, {"label": ["Positive", "Negative"]}),
)


@pytest.mark.requirement("LS-PROJECT-056")
def test_what_is_read_off_the_config_follows_it(api: Wire, show: Show, project: dict[str, Any]) -> None:
    """Read before each update, so that a server that remembers what it read is seen to."""
    for config, labels in FOLLOWED:
        api.call("projects.get", id=project["id"])
        api.call("projects.list", query={"ids": project["id"]})
        api.call("projects.update", id=project["id"], json={"label_config": config})
        read = api.call("projects.get", id=project["id"])
        (listed,) = api.call("projects.list", query={"ids": project["id"]}).json()["results"]
        for way, told in (("project", read.json()), ("list", listed)):
            show.equal(
                "LS-PROJECT-056",
                expected={"labels": labels, "config_has_control_tags": bool(labels)},
                got={
                    "labels": {name: tag["labels"] for name, tag in told["parsed_label_config"].items()},
                    "config_has_control_tags": told["config_has_control_tags"],
                },
                exchange=read,
                signature=way,
            )


@pytest.mark.requirement("LS-PROJECT-016", "LS-PROJECT-017")
def test_what_annotations_use_stays_in_the_config(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    annotate(api, task, choice("Positive"))
    api_answer = api.call("projects.update", id=project["id"], json={"label_config": TEXT_LABELS}, expect=None)
    show.status("LS-PROJECT-016", api_answer, *SENSELESS)
    without = TEXT_CHOICES.replace('<Choice value="Positive"/>', "")
    told = api.call("projects.validate_label_config", id=project["id"], json={"label_config": without}, expect=None)
    show.status("LS-PROJECT-017", told, *SENSELESS)


@pytest.mark.requirement("LS-PROJECT-035")
def test_a_model_version_has_to_exist(api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]) -> None:
    predict(api, task, choice("Positive"), model_version="known")
    api.call("projects.update", id=project["id"], json={"model_version": "known"})
    answer = api.call("projects.update", id=project["id"], json={"model_version": "unheard of"}, expect=None)
    show.status("LS-PROJECT-035", answer, *SENSELESS)


@pytest.mark.requirement("LS-PROJECT-051")
def test_a_model_version_that_is_gone_is_none(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    made = predict(api, task, choice("Positive"), model_version="known")
    api.call("projects.update", id=project["id"], json={"model_version": "known"})
    api.call("predictions.delete", id=made["id"])
    api.call("projects.update", id=project["id"], json={"model_version": ""}, expect=None)
    answer = api.call("projects.update", id=project["id"], json={"model_version": "known"}, expect=None)
    show("LS-PROJECT-051", answer.rejected, expected="a 4xx", got=answer.brief(), exchange=answer)


@pytest.mark.requirement("LS-PROJECT-029")
def test_a_task_is_finished_when_it_has_all_its_annotations(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    task = imported(project, [{"data": {"text": "one annotation"}}])[0]
    annotate(api, task, choice("Positive"))
    for wanted, finished in ((2, False), (1, True)):
        api.call("projects.update", id=project["id"], json={"maximum_annotations": wanted})
        read = api.call("tasks.get", id=task["id"])
        show.equal("LS-PROJECT-029", expected=finished, got=read.json()["is_labeled"], exchange=read)


# what is changed of a config that annotations use → how
CHANGES = {
    "a label lost": ('<Choice value="Positive"/>', ""),
    "a label renamed": ('<Choice value="Positive"/>', '<Choice value="Affirmative"/>'),
    "the control renamed": ('name="label"', 'name="other"'),
    "a label more": ('<Choice value="Positive"/>', '<Choice value="Positive"/><Choice value="Neutral"/>'),
    "nothing": ("", ""),
}


@pytest.mark.requirement("LS-PROJECT-050", "LS-PROJECT-016")
def test_an_update_takes_what_its_validation_takes(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    annotate(api, task, choice("Positive"))
    for case, (old, new) in CHANGES.items():
        body = {"label_config": TEXT_CHOICES.replace(old, new, 1)}
        told = api.call("projects.validate_label_config", id=project["id"], json=body, expect=None)
        answer = api.call("projects.update", id=project["id"], json=body, expect=None)
        show(
            "LS-PROJECT-050",
            told.ok == answer.ok,
            expected=f"as its validation says: {told.brief()}",
            got=answer.brief(),
            exchange=answer,
            signature=case,
        )
        api.call("projects.update", id=project["id"], json={"label_config": TEXT_CHOICES}, expect=None)
    empty = api.call("projects.update", id=project["id"], json={"label_config": "<View></View>"}, expect=None)
    show(
        "LS-PROJECT-016", empty.rejected, expected="a 4xx", got=empty.brief(), exchange=empty, signature="no tag at all"
    )


# how a document of XML may begin
BEGINNINGS = {
    "a declaration": '<?xml version="1.0"?>\n',
    "a declaration with encoding": '<?xml version="1.0" encoding="UTF-8"?>\n',
    "a comment": "<!-- of the team -->\n",
}


@pytest.mark.requirement("LS-PROJECT-055")
@pytest.mark.parametrize("case", BEGINNINGS)
def test_a_config_begins_as_documents_do(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str], case: str
) -> None:
    body = {"label_config": BEGINNINGS[case] + TEXT_CHOICES}
    answers = [
        api.call("projects.create", json={"title": new_name("beginning"), **body}, expect=None, deed=case),
        api.call("projects.validate_label_config", id=project["id"], json=body, expect=None, deed=case),
        api.call("projects.update", id=project["id"], json=body, expect=None, deed=case),
    ]
    for answer in answers:
        show("LS-PROJECT-055", answer.ok, expected="a 2xx", got=answer.brief(), exchange=answer, signature=case)


# In the editor's own templates views are a handful deep; beyond that it is what a script makes.
DEEP = (30, 3000)


@pytest.mark.requirement("LS-PROJECT-070")
def test_a_config_of_any_depth_is_taken_or_refused(
    api: Wire, show: Show, project: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    for depth in DEEP:
        deep = f"{'<View>' * depth}{TEXT}{LABELS}{'</View>' * depth}"
        sent = {
            "projects.create": ({}, {"title": new_name("deep"), "label_config": deep}),
            "projects.validate_label_config": ({"id": project["id"]}, {"label_config": deep}),
            "projects.update": ({"id": project["id"]}, {"label_config": deep}),
        }
        for operation, (path, body) in sent.items():
            answer = api.call(operation, **path, json=body, expect=None, deed=f"{depth} views in each other")
            show(
                "LS-PROJECT-070",
                not answer.server_error,
                expected="a 2xx or a 4xx",
                got=answer.brief(),
                exchange=answer,
                signature=f"{operation}: {depth}",
            )
