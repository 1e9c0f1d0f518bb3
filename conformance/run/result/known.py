"""Reports whether version and accepted deviations are about this very server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from conformance.target.embedded import DEFAULT_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.report.inputs import Selection
    from conformance.target.settings import TargetSettings

CONTRACT_OF = ".".join(DEFAULT_VERSION.split(".")[:2])
"""The release of Label Studio that the contract and the accepted deviations were measured on."""


def relation(version: str) -> str:
    """How a version stands to the one that the contract is of: ``older``, ``newer``, ``another``, or empty if same."""
    try:
        theirs, ours = Version(version).release[:2], Version(CONTRACT_OF).release[:2]
    except InvalidVersion:
        return "another"
    if theirs == ours:
        return ""
    return "newer" if theirs > ours else "older"


def known_lines(facts: Mapping[str, Any], settings: TargetSettings, known: Selection) -> list[str]:
    """What a person has to know of versions and accepted deviations before they read a verdict; first and last screen.

    Args:
        facts: what preflight found out.
        settings: of the target.
        known: the accepted deviations that were looked at.
    """
    version = str(facts.get("version", ""))
    lines = []
    if settings.version and version and settings.version != version:
        lines.append(f"version: --target-version says {settings.version}, the server says {version}: that one counts")
    left_out = [file for file in known.left_out if not _of_another_database(file.database, facts)]
    if how := relation(version):
        said = f"{how} than" if how != "another" else "not comparable with"
        named = version or "no version"
        lines.append(f"version: the contract is of {CONTRACT_OF}, this server says {named}, which is {said} that")
    if left_out:
        which = ", ".join(f"{len(file.deviations)} for {file.versions} in {file.source}" for file in left_out)
        lines.append(
            f"accepted deviations: {len(known.applied)} apply, {which} do not; "
            "--deviations FILE names one for this version, ls-conformance accept makes one from this run"
        )
    elif lines:
        lines.append(f"accepted deviations: {len(known.applied)} apply")
    return lines


def _of_another_database(database: str | None, facts: Mapping[str, Any]) -> bool:
    return bool(database) and bool(facts.get("database")) and database != facts["database"]
