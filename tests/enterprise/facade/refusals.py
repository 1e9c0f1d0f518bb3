"""What the stand-in refuses, and how it says so."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """An answer other than the success.

    Attributes:
        status: 4xx.
        detail: why, for people.
        fields: what is wrong, by field.
        allow: the methods that the path serves, of a 405.
    """

    def __init__(
        self, status: int, detail: str = "", *, fields: dict[str, str] | None = None, allow: tuple[str, ...] = ()
    ) -> None:
        self.status = status
        self.detail = detail or HTTPStatus(status).phrase
        self.fields = fields or {}
        self.allow = allow
        super().__init__(self.detail)

    def body(self) -> dict[str, Any]:
        """As the real server words refusals."""
        found: dict[str, Any] = {"status_code": self.status, "detail": self.detail, "exc_info": None}
        return found | ({"validation_errors": {k: [v] for k, v in self.fields.items()}} if self.fields else {})


def not_found(what: str = "") -> Refusal:
    """404."""
    return Refusal(404, f"No {what} matches the given query." if what else "")


def forbidden() -> Refusal:
    """403."""
    return Refusal(403, "You do not have permission to perform this action.")


def invalid(field: str, why: str) -> Refusal:
    """400, about one field."""
    return Refusal(400, "Validation error", fields={field: why})
