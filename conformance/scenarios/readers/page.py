"""What a browser makes of a piece of HTML, and of the headers that a file comes with."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Parts of the types that browsers run scripts of, and types that they take for what the content looks like.
RUN: Final = ("html", "xml", "svg")
GUESSED: Final = ("", "unknown/unknown", "application/unknown", "*/*")


class _Browser(HTMLParser):
    """Notes what a browser would run of a page; what is escaped is text to it, and runs nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.runs.append(tag)
        for name, value in attrs:
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or address.startswith("javascript:"):
                self.runs.append(f"{tag} {name}")


def runs_in(page: str) -> list[str]:
    """What a browser would run of a piece of HTML: elements, and attributes of elements."""
    browser = _Browser()
    browser.feed(page)
    return browser.runs


def runs_scripts(headers: Mapping[str, str]) -> bool:
    """Whether a browser that opens a file with these headers (in small letters) runs its scripts as the server's."""
    stated = (words.split() for words in headers.get("content-security-policy", "").lower().split(";"))
    policy = {words[0]: words[1:] for words in stated if words}
    confined = "sandbox" in policy and not {"allow-same-origin", "allow-scripts"} <= {*policy["sandbox"]}
    silent = policy.get("script-src", policy.get("default-src")) == ["'none'"]
    saved = headers.get("content-disposition", "").lower().startswith("attachment")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    guessed = kind in GUESSED and headers.get("x-content-type-options", "").lower() != "nosniff"
    return (guessed or any(word in kind for word in RUN)) and not (confined or silent or saved)
