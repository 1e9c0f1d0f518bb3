"""Snapshots that are made, waited for and downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.budgets import Eventually
    from conformance.wire import Exchange, Wire


def taken(api: Wire, eventually: Eventually, project: dict[str, Any], **options: object) -> dict[str, Any]:
    """Make a snapshot and wait until it is there; returns what names it in paths."""
    made = api.call("projects.exports.create", id=project["id"], json=options).json()
    snapshot = {"id": project["id"], "export_pk": made["id"]}
    eventually(
        lambda: api.call("projects.exports.get", **snapshot).json()["status"],
        until=lambda status: status in {"completed", "failed"},
        budget="export ready",
    )
    return snapshot


def downloaded(api: Wire, eventually: Eventually, project: dict[str, Any], **options: object) -> Exchange:
    """Make a snapshot and download it as JSON."""
    return api.call("projects.exports.download", **taken(api, eventually, project, **options))
