"""Brush masks: decoded from PNG (Pillow) and NumPy files; and encoded the way the editor does."""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING, Any

from conformance.scenarios.readers.archive import Unreadable, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

RUN_SIZES = (3, 4, 8, 16)  # bits of a run's length
CHANNELS = 4  # red, green, blue, alpha
WORD = 8


def read_masks(content: bytes) -> dict[str, NDArray[Any]]:
    """File name → an array, rows of columns, not 0 where it was painted.

    Raises:
        Unreadable: a file is neither a PNG nor a NumPy array.
    """
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    found: dict[str, NDArray[Any]] = {}
    # a single mask comes as it is, several in a ZIP
    single = {b"\x89PNG": "mask.png", b"\x93NUM": "mask.npy"}.get(content[:4])
    for name, body in ({single: content} if single else unpack(content)).items():
        try:
            if name.endswith(".png"):
                found[name] = np.array(Image.open(io.BytesIO(body)).convert("L"))
            elif name.endswith(".npy"):
                found[name] = np.load(io.BytesIO(body), allow_pickle=False)
        except (UnidentifiedImageError, ValueError, OSError) as problem:
            raise Unreadable(f"{name}: {problem}") from problem
    return found


def paint(mask: Sequence[Sequence[bool]]) -> list[int]:
    """A brush region's ``rle``: the mask (rows of truth values) as runs of bytes, each pixel four times.

    Layout, most significant bit first: count of values (32 bits), bits of a value less one (5), four sizes of run
    lengths less one (4 each), then runs: a 1, which size (2 bits), length less one, value.
    """
    values = [255 if painted else 0 for row in mask for painted in row for _ in range(CHANNELS)]
    bits = [*_bits(len(values), 32), *_bits(WORD - 1, 5)]
    for size in RUN_SIZES:
        bits += _bits(size - 1, 4)
    longest = 2 ** RUN_SIZES[-1]
    for value, run in groupby(values):
        left = len(list(run))
        while left:
            part = min(left, longest)
            bits += [1, *_bits(len(RUN_SIZES) - 1, 2), *_bits(part - 1, RUN_SIZES[-1]), *_bits(value, WORD)]
            left -= part
    bits += [0] * (-len(bits) % WORD)
    return [int("".join(map(str, bits[n : n + WORD])), 2) for n in range(0, len(bits), WORD)]


def _bits(number: int, count: int) -> Iterable[int]:
    return ((number >> place) & 1 for place in reversed(range(count)))
