"""Spans as CoNLL, and transcripts as a manifest: overlapping, several, of several controls, beside odd characters."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios import readers
from conformance.scenarios.checks import show_each
from conformance.scenarios.data.configs import TEXT_LABELS, region, span
from conformance.scenarios.readers import Unreadable
from conformance.scenarios.steps import export

if TYPE_CHECKING:
    from conformance.peers import Peers
    from conformance.scenarios.exports.conftest import Labelled
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

ADA = "Ada Lovelace works for Acme Corp in London."
ODD = 'Dr. "Smith" (Bonn) paid 5,000 € to Böse GmbH\n\nin   two\tlines 🌍 Zoë.'
Part = tuple[str, str]
# requirement, text, spans (label and part), and what has to be found of them
CASES: dict[str, tuple[str, str, list[Part], list[Part]]] = {
    "side by side": ("LS-EXPORT-190", ADA, [("PER", "Ada"), ("PER", "Lovelace")], [("PER", "Lovelace")]),
    "out of order": ("LS-EXPORT-190", ADA, [("ORG", "London"), ("PER", "Ada")], [("PER", "Ada"), ("ORG", "London")]),
    "with the blank behind": ("LS-EXPORT-190", ADA, [("PER", "Ada ")], [("PER", "Ada")]),
    "beside quotes": ("LS-EXPORT-190", ODD, [("PER", "Smith"), ("ORG", "Bonn")], [("PER", "Smith"), ("ORG", "Bonn")]),
    "over line ends": ("LS-EXPORT-190", ODD, [("ORG", "GmbH\n\nin")], [("ORG", "GmbH in")]),
    "over a tab": ("LS-EXPORT-190", ODD, [("PER", "two\tlines")], [("PER", "two lines")]),
    "after an emoji": ("LS-EXPORT-190", ODD, [("PER", "Zoë")], [("PER", "Zoë")]),
    "in a text without blanks": ("LS-EXPORT-190", "今天天气很好我们去公园", [("PER", "天气")], [("PER", "天气")]),
    "one in another": (
        "LS-EXPORT-191",
        ADA,
        [("PER", "Ada Lovelace works"), ("ORG", "Lovelace")],
        [("ORG", "Lovelace")],
    ),
}


def spans(text: str, parts: list[Part]) -> list[dict[str, Any]]:
    """Regions of these parts."""
    return [span(text, part, label, region_id=part) for label, part in parts]


TWO_CONTROLS = """<View><Text name="text" value="$text"/>
<Labels name="ner" toName="text"><Label value="PER"/></Labels>
<Labels name="more" toName="text"><Label value="ORG"/></Labels></View>"""
BLANK = TEXT_LABELS.replace('"ORG"', '"Big Corp"')


def told_by_first_word(answer: Exchange) -> dict[str, list[Part]]:
    """The spans of each sentence, by its first word; none if the export can't be read."""
    try:
        return {sentence[0][0]: readers.spans_of(sentence) for sentence in readers.read_conll(answer.content)}
    except Unreadable:
        return {}


def told(answer: Exchange) -> list[Any]:
    """The spans of all sentences."""
    try:
        return [found for sentence in readers.read_conll(answer.content) for found in readers.spans_of(sentence)]
    except Unreadable as problem:
        return [("unreadable", str(problem))]


def text_task(text: str, *results: list[dict[str, Any]]) -> dict[str, Any]:
    """A text, with an annotation for each result."""
    return {"data": {"text": text}, "annotations": [{"result": one, "ground_truth": False} for one in results]}


