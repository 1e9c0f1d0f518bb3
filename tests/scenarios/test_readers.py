"""The readers of exports read what is right and find what is wrong."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from conformance.scenarios import readers
from conformance.scenarios.readers.page import runs_in, runs_scripts

if TYPE_CHECKING:
    from collections.abc import Callable

COCO: dict[str, Any] = {
    "images": [{"id": 0, "file_name": "one.jpg", "width": 200, "height": 100}],
    "categories": [{"id": 7, "name": "Car"}],
    "annotations": [{"id": 0, "image_id": 0, "category_id": 7, "bbox": [1, 2, 3, 4], "area": 12, "segmentation": []}],
}
VOC = (
    "<annotation><filename>one.jpg</filename><size><width>20</width><height>10</height><depth>3</depth></size>"
    "<object><name>Car</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    "</annotation>"
)
ENTITY = '<!DOCTYPE annotation [<!ENTITY name "one.jpg">]>' + VOC.replace("one.jpg", "&name;")
CONLL = "-DOCSTART- -X- O\nAda -X- _ B-PER\nLovelace -X- _ I-PER\nleft -X- _ O\n\nBye -X- _ O\n"
ENTRY = {"audio_filepath": "a.wav", "duration": 1.5, "text": "hello"}


def zipped(**files: str | bytes) -> bytes:
    """A ZIP of files; `__` stands for a slash, a last `_` for the dot before the suffix."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            folder, _, file = name.rpartition("__")
            archive.writestr((f"{folder}/" if folder else "") + ".".join(file.rsplit("_", 1)), body)
    return buffer.getvalue()


def coco(**changed: object) -> bytes:
    return zipped(result_json=json.dumps({**COCO, **changed}))


def test_a_table_is_read_with_quotes_and_line_breaks() -> None:
    rows = readers.read_table(b'\xef\xbb\xbf"a","b"\r\n"x, ""y""","two\nlines"\r\n')
    assert rows == [{"a": 'x, "y"', "b": "two\nlines"}]
    assert readers.read_table(b"a\tb\n1\t2,3\n", delimiter="\t") == [{"a": "1", "b": "2,3"}]


def test_boxes_are_read_from_coco_yolo_and_voc() -> None:
    (thing,) = readers.read_coco(coco())
    assert (thing["file"], thing["size"], thing["label"], thing["box"]) == ("one.jpg", (200, 100), "Car", [1, 2, 3, 4])
    yolo = zipped(classes_txt="Tree\nCar\n", labels__one_txt="1 0.5 0.25 1 0.5\n")
    assert readers.read_yolo(yolo) == {"one": [("Car", [0.5, 0.25, 1, 0.5])]}
    assert readers.read_voc(zipped(Annotations__one_xml=VOC)) == {
        "one.jpg": {"size": (20, 10, 3), "objects": [("Car", (1, 2, 3, 4))]}
    }


def test_words_are_read_from_conll_and_manifests() -> None:
    first, second = readers.read_conll(CONLL.encode())
    assert readers.spans_of(first) == [("PER", "Ada Lovelace")]
    assert readers.spans_of(second) == []
    assert readers.read_manifest(zipped(manifest_json=json.dumps(ENTRY) + "\n")) == [ENTRY]


def test_two_spans_that_touch_stay_two() -> None:
    assert readers.spans_of([("Ada", "B-PER"), ("Bob", "B-PER")]) == [("PER", "Ada"), ("PER", "Bob")]


@pytest.mark.parametrize(
    ("read", "content"),
    [
        pytest.param(readers.unpack, b"no zip", id="no ZIP"),
        pytest.param(readers.unpack, zipped(a_txt="a" * 500)[:-30], id="half a ZIP"),
        pytest.param(readers.read_table, b"", id="table: nothing"),
        pytest.param(readers.read_table, b"a,b\n1\n", id="table: a short row"),
        pytest.param(readers.read_table, b"a,a\n1,2\n", id="table: a column twice"),
        pytest.param(readers.read_table, b"a\n\xff\n", id="table: no UTF-8"),
        pytest.param(readers.read_table, b'a\n"x"y\n', id="table: text after a quote"),
        pytest.param(readers.read_coco, zipped(other_txt=""), id="COCO: no JSON"),
        pytest.param(readers.read_coco, zipped(result_json="{"), id="COCO: half"),
        pytest.param(readers.read_coco, zipped(result_json="[]"), id="COCO: a list"),
        pytest.param(readers.read_coco, coco(categories=[]), id="COCO: unknown category"),
        pytest.param(readers.read_coco, coco(images=[]), id="COCO: unknown image"),
        pytest.param(readers.read_yolo, zipped(labels__a_txt=""), id="YOLO: no classes"),
        pytest.param(readers.read_yolo, zipped(classes_txt="A\n", labels__a_txt="3 0 0 1 1"), id="YOLO: unknown class"),
        pytest.param(readers.read_yolo, zipped(classes_txt="A\n", labels__a_txt="0 0 0 1 40"), id="YOLO: too large"),
        pytest.param(readers.read_yolo, zipped(classes_txt="A\n", labels__a_txt="0 x"), id="YOLO: no figure"),
        pytest.param(readers.read_voc, zipped(a_xml="<annotation>"), id="VOC: an open tag"),
        pytest.param(readers.read_voc, zipped(a_xml=VOC.replace("<xmin>1</xmin>", "")), id="VOC: no edge"),
        pytest.param(readers.read_voc, zipped(a_xml=ENTITY), id="VOC: an entity"),
        pytest.param(readers.read_conll, b"Ada -X- _ B-PER\n", id="CoNLL: no beginning"),
        pytest.param(readers.read_conll, b"-DOCSTART- -X- O\nAda B-PER\n", id="CoNLL: two columns"),
        pytest.param(readers.read_conll, b"-DOCSTART- -X- O\nAda -X- _ I-PER\n", id="CoNLL: continues nothing"),
        pytest.param(readers.read_manifest, zipped(a_txt=""), id="manifest: none"),
        pytest.param(readers.read_manifest, zipped(manifest_json="{}\n"), id="manifest: incomplete"),
        pytest.param(readers.read_manifest, zipped(manifest_json="text\n"), id="manifest: no JSON"),
        pytest.param(readers.read_masks, zipped(a_png=b"no picture"), id="mask: no PNG"),
        pytest.param(readers.read_masks, zipped(a_npy=b"no array"), id="mask: no array"),
    ],
)
def test_what_is_damaged_is_told(read: Callable[[bytes], object], content: bytes) -> None:
    with pytest.raises(readers.Unreadable):
        read(content)


