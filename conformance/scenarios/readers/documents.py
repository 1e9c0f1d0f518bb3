"""Documents (DocLang), one archive for each, or archives in an archive."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from conformance.scenarios.readers.archive import Unreadable, unpack

_ARCHIVE = b"PK"


def read_documents(content: bytes) -> list[str]:
    """The text of each document, sorted.

    Raises:
        Unreadable: no archive, or a file in it that begins like XML and is none.
    """
    found = []
    for name, held in unpack(content).items():
        if held[:2] == _ARCHIVE:
            found += read_documents(held)
        elif held.lstrip()[:1] == b"<":
            try:
                root = fromstring(held)
            except (ParseError, DefusedXmlException, ValueError) as problem:
                raise Unreadable(f"{name}: {problem}") from problem
            if root.tag.rpartition("}")[2] == "doclang":
                found.append("".join(root.itertext()))
    return sorted(found)
