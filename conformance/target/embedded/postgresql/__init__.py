"""A real PostgreSQL for the embedded Label Studio: from a wheel, on loopback, gone with the server.

Each server has a cluster of its own in its own folder, copied from a snapshot that Label Studio has migrated, so
that starts stay short and parallel workers never meet.
"""

from __future__ import annotations

from conformance.target.embedded.postgresql.cluster import Cluster
from conformance.target.embedded.postgresql.program import MAJOR, PostgresProgram, find_or_install

__all__ = ["MAJOR", "Cluster", "PostgresProgram", "find_or_install"]
