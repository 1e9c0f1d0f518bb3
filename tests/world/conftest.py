"""The server in memory that generated tests are tried on: a world is made there, too."""

from __future__ import annotations

from tests.properties.conftest import bench

__all__ = ["bench"]  # a fixture
