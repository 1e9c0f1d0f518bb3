"""Results of annotations come back exactly, whatever control tag they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.annotations.results import CONFIG, DATA, REGIONS
from conformance.scenarios.steps import annotate, predict

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire


@pytest.fixture
def subject(new_project: NewProject, imported: Imported) -> dict[str, Any]:
    """A task of a project without a labelling config: any result goes."""
    return imported(new_project(label_config="<View></View>"), [{"data": {"any": "thing"}}])[0]


def kept(api: Wire, subject: dict[str, Any], *regions: dict[str, Any]) -> list[dict[str, Any]]:
    """The result of an annotation with these regions, read back."""
    made = annotate(api, subject, *regions)
    result: list[dict[str, Any]] = api.call("annotations.get", id=made["id"]).json()["result"]
    return result


@pytest.mark.requirement("LS-ANNOTATION-001", "LS-ANNOTATION-031")
def test_results_of_every_control_tag_come_back_exactly(
    api: Wire, show: Show, new_project: NewProject, imported: Imported
) -> None:
    (task,) = imported(new_project(label_config=CONFIG), [{"data": DATA}])
    for name, sent in REGIONS.items():
        show.equal("LS-ANNOTATION-001", expected=[sent], got=kept(api, task, sent), signature=name)
    everything = [{**region, "id": f"r{n}"} for n, region in enumerate(REGIONS.values())]
    guess = predict(api, task, *everything)
    got = api.call("predictions.get", id=guess["id"]).json()["result"]
    for sent, came in zip(everything, got, strict=False):
        show.equal("LS-ANNOTATION-031", expected=sent, got=came, signature=str(sent["type"]))
    show.equal("LS-ANNOTATION-031", expected=len(everything), got=len(got))


@pytest.mark.requirement("LS-ANNOTATION-002", "LS-ANNOTATION-003", "LS-ANNOTATION-004")
def test_results_are_kept_whole(api: Wire, show: Show, subject: dict[str, Any]) -> None:
    many = [{**region, "id": f"r{n}"} for n, region in enumerate(REGIONS.values())] * 5
    show.equal("LS-ANNOTATION-002", expected=many, got=kept(api, subject, *many))

    odd = {**REGIONS["Choices"], "meta": {"text": ["a note"]}, "score": 0.5, "hidden": True, "x-own": {"a": [None]}}
    show.equal("LS-ANNOTATION-003", expected=[odd], got=kept(api, subject, odd))

    pair = [{**REGIONS["Rectangle"], "id": "a"}, {**REGIONS["Rectangle"], "id": "b"}]
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": ["is part of"]}
    show.equal("LS-ANNOTATION-004", expected=[*pair, relation], got=kept(api, subject, *pair, relation))
