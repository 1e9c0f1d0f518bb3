"""Read exports back without any code of the server's, by the formats' own readers where there are any.

Each takes bytes and raises :class:`Unreadable` if they are not what the format says.
"""

from __future__ import annotations

from conformance.scenarios.readers.archive import Unreadable, unpack
from conformance.scenarios.readers.boxes import read_voc, read_voc_images, read_yolo
from conformance.scenarios.readers.coco import read_coco, read_coco_images, read_coco_points
from conformance.scenarios.readers.documents import read_documents
from conformance.scenarios.readers.large import read_large
from conformance.scenarios.readers.masks import paint, read_masks
from conformance.scenarios.readers.table import read_table
from conformance.scenarios.readers.words import read_conll, read_manifest, spans_of

__all__ = [
    "Unreadable",
    "paint",
    "read_coco",
    "read_coco_images",
    "read_coco_points",
    "read_conll",
    "read_documents",
    "read_large",
    "read_manifest",
    "read_masks",
    "read_table",
    "read_voc",
    "read_voc_images",
    "read_yolo",
    "spans_of",
    "unpack",
]
