"""What all pages share: templates, escaping, and the one script that may run.

Everything that a server sent is escaped by the template engine or put into the page as text by the script;
should an escape ever fail, the page's content security policy lets no script run but the one that it names by hash.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import json
import sys
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNS = {
    "pass": "✓",
    "fail": "✗",
    "accepted": "◇",
    "warn": "!",
    "blocked": "⊘",
    "unsupported": "–",  # noqa: RUF001 - a dash as wide as the other signs
    "not-measured": "?",
    "error": "⚠",
    "flaky": "≈",
    "refused": "⊗",
}
"""Outcomes as pages show them; ``accepted`` is a failure that somebody accepted."""
PACKED = 1 << 20
"""Characters of data from which on they are packed."""
LEVELS = ("none", "partial", "core", "full")


def page(template: str, values: Mapping[str, Any], *, data: object = None, unpacks: bool = False) -> str:
    """Render a template into a page that needs nothing else.

    Args:
        template: its file name.
        values: for the template.
        data: JSON values for the script.
        unpacks: whether the script can read them packed.
    """
    script = _text(template.replace(".html.j2", ".js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    kind, text = island(data, most=PACKED if unpacks else sys.maxsize)
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            signs=SIGNS,
            # all four are ours, or made safe above
            style=Markup(_text("style.css")),  # noqa: S704
            script=Markup(script),  # noqa: S704
            data=Markup(text),  # noqa: S704
            data_type=kind,
            script_hash=Markup(digest),  # noqa: S704
        )
    )


def island(data: object, *, most: int = PACKED) -> tuple[str, str]:
    """What a page's script reads: its media type, and a text that ends no element.

    One of more than ``most`` characters is packed (gzip, in base64): a whole run is four times as large without, and
    mails refuse it.
    """
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    if len(text) > most:
        return "application/gzip", base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    # within a script element only "<" can end it; the others are for readers that take the page for XML
    return "application/json", text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _text(name: str) -> str:
    return resources.files("conformance.report.renderings").joinpath("templates", name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # for all text, so that no place in a template can forget it
        finalize=lambda v: visible(v, sys.maxsize) if isinstance(v, str) and not isinstance(v, Markup) else v,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda n: f"{n:,}"
    environment.filters["visible"] = visible
    return environment


def visible(value: object, limit: int = 2000) -> str:
    r"""Text in which nothing hides: surrogates, control characters and direction marks become ``\uXXXX``.

    A server could otherwise turn the reading order of a line around, or make the file no UTF-8.
    """
    text = str(value)
    out = text[:limit]
    if not out.isprintable():
        out = "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in out)
    return out if len(text) <= limit else out + f"… ({len(text) - limit} more characters)"
