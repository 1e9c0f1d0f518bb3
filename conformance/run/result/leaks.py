"""Searches all artefacts of a run for secrets, in every form; one that holds any is not written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.errors import ConformanceError, ExitCode
from conformance.wire.exchanges.redact import MASK
from conformance.wire.exchanges.secrets import SecretForms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SHORTEST = 12
"""Characters: what is shorter could be any word."""
_ABOUT = re.compile(r'"(?:requirement|id)": "([^"]{1,120})"')
_NAMED = 3


class SecretInArtefact(ConformanceError):
    """What was to be written holds a secret: a defect of the suite, which hides nothing by writing it."""

    exit_code = ExitCode.INTERNAL
    code = "secret-in-artefact"


class SecretSearch:
    """Finds secrets in texts of any size."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Look for these, in every form that they may be written in."""
        self._forms = SecretForms()
        self._forms.learn(secret for secret in secrets if len(secret) >= SHORTEST)

    def forms_in(self, text: str) -> list[str]:
        """The forms that stand in a text, the longest first."""
        return self._forms.within(text)

    def places(self, text: str) -> list[str]:
        """Return where secrets stand: line, and the requirement that the line is about; never the secret."""
        places = {}
        for form in self.forms_in(text):
            at = text.index(form)
            begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            about = _ABOUT.search(text, begin, end if end >= 0 else len(text))
            line = text.count("\n", 0, at) + 1
            places[line] = f"line {line}" + (f" ({about[1]})" if about else "")
        return [place for _, place in sorted(places.items())]


def refuse_secrets(text: str, name: str, search: SecretSearch) -> None:
    """Let nothing pass that holds a secret.

    Args:
        text: that is to be written.
        name: of the file that it would become.
        search: for the secrets.

    Raises:
        SecretInArtefact: it holds one.
    """
    places = search.places(text)
    if places:
        more = f" and {len(places) - _NAMED} more places" if len(places) > _NAMED else ""
        raise SecretInArtefact(
            f"{name} was not written: a key, a password or a token of this run stands in it.",
            cause=f"{', '.join(places[:_NAMED])}{more}",
            hint="The result of the run is not kept. Please report this as a defect of the suite, with the names "
            "above; change the key if you are in doubt.",
        )


def mask_written(folder: Path, search: SecretSearch) -> list[str]:
    """Mask secrets in what was written while the run went on: logs of servers, scripts, single observations.

    Returns:
        Names of the files that held one.
    """
    masked = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        forms = search.forms_in(text)
        if forms:
            for form in forms:
                text = text.replace(form, MASK)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            masked.append(str(path.relative_to(folder)))
    return masked