@pytest.mark.requirement(
    "LS-EXPORT-190", "LS-EXPORT-191", "LS-EXPORT-192", "LS-EXPORT-193", "LS-EXPORT-194", "LS-EXPORT-195"
)
def test_spans_as_conll(api: Wire, show: Show, labelled: Labelled) -> None:
    # each text begins with a word of its own: nobody promised an order of tasks
    texts = {case: f"{case.title().replace(' ', '')} {text}" for case, (_, text, _, _) in CASES.items()}
    tasks = [text_task(texts[case], spans(texts[case], parts)) for case, (_, _, parts, _) in CASES.items()]
    answer = export(api, labelled(TEXT_LABELS, tasks), "CONLL2003", expect=None)
    sentences = told_by_first_word(answer)
    cases: dict[str, dict[str, tuple[object, object]]] = {}
    for case, (requirement, _, _, expected) in CASES.items():
        found = sentences.get(texts[case].partition(" ")[0], [])
        cases.setdefault(requirement, {})[case] = (expected, found)
    for requirement, outcomes in cases.items():
        show_each(requirement, show, answer, outcomes, agree=_in_there)
    london = span(ADA, "London", "PER")
    twice = {**london, "value": {**london["value"], "labels": ["PER", "ORG"]}}
    answer = export(api, labelled(TEXT_LABELS, [text_task(ADA, [twice])]), "CONLL2003", expect=None)
    both_labels = [("ORG", "London"), ("PER", "London")]
    show.equal("LS-EXPORT-192", expected=both_labels, got=sorted(told(answer)), exchange=answer)

    both = [span(ADA, "Ada", "PER"), {**span(ADA, "London", "ORG", region_id="b"), "from_name": "more"}]
    answer = export(api, labelled(TWO_CONTROLS, [text_task(ADA, both)]), "CONLL2003", expect=None)
    show.equal("LS-EXPORT-193", expected=[("PER", "Ada"), ("ORG", "London")], got=told(answer), exchange=answer)
    answer = export(
        api, labelled(BLANK, [text_task(ADA, [span(ADA, "Acme Corp", "Big Corp")])]), "CONLL2003", expect=None
    )
    columns = told(answer)
    readable = "unreadable" not in {label for label, _ in columns}
    show("LS-EXPORT-194", readable, expected="four columns", got=columns, exchange=answer)
    several = text_task(ADA, [span(ADA, "Ada", "PER")], [span(ADA, "London", "ORG")])
    answer = export(api, labelled(TEXT_LABELS, [several]), "CONLL2003", expect=None)
    show.equal("LS-EXPORT-195", expected=[("ORG", "London"), ("PER", "Ada")], got=sorted(told(answer)), exchange=answer)


def _in_there(wanted: list[Part], got: list[Part]) -> bool:
    """Return whether all are found, in their order, whatever else is."""
    return [part for part in got if part in wanted] == wanted


SOUND = """<View><Audio name="audio" value="$audio"/><TextArea name="said" toName="audio" perRegion="true"/>
<Labels name="who" toName="audio"><Label value="A"/></Labels></View>"""


def wave(seconds: float) -> bytes:
    """Silence, 8 kHz, 16 bits."""
    frames = b"\x00\x00" * int(8000 * seconds)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(frames))
        + b"WAVE"
        + form
        + b"data"
        + struct.pack("<I", len(frames))
        + frames
    )


@pytest.mark.requirement("LS-EXPORT-196", "LS-EXPORT-197", "LS-EXPORT-198", "LS-EXPORT-199")
def test_transcripts_as_a_manifest(api: Wire, show: Show, peers: Peers, labelled: Labelled) -> None:
    def said(*texts: str, start: float = 0) -> dict[str, Any]:
        value = {"start": start, "end": start + 0.25, "channel": 0, "text": list(texts)}
        return region("textarea", value, source="said", target="audio", region_id=f"r{start}")

    files = {"one/same.wav": 0.5, "two/same.wav": 1.234625}
    urls = {name: peers.files.serve(name, wave(seconds)).url for name, seconds in files.items()}
    heard = {
        urls["one/same.wav"]: [[said("Grüße, 世界", "again"), said("later", start=0.25)]],
        urls["two/same.wav"]: [[said("second file")], [said("second person")]],
        "http://sounds.invalid/gone.wav": [[said("of a lost sound")]],
    }
    tasks = [
        {"data": {"audio": url}, "annotations": [{"result": result, "ground_truth": False} for result in results]}
        for url, results in heard.items()
    ]
    answer = export(api, labelled(SOUND, tasks), "ASR_MANIFEST", expect=None)
    try:
        entries = readers.read_manifest(answer.content)
        names = list(readers.unpack(answer.content))
    except Unreadable as problem:
        entries, names = [{"text": f"unreadable: {problem}", "duration": 0, "audio_filepath": ""}], []
    texts = {entry["text"]: entry for entry in entries}
    missing = {
        text: (True, any(text in held for held in texts)) for text in ("Grüße, 世界", "second file", "second person")
    }
    show_each("LS-EXPORT-196", show, answer, missing)
    more = {text: (True, any(text in held for held in texts)) for text in ("again", "later")}
    show_each("LS-EXPORT-197", show, answer, more)
    lengths = {"Grüße, 世界": 0.5, "second file": 1.234625}
    right = {text: (seconds, texts.get(text, {}).get("duration")) for text, seconds in lengths.items()}
    show_each("LS-EXPORT-198", show, answer, right)
    lost = [entry["audio_filepath"] for entry in entries if entry["audio_filepath"] not in names]
    show.equal(
        "LS-EXPORT-199", expected=[[], True], got=[lost, any("lost sound" in held for held in texts)], exchange=answer
    )
