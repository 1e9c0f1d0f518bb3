"""Finds places in a JSON value by patterns: ``/tasks/*/id``."""

from __future__ import annotations

from typing import Any


def at(data: Any, place: str) -> list[Any]:
    """Every value at ``/tasks/*``; empty where there is none."""
    values = [data]
    for part in place.strip("/").split("/") if place.strip("/") else ():
        step: list[Any] = []
        for value in values:
            if part == "*" and isinstance(value, list):
                step += value
            elif isinstance(value, dict) and part in value:
                step.append(value[part])
        values = step
    return values
