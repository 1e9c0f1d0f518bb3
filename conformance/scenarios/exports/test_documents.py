"""Documents (DocLang) that people wrote into a text area, or that tasks brought along, exported as archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import region
from conformance.scenarios.readers import Unreadable, read_documents
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Wire

CONFIG = '<View><Text name="text" value="$text"/><TextArea name="page" toName="text"/></View>'
NAMESPACE = "https://www.doclang.ai/ns/v0"


def document(text: str, namespace: str = "") -> str:
    """A document with one paragraph, which has neither markup nor entities."""
    return f'<doclang xmlns="{namespace}"><p>{text}</p></doclang>' if namespace else f"<doclang><p>{text}</p></doclang>"


def page(*texts: str, region_id: str = "r1") -> dict[str, Any]:
    """What somebody wrote into the text area."""
    return region("textarea", {"text": list(texts)}, source="page", target="text", region_id=region_id)


def task(*annotations: dict[str, Any], **data: object) -> dict[str, Any]:
    """A task, with annotations."""
    return {"data": {"text": "a", **data}, "annotations": list(annotations)}


def documents(content: bytes) -> list[str] | str:
    """The documents in an export, or why it can't be read."""
    try:
        return read_documents(content)
    except Unreadable as problem:
        return str(problem)


ONE, TWO = {"result": [page(document("one"))]}, {"result": [page(document("two"))]}
SKIPPED = {"result": [page(document("skipped"))], "was_cancelled": True}
EACH: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "one annotation": ([task(ONE)], ["one"]),
    "two annotations of a task": ([task(ONE, TWO)], ["one", "two"]),
    "two tasks": ([task(ONE), task(TWO)], ["one", "two"]),
    "the same document twice": ([task(ONE), task(ONE)], ["one", "one"]),
    "a skipped annotation beside one": ([task(ONE, SKIPPED)], ["one"]),
    "a name space": ([task({"result": [page(document("one", NAMESPACE))]})], ["one"]),
    "letters of other scripts": ([task({"result": [page(document("Zażółć 你好"))]})], ["Zażółć 你好"]),
    "after a note": ([task({"result": [page("a note"), page("another", document("one"))]})], ["one"]),
}
BROUGHT = task({"result": [page("a note")]}, document=document("brought"))
SEVERAL: dict[str, list[dict[str, Any]]] = {
    "of two regions": [page(document("one")), page(document("two"), region_id="r2")],
    "of one region": [page(document("one"), document("two"))],
}


@pytest.mark.requirement("LS-EXPORT-041")
@pytest.mark.parametrize("case", EACH)
def test_documents_are_exported(api: Wire, show: Show, labelled: Labelled, case: str) -> None:
    tasks, expected = EACH[case]
    exchange = export(api, labelled(CONFIG, tasks), "DOCLANG")
    show.equal(
        "LS-EXPORT-041",
        expected=sorted(expected),
        got=documents(exchange.content),
        exchange=exchange,
        signature=case,
    )


@pytest.mark.requirement("LS-EXPORT-210")
@pytest.mark.parametrize("case", SEVERAL)
def test_every_document_of_an_annotation_is_exported(api: Wire, show: Show, labelled: Labelled, case: str) -> None:
    exchange = export(api, labelled(CONFIG, [task({"result": SEVERAL[case]})]), "DOCLANG")
    got = documents(exchange.content)
    show.equal("LS-EXPORT-210", expected=["one", "two"], got=got, exchange=exchange, signature=case)


@pytest.mark.requirement("LS-EXPORT-213")
def test_a_document_that_a_task_brought_is_exported(api: Wire, show: Show, labelled: Labelled) -> None:
    exchange = export(api, labelled(CONFIG, [BROUGHT]), "DOCLANG")
    show.equal("LS-EXPORT-213", expected=["brought"], got=documents(exchange.content), exchange=exchange)
