"""Query parameters that lists have, sent to operations that have none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.steps import annotate, import_tasks, predict

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.showing import Show
    from conformance.wire import Wire

NOWHERE: Final = 2**31 - 1
INCLUDE: Final = "a field to include"
# As the contract has them for lists, and not for what reads or writes one object.
QUERIES: Final[dict[str, dict[str, Any]]] = {
    INCLUDE: {"include": "title"},
    "a project that does not exist": {"project": NOWHERE},
    "a project that is none": {"project": "none"},
    "a view that does not exist": {"view": NOWHERE},
}
# Who trims the answer to the fields that are to be included breaks its schema, which is told of any answer.
WITH_INCLUDE: Final = ("projects.create", "projects.update", "annotations.create", "annotations.update")


@dataclass(frozen=True, slots=True)
class Place:
    """A project with one task, which has one of everything."""

    title: str
    project: int
    task: int
    annotation: int
    prediction: int


Request = tuple[dict[str, Any], Any]
# operation -> path parameters and body, at a place
ASKED: Final[dict[str, Callable[[Place], Request]]] = {
    "projects.create": lambda p: ({}, {"title": p.title, "label_config": TEXT_CHOICES}),
    "projects.get": lambda p: ({"id": p.project}, None),
    "projects.update": lambda p: ({"id": p.project}, {"description": "changed"}),
    "tasks.create": lambda p: ({}, {"project": p.project, "data": {"text": "made"}}),
    "tasks.get": lambda p: ({"id": p.task}, None),
    "tasks.update": lambda p: ({"id": p.task}, {"meta": {"changed": True}}),
    "annotations.create": lambda p: ({"id": p.task}, {"result": [choice("Negative")]}),
    "annotations.get": lambda p: ({"id": p.annotation}, None),
    "annotations.update": lambda p: ({"id": p.annotation}, {"lead_time": 7.5}),
    "predictions.create": lambda p: ({}, {"task": p.task, "result": [choice("Negative")]}),
    "predictions.get": lambda p: ({"id": p.prediction}, None),
    "predictions.update": lambda p: ({"id": p.prediction}, {"score": 0.75}),
}


@pytest.fixture
def place(api: Wire, project: dict[str, Any], new_name: Callable[[str], str]) -> Place:
    """One of everything."""
    (task,) = import_tasks(api, project["id"], [{"text": "a"}])
    made = [annotate(api, task, choice("Positive"))["id"], predict(api, task, choice("Positive"))["id"]]
    return Place(new_name("with a query"), project["id"], task["id"], *made)


def counted(api: Wire, place: Place, kind: str) -> int:
    """How many there are of a kind that is made here."""
    if kind == "projects":
        return int(api.call("projects.list", query={"title": place.title, "page_size": 1}).json()["count"])
    if kind == "tasks":
        return int(api.call("tasks.list", query={"project": place.project}).json()["total"])
    return len(api.call("tasks.get", id=place.task).json()[kind])


@pytest.mark.requirement("LS-AGREE-044", "LS-AGREE-045")
@pytest.mark.parametrize("query", QUERIES)
def test_a_parameter_of_another_operation_breaks_nothing(api: Wire, show: Show, place: Place, query: str) -> None:
    for operation in WITH_INCLUDE if query == INCLUDE else ASKED:
        kind, deed = operation.split(".")
        parameters, body = ASKED[operation](place)
        before = counted(api, place, kind) if deed == "create" else 0
        sent = {"query": QUERIES[query], "expect": None, "deed": query, **({} if body is None else {"json": body})}
        answer = api.call(operation, **parameters, **sent)
        show(
            "LS-AGREE-044",
            not answer.server_error,
            expected="an answer as without it, or a 4xx",
            got=f"{answer.brief()}: {answer.text[:160]}",
            exchange=answer,
            signature=f"{operation}: {query}",
        )
        if deed == "create":
            made = counted(api, place, kind) - before
            show.equal(
                "LS-AGREE-045",
                expected=1 if answer.succeeded else 0,
                got=made,
                exchange=answer,
                signature=f"{operation}: {query}: HTTP {answer.status}, {made} created",
            )
