"""What a labelling config may lose: nothing that an annotation uses, whichever way annotations came and went."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.annotations.results import CONFIG, DATA, REGIONS
from conformance.scenarios.checks import SENSELESS
from conformance.scenarios.data.configs import TEXT_CHOICES, choice, region
from conformance.scenarios.steps import act, annotate, import_tasks, predict

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

DRAWN = choice("Positive")
WITHOUT = TEXT_CHOICES.replace('<Choice value="Positive"/>', "")
SAID = '<TextArea name="said" toName="text"/>'
BOTH = TEXT_CHOICES.replace("</View>", f"{SAID}</View>")
BARE = '<View><Text name="text" value="$text"/></View>'
# the control that is taken away → what is annotated with it, and the config without it
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "choices": (DRAWN, BARE.replace("</View>", f"{SAID}</View>")),
    "a text area": (region("textarea", {"text": ["a"]}, source="said", target="text"), TEXT_CHOICES),
    "every control": (DRAWN, BARE),
}


class Place:
    """A project with two tasks, and what can be done in it."""

    def __init__(self, api: Wire, project: int) -> None:
        self.api, self.project = api, project
        self.task, self.other = import_tasks(api, project, [{"text": "a"}, {"text": "a"}])

    def annotated(self) -> dict[str, Any]:
        """Annotate the task."""
        return annotate(self.api, self.task, DRAWN)

    def beside_another(self) -> None:
        """Annotate, for the first time in the project, with the label and then with another one."""
        annotate(self.api, self.task, DRAWN, choice("Negative", region_id="c2"))

    def act(self, action: str, *tasks: dict[str, Any]) -> None:
        """Take an action on some tasks."""
        act(self.api, action, self.project, *(task["id"] for task in tasks))

    def imported(self) -> None:
        """Import a task that is annotated."""
        import_tasks(self.api, self.project, [{"data": {"text": "b"}, "annotations": [{"result": [DRAWN]}]}])

    def predicted(self) -> None:
        """Make an annotation of a prediction."""
        predict(self.api, self.task, DRAWN)
        self.act("predictions_to_annotations", self.task)

    def one_of_two(self) -> None:
        """Annotate twice, and delete one."""
        first, _ = self.annotated(), self.annotated()
        self.api.call("annotations.delete", id=first["id"])

    def brought_together(self) -> None:
        """Annotate both of two tasks that are equal, and remove duplicates."""
        self.annotated()
        annotate(self.api, self.other, DRAWN)
        self.act("remove_duplicates", self.task, self.other)

    def changed(self) -> None:
        """Annotate, and change that so that the label is not used."""
        self.api.call("annotations.update", id=self.annotated()["id"], json={"result": [choice("Negative")]})

    def deleted(self) -> None:
        """Annotate, and delete the annotations by an action."""
        self.annotated()
        self.act("delete_tasks_annotations", self.task)

    def deleted_alone(self) -> None:
        """Annotate, and delete that annotation."""
        self.api.call("annotations.delete", id=self.annotated()["id"])

    def task_deleted(self) -> None:
        """Annotate, and delete the task."""
        self.annotated()
        self.api.call("tasks.delete", id=self.task["id"])

    def all_deleted(self) -> None:
        """Annotate, and delete all tasks."""
        self.annotated()
        self.api.call("tasks.delete_all_tasks", id=self.project)


USED: dict[str, Callable[[Place], object]] = {
    "made": Place.annotated,
    "made beside another": Place.beside_another,
    "imported": Place.imported,
    "made of a prediction": Place.predicted,
    "one of two deleted": Place.one_of_two,
    "duplicates removed": Place.brought_together,
}
UNUSED: dict[str, Callable[[Place], object]] = {
    "changed": Place.changed,
    "deleted by an action": Place.deleted,
    "deleted alone": Place.deleted_alone,
    "its task deleted": Place.task_deleted,
    "all tasks deleted": Place.all_deleted,
}


def validated(api: Wire, project: int) -> Exchange:
    """What the validation says of the config without the label."""
    return api.call("projects.validate_label_config", id=project, json={"label_config": WITHOUT}, expect=None)


@pytest.mark.requirement("LS-PROJECT-052")
def test_a_label_in_use_stays(api: Wire, show: Show, new_project: NewProject) -> None:
    for way, do in USED.items():
        place = Place(api, new_project()["id"])
        do(place)
        told = validated(api, place.project)
        show(
            "LS-PROJECT-052",
            told.status in SENSELESS,
            expected="400 or 422",
            got=told.brief(),
            exchange=told,
            signature=way,
        )


@pytest.mark.requirement("LS-PROJECT-079")
def test_a_control_in_use_stays(api: Wire, show: Show, new_project: NewProject) -> None:
    for case, (drawn, config) in LOST.items():
        project = new_project(label_config=BOTH)["id"]
        annotate(api, import_tasks(api, project, [{"text": "a"}])[0], drawn)
        body = {"label_config": config}
        kept = api.call("projects.validate_label_config", id=project, json={"label_config": BOTH}, expect=None)
        if not kept.ok:
            show.not_measured(f"a config with all of its controls is not valid, either: {kept.brief()}")
        told = api.call("projects.validate_label_config", id=project, json=body, expect=None)
        show("LS-PROJECT-079", told.rejected, expected="a 4xx", got=told.brief(), exchange=told, signature=case)


@pytest.mark.requirement("LS-PROJECT-080", "LS-PROJECT-082")
def test_predictions_that_are_hidden_keep_their_version(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    predict(api, task, DRAWN, model_version="known")
    chosen = api.call("projects.update", id=project["id"], json={"model_version": "known"})
    if chosen.json()["model_version"] != "known":
        show.not_measured("the project was not set to the version")
    hidden = api.call("projects.update", id=project["id"], json={"show_collab_predictions": False})
    got = api.call("projects.get", id=project["id"]).json()["model_version"]
    show.equal("LS-PROJECT-080", expected="known", got=got, exchange=hidden)
    api.call("projects.update", id=project["id"], json={"model_version": "known"})
    none = api.call("projects.update", id=project["id"], json={"model_version": None}, expect=None)
    left = none.json().get("model_version") if none.ok else none.brief()
    show("LS-PROJECT-082", left in {None, ""}, expected="no model version", got=left, exchange=none)


@pytest.mark.requirement("LS-PROJECT-053")
def test_a_label_that_is_not_used_any_more_may_go(api: Wire, show: Show, new_project: NewProject) -> None:
    for way, do in UNUSED.items():
        place = Place(api, new_project()["id"])
        if do is not Place.all_deleted:  # what is left uses another label
            annotate(api, place.other, choice("Negative"))
        do(place)
        told = validated(api, place.project)
        show("LS-PROJECT-053", told.ok, expected="a 2xx", got=told.brief(), exchange=told, signature=way)


@pytest.mark.requirement("LS-PROJECT-068")
def test_a_config_in_use_is_valid(api: Wire, show: Show, new_project: NewProject) -> None:
    """Whatever control the annotations are of."""
    project = new_project(label_config=CONFIG)["id"]
    (task,) = import_tasks(api, project, [{"data": DATA}])
    annotate(api, task, *({**region, "id": f"r{n}"} for n, region in enumerate(REGIONS.values())))
    told = api.call("projects.validate_label_config", id=project, json={"label_config": CONFIG}, expect=None)
    show("LS-PROJECT-068", told.ok, expected="a 2xx", got=f"{told.brief()}: {told.text[:300]}", exchange=told)


@pytest.mark.requirement("LS-PROJECT-069")
def test_the_password_of_the_data_is_shown_to_nobody(api: Wire, show: Show, new_project: NewProject) -> None:
    password = f"hidden-{secrets.token_hex(8)}"
    project = new_project(task_data_login="reader", task_data_password=password)["id"]
    for answer in (api.call("projects.get", id=project), api.call("projects.list", query={"ids": str(project)})):
        got = "the password" if password in answer.text else "no password"
        show.equal("LS-PROJECT-069", expected="no password", got=got, exchange=answer, signature="shown")


# where a task has the labels that a control offers: in a field of its data, or in a part of one
OFFERED: dict[str, tuple[str, dict[str, Any]]] = {
    "a field": ("$options", {"options": [{"value": "Ripe"}]}),
    "a name with a digit": ("$options2", {"options2": [{"value": "Ripe"}]}),
    "a name with underscores and a digit": ("$answer_options_1", {"answer_options_1": [{"value": "Ripe"}]}),
    "a name in another script": ("$größen", {"größen": [{"value": "Ripe"}]}),
    "a name with a hyphen": ("$answer-options", {"answer-options": [{"value": "Ripe"}]}),
    "a part of an object": ("$question.options", {"question": {"options": [{"value": "Ripe"}]}}),
    "a part of a list": ("$questions[0].options", {"questions": [{"options": [{"value": "Ripe"}]}]}),
}
# controls that take their labels from the data, with an answer that has one of these labels
TAKING: dict[str, tuple[str, dict[str, Any]]] = {
    "Choices": ("choices", {"choices": ["Ripe"]}),
    "Labels": ("labels", {"start": 0, "end": 4, "text": "Pear", "labels": ["Ripe"]}),
    "Taxonomy": ("taxonomy", {"taxonomy": [["Ripe"]]}),
}


@pytest.mark.requirement("LS-PROJECT-071")
@pytest.mark.parametrize("control", TAKING)
@pytest.mark.parametrize("place", OFFERED)
def test_a_config_with_labels_from_the_data_stays_valid(
    api: Wire, show: Show, new_project: NewProject, control: str, place: str
) -> None:
    """The config that the project has, and the same with a heading."""
    (name, data), (kind, value) = OFFERED[place], TAKING[control]
    tag = f'<{control} name="label" toName="text" value="{name}"/>'
    config = f'<View><Text name="text" value="$text"/>{tag}</View>'
    project = new_project(label_config=config)["id"]
    (task,) = import_tasks(api, project, [{"data": {"text": "Pear", **data}}])
    annotate(api, task, region(kind, value, source="label", target="text"))
    for body in (config, config.replace(tag, f'<Header value="Fruit"/>{tag}')):
        told = api.call("projects.validate_label_config", id=project, json={"label_config": body}, expect=None)
        show(
            "LS-PROJECT-071",
            told.ok,
            expected="a 2xx",
            got=f"{told.brief()}: {told.text[:300]}",
            exchange=told,
            signature=place,
        )