def test_masks_are_read_alone_and_from_a_zip() -> None:
    mask = np.array([[0, 255, 0], [255, 0, 0]], dtype=np.uint8)
    picture, array = io.BytesIO(), io.BytesIO()
    Image.fromarray(mask).save(picture, "PNG")
    np.save(array, mask)
    for content in (picture.getvalue(), zipped(a_png=picture.getvalue()), array.getvalue()):
        (got,) = readers.read_masks(content).values()
        assert got.tolist() == mask.tolist()


def unpainted(rle: list[int]) -> list[int]:
    """The values that an ``rle`` stands for, by a decoder written from the layout alone."""
    bits = iter("".join(f"{byte:08b}" for byte in rle))

    def number(count: int) -> int:
        return int("".join(next(bits) for _ in range(count)), 2)

    total, word = number(32), number(5) + 1
    sizes = [number(4) + 1 for _ in range(4)]
    values: list[int] = []
    while len(values) < total:
        repeated, length = number(1), number(sizes[number(2)]) + 1
        values += [number(word)] * length if repeated else [number(word) for _ in range(length)]
    return values


@pytest.mark.parametrize("size", [(3, 2), (1, 1), (200, 100)])
def test_what_was_painted_can_be_decoded(size: tuple[int, int]) -> None:
    width, height = size
    mask = [[(x + y) % 3 == 0 for x in range(width)] for y in range(height)]
    expected = [255 if painted else 0 for row in mask for painted in row for _ in range(4)]
    assert unpainted(readers.paint(mask)) == expected


def test_a_run_longer_than_its_field_is_split() -> None:
    assert unpainted(readers.paint([[True] * 200] * 200)) == [255] * 160_000


@pytest.mark.parametrize(
    ("page", "runs"),
    [
        ("<p>Read</p><script>alert(1)</script>", ["script"]),
        ('<img src="x" onerror="alert(1)">', ["img onerror"]),
        ('<a href=" java\nscript:alert(1)">Read</a>', ["a href"]),
        ("&lt;script&gt;alert(1)&lt;/script&gt;, &lt;img onerror=alert(1)&gt;", []),
        ('<p>Mind onload= and javascript: in code</p><a href="/docs">Read</a>', []),
    ],
)
def test_what_a_browser_would_run(page: str, runs: list[str]) -> None:
    assert runs_in(page) == runs


@pytest.mark.parametrize(
    ("headers", "runs"),
    [
        ({"content-type": "text/html"}, True),
        ({"content-type": "image/svg+xml; charset=utf-8"}, True),
        ({"content-type": "text/plain"}, False),
        ({}, True),
        ({"x-content-type-options": "nosniff"}, False),
        ({"content-type": "text/html", "content-disposition": "Attachment; filename=a.html"}, False),
        ({"content-type": "text/html", "content-disposition": "inline"}, True),
        ({"content-type": "text/html", "content-security-policy": "sandbox"}, False),
        ({"content-type": "text/html", "content-security-policy": "sandbox allow-scripts"}, False),
        ({"content-type": "text/html", "content-security-policy": "sandbox allow-scripts allow-same-origin"}, True),
        ({"content-type": "text/html", "content-security-policy": "default-src 'none'"}, False),
        ({"content-type": "text/html", "content-security-policy": "default-src 'none'; script-src 'self'"}, True),
    ],
)
def test_headers_tell_whether_a_browser_runs_scripts(headers: dict[str, str], runs: bool) -> None:
    assert runs_scripts(headers) is runs


def test_documents_are_read_from_archives_in_archives() -> None:
    one = zipped(a_xml='<doclang xmlns="urn:x"><p>one</p></doclang>', note_txt="no document")
    both = zipped(first_zip=one, b_xml="<doclang><p>t</p><p>wo</p></doclang>", c_xml="<other/>")
    assert readers.read_documents(both) == ["one", "two"]
    for broken in (b"none", zipped(a_xml="<doclang>"), zipped(a_xml=ENTITY)):
        with pytest.raises(readers.Unreadable):
            readers.read_documents(broken)
