"""What a browser makes of a piece of HTML."""

from __future__ import annotations

from html.parser import HTMLParser


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
