"""Each format of a direct export, read back by a reader of its own and compared with what was annotated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios import readers
from conformance.scenarios.checks import show_read
from conformance.scenarios.data import configs
from conformance.scenarios.data.configs import box, choice, polygon, region, span
from conformance.scenarios.steps import annotate, export

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.peers import Peers
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

    Labelled = Callable[..., dict[str, Any]]

SIZE = (200, 100)
PICTURES = [{"image": f"https://images.invalid/{name}.jpg"} for name in ("one", "two")]
BOXES = (
    [box("Car", 10, 20, 30, 40, size=SIZE), box("Tree", 50, 50, 25, 25, size=SIZE, region_id="b2")],
    [box("Tree", 0, 0, 100, 100, size=SIZE)],
)
TRIANGLE = [polygon("Car", (10, 10), (50, 10), (50, 60), size=SIZE)]
SENTENCE = "Ada Lovelace works for Acme Corp in London."
SPANS = [span(SENTENCE, "Ada Lovelace", "PER"), span(SENTENCE, "Acme Corp", "ORG", region_id="s2")]
PAINTED = [[20 <= x < 80 and 20 <= y < 60 for x in range(200)] for y in range(100)]
BRUSH = [
    region(
        "brushlabels",
        {"format": "rle", "rle": readers.paint(PAINTED), "brushlabels": ["Car"]},
        source="mask",
        target="image",
        original_width=200,
        original_height=100,
        image_rotation=0,
    )
]
DOCUMENTED = (
    *("JSON", "JSON_MIN", "CSV", "TSV", "CONLL2003", "COCO", "COCO_WITH_IMAGES", "VOC", "YOLO", "YOLO_WITH_IMAGES"),
    *("YOLO_OBB", "YOLO_OBB_WITH_IMAGES", "BRUSH_TO_NUMPY", "BRUSH_TO_PNG", "BRUSH_TO_COCO", "ASR_MANIFEST"),
)
"""Export formats by the names that the documentation of Label Studio gives them."""
FITTING = {
    "CONLL2003": (configs.TEXT_LABELS, [{"text": SENTENCE}], SPANS),
    **dict.fromkeys(("BRUSH_TO_NUMPY", "BRUSH_TO_PNG", "BRUSH_TO_COCO"), (configs.IMAGE_BRUSH, PICTURES[:1], BRUSH)),
}
"""A project for each format that boxes do not fit."""
REVIEWS = [
    {"text": 'Commas, "quotes"\nand lines', "stars": 5},
    {"text": "Grüße, 世界 🌍", "stars": 1},
]


@pytest.fixture
def labelled(api: Wire, new_project: NewProject, imported: Imported) -> Labelled:
    """``labelled(config, data, *results)``: a project with tasks, each with one annotation."""

    def make(config: str, data: list[dict[str, Any]], *results: list[dict[str, Any]]) -> dict[str, Any]:
        project = new_project(label_config=config)
        tasks = imported(project, [{"data": one} for one in data])
        for task, result in zip(tasks, results, strict=False):
            annotate(api, task, *result, lead_time=1.5)
        return {**project, "tasks": tasks}

    return make


@pytest.mark.requirement("LS-EXPORT-004", "LS-EXPORT-005", "LS-EXPORT-006")
def test_choices_as_small_json_and_as_tables(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.TEXT_CHOICES, REVIEWS, [choice("Positive")], [choice("Negative")])
    ids, labels = [task["id"] for task in project["tasks"]], ["Positive", "Negative"]

    small = export(api, project["id"], "JSON_MIN")
    expected = [
        {**review, "id": number, "label": label, "lead_time": 1.5}
        for review, number, label in zip(REVIEWS, ids, labels, strict=True)
    ]
    got = [{key: row.get(key) for key in expected[0]} for row in sorted(small.json(), key=lambda row: row["id"])]
    show.equal("LS-EXPORT-004", expected=expected, got=got, exchange=small)

    cells = [
        (str(number), review["text"], str(review["stars"]), label)
        for number, review, label in zip(ids, REVIEWS, labels, strict=True)
    ]

    def rows(delimiter: str) -> Callable[[bytes], list[tuple[str, ...]]]:
        return lambda content: sorted(
            (row["id"], row["text"], row["stars"], row["label"])
            for row in readers.read_table(content, delimiter=delimiter)
        )

    show_read("LS-EXPORT-005", show, export(api, project["id"], "CSV"), rows(","), sorted(cells))
    show_read("LS-EXPORT-006", show, export(api, project["id"], "TSV"), rows("\t"), sorted(cells))


@pytest.mark.requirement("LS-EXPORT-040")
def test_the_id_in_a_table_is_the_tasks(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.TEXT_CHOICES, [{"text": "a", "id": "own"}], [choice("Positive")])
    expected = [str(task["id"]) for task in project["tasks"]]
    table = export(api, project["id"], "CSV")
    show_read("LS-EXPORT-040", show, table, lambda c: [row["id"] for row in readers.read_table(c)], expected)


@pytest.mark.requirement("LS-EXPORT-007", "LS-EXPORT-015")
def test_spans_as_tables_and_as_conll(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.TEXT_LABELS, [{"text": SENTENCE}], SPANS)
    show_read(
        "LS-EXPORT-007",
        show,
        export(api, project["id"], "CSV"),
        lambda content: [json.loads(row["ner"]) for row in readers.read_table(content)],
        [[one["value"] for one in SPANS]],
    )
    show_read(
        "LS-EXPORT-015",
        show,
        export(api, project["id"], "CONLL2003"),
        lambda content: [readers.spans_of(sentence) for sentence in readers.read_conll(content)],
        [[("PER", "Ada Lovelace"), ("ORG", "Acme Corp")]],
    )


@pytest.mark.requirement("LS-EXPORT-008", "LS-EXPORT-010", "LS-EXPORT-012", "LS-EXPORT-013")
def test_boxes_as_coco_yolo_and_voc(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.IMAGE_BOXES, PICTURES, *BOXES)
    show_read(
        "LS-EXPORT-008",
        show,
        export(api, project["id"], "COCO"),
        lambda content: [(o["file"][-7:], o["size"], o["label"], o["box"]) for o in readers.read_coco(content)],
        any_order(
            [
                ("one.jpg", SIZE, "Car", [20, 20, 60, 40]),
                ("one.jpg", SIZE, "Tree", [100, 50, 50, 25]),
                ("two.jpg", SIZE, "Tree", [0, 0, 200, 100]),
            ]
        ),
    )
    show_read(
        "LS-EXPORT-010",
        show,
        export(api, project["id"], "YOLO"),
        lambda content: {name[-3:]: objects for name, objects in readers.read_yolo(content).items()},
        {
            "one": [("Car", [0.25, 0.4, 0.3, 0.4]), ("Tree", [0.625, 0.625, 0.25, 0.25])],
            "two": [("Tree", [0.5, 0.5, 1, 1])],
        },
    )
    show_read(
        "LS-EXPORT-012",
        show,
        export(api, project["id"], "YOLO_OBB"),
        lambda content: {name[-3:]: objects[0] for name, objects in readers.read_yolo(content).items()},
        {
            "one": ("Car", [0.1, 0.2, 0.4, 0.2, 0.4, 0.6, 0.1, 0.6]),
            "two": ("Tree", [0, 0, 1, 0, 1, 1, 0, 1]),
        },
    )
    show_read(
        "LS-EXPORT-013",
        show,
        export(api, project["id"], "VOC"),
        readers.read_voc,
        {
            "one.jpg": {"size": (*SIZE, 3), "objects": [("Car", (20, 20, 80, 60)), ("Tree", (100, 50, 150, 75))]},
            "two.jpg": {"size": (*SIZE, 3), "objects": [("Tree", (0, 0, 200, 100))]},
        },
    )


@pytest.mark.requirement("LS-EXPORT-009", "LS-EXPORT-011", "LS-EXPORT-014")
def test_polygons_as_coco_yolo_and_voc(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.IMAGE_POLYGONS, PICTURES[:1], TRIANGLE)
    show_read(
        "LS-EXPORT-009",
        show,
        export(api, project["id"], "COCO"),
        lambda content: [(o["label"], o["outline"], o["box"], o["area"]) for o in readers.read_coco(content)],
        [("Car", [[20, 10, 100, 10, 100, 60]], [20, 10, 80, 50], 2000)],
    )
    show_read(
        "LS-EXPORT-011",
        show,
        export(api, project["id"], "YOLO"),
        lambda content: list(readers.read_yolo(content).values()),
        [[("Car", [0.1, 0.1, 0.5, 0.1, 0.5, 0.6])]],
    )
    show_read(
        "LS-EXPORT-014",
        show,
        export(api, project["id"], "VOC"),
        lambda content: [label for image in readers.read_voc(content).values() for label, _ in image["objects"]],
        ["Car"],
    )


@pytest.mark.requirement("LS-EXPORT-016", "LS-EXPORT-017", "LS-EXPORT-018")
def test_brush_masks_as_png_numpy_and_coco(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.IMAGE_BRUSH, PICTURES[:1], BRUSH)

    def painted(content: bytes) -> list[list[list[bool]]]:
        return [(mask > 0).tolist() for mask in readers.read_masks(content).values()]

    for requirement, name in (("LS-EXPORT-016", "BRUSH_TO_PNG"), ("LS-EXPORT-017", "BRUSH_TO_NUMPY")):
        show_read(requirement, show, export(api, project["id"], name), painted, [PAINTED])
    # outlines of pixels run through their middles or along their edges: a pixel more or less is no loss
    show_read(
        "LS-EXPORT-018",
        show,
        export(api, project["id"], "BRUSH_TO_COCO"),
        lambda content: {o["label"]: [round(edge, -1) for edge in o["box"]] for o in readers.read_coco(content)},
        {"Car": [20, 20, 60, 40]},
    )


@pytest.mark.requirement("LS-EXPORT-019")
def test_transcripts_as_a_manifest(api: Wire, show: Show, peers: Peers, labelled: Labelled) -> None:
    silence = b"\x00\x00" * 16000
    header = b"RIFF" + (36 + len(silence)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += b"\x01\x00\x01\x00" + (16000).to_bytes(4, "little") + (32000).to_bytes(4, "little") + b"\x02\x00\x10\x00"
    sound = peers.files.serve("one.wav", header + b"data" + len(silence).to_bytes(4, "little") + silence)
    said = region("textarea", {"text": ["hello world"]}, source="transcription", target="audio")
    project = labelled(configs.AUDIO_TRANSCRIPT, [{"audio": sound.url}], [said])
    show_read(
        "LS-EXPORT-019",
        show,
        export(api, project["id"], "ASR_MANIFEST"),
        lambda content: [(e["audio_filepath"][-4:], e["duration"], e["text"]) for e in readers.read_manifest(content)],
        [(".wav", 1.0, "hello world")],
    )


@pytest.mark.requirement("LS-EXPORT-042")
@pytest.mark.parametrize("name", ["COCO_WITH_IMAGES", "YOLO_WITH_IMAGES", "YOLO_OBB_WITH_IMAGES"])
def test_an_export_can_carry_its_images(api: Wire, show: Show, peers: Peers, labelled: Labelled, name: str) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"any bytes will do"
    url = peers.files.serve("picture.png", picture, content_type="image/png").url
    project = labelled(configs.IMAGE_BOXES, [{"image": url}], BOXES[0])
    show_read(
        "LS-EXPORT-042",
        show,
        export(api, project["id"], name),
        lambda content: [body for file, body in readers.unpack(content).items() if file.endswith("picture.png")],
        [picture],
    )


def show_no_other(api: Wire, show: Show, labelled: Labelled, project: dict[str, Any], listed: Exchange) -> None:
    """Show that no format is missing in a list of formats: of those that are, none gives a file of a project for it."""
    offered = {entry.get("name") for entry in listed.json()}
    for name in (name for name in DOCUMENTED if name not in offered):
        fitting = labelled(*FITTING[name]) if name in FITTING else project
        told = api.call("projects.exports.list_formats", id=fitting["id"]) if name in FITTING else listed
        answer = export(api, fitting["id"], name, expect=None)
        names = [entry.get("name") for entry in told.json()]
        show(
            "LS-EXPORT-001",
            name in names or not (answer.succeeded and answer.content),
            expected=f"{name} in the list: the project can be exported in it",
            got=names,
            exchange=told,
            signature="a format is not listed",
        )


@pytest.mark.requirement("LS-EXPORT-001", "LS-EXPORT-003")
def test_listed_formats_can_be_exported(api: Wire, show: Show, labelled: Labelled) -> None:
    project = labelled(configs.IMAGE_BOXES, PICTURES[:1], BOXES[0])
    listed = api.call("projects.exports.list_formats", id=project["id"])
    names = {entry.get("name"): bool(entry.get("disabled")) for entry in listed.json()}
    show(
        "LS-EXPORT-001",
        {"JSON", "CSV"} <= set(names) and None not in names,
        expected="formats with names, JSON and CSV among them",
        got=list(names),
        exchange=listed,
    )
    show_no_other(api, show, labelled, project, listed)
    for name in (name for name, disabled in names.items() if not disabled):
        answer = api.call("projects.exports.download_sync", id=project["id"], query={"export_type": name}, expect=None)
        show(
            "LS-EXPORT-003",
            answer.ok and len(answer.content) > 0,
            expected=f"a file of format {name}",
            got=answer.brief(),
            exchange=answer,
            signature=str(name),
        )


@pytest.mark.requirement("LS-EXPORT-224")
def test_formats_follow_the_config(api: Wire, show: Show, new_project: NewProject) -> None:
    def usable(project: int) -> tuple[Exchange, list[str]]:
        listed = api.call("projects.exports.list_formats", id=project)
        return listed, sorted(entry["name"] for entry in listed.json() if not entry.get("disabled"))

    project = new_project(label_config=configs.IMAGE_BOXES)["id"]
    _, before = usable(project)
    _, wanted = usable(new_project(label_config=configs.TEXT_LABELS)["id"])
    if before == wanted:
        show.not_measured("the same formats are usable for boxes and for spans of text")
    api.call("projects.update", id=project, json={"label_config": configs.TEXT_LABELS})
    listed, after = usable(project)
    show.equal(
        "LS-EXPORT-224",
        expected=wanted,
        got=after,
        exchange=listed,
        signature="the formats of another config",
    )
