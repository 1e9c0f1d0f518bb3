"""Configs and regions of pictures, for scenarios about what was drawn on them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

from conformance.scenarios.data.configs import region

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.scenarios.exports.drawn.figures import Drawn, Size

SIZE: Final = (1000, 500)
_IMAGE: Final = '<Image name="image" value="$image"/>'


def config(*controls: str) -> str:
    """A picture and what it is labelled with."""
    return f"<View>{_IMAGE}{''.join(controls)}</View>"


def control(tag: str, name: str, labels: Iterable[str] | Mapping[str, str], **more: str) -> str:
    """A control that labels; with more attributes of each label where a mapping gives them."""
    inner = "".join(
        f"<{'Choice' if tag == 'Choices' else 'Label'} value={quoteattr(label)} "
        f"{labels[label] if isinstance(labels, dict) else ''}/>"
        for label in labels
    )
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in more.items())
    return f'<{tag} name="{name}" toName="image"{attributes}>{inner}</{tag}>'


def picture(name: str) -> dict[str, str]:
    """Data of a task; nothing is to be had under the address."""
    return {"image": f"https://images.invalid/{name}"}


def on_image(
    kind: str, value: dict[str, Any], *, source: str, region_id: str = "r1", size: Size | None = SIZE, **more: Any
) -> dict[str, Any]:
    """A region of a picture of ``size``; None leaves the optional keys about the picture out."""
    about = {"original_width": size[0], "original_height": size[1], "image_rotation": 0} if size else {}
    return region(kind, value, source=source, target="image", region_id=region_id, **about, **more)


def drawn_box(
    box: Drawn, *, source: str = "box", labels: list[str] | None = None, without: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """A region of RectangleLabels, with the box's own label or others, without some keys of the value or the region."""
    value = {
        "x": box.x,
        "y": box.y,
        "width": box.width,
        "height": box.height,
        "rotation": box.rotation,
        "rectanglelabels": [box.label] if labels is None else labels,
    }
    value = {key: held for key, held in value.items() if key not in without}
    whole = on_image("rectanglelabels", value, source=source, size=box.size, **more)
    return {key: held for key, held in whole.items() if key not in without}


def annotated(data: dict[str, Any], *results: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A task to import, with an annotation for each result."""
    return {"data": data, "annotations": [{"result": result, "ground_truth": False, **fields} for result in results]}


def png(width: int, height: int) -> bytes:
    """A picture of that size: no two have the same."""
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (width, height), (width, height, 0)).save(held, "PNG")
    return held.getvalue()
