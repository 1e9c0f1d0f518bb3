"""A real Label Studio Community, started by the suite: on loopback with a database of its own.

The first start of a version installs it and migrates a database (about a minute and a half, once per user);
every start after that copies the migrated data and takes about 6 s. The server ends with the process that
started it.
"""

from __future__ import annotations

from conformance.processes.progress import Progress, no_progress
from conformance.target.embedded.errors import (
    DatabaseFailed,
    EmbeddedError,
    InstallFailed,
    MigrationFailed,
    NotRunning,
    StartFailed,
    UnusableSettings,
)
from conformance.target.embedded.server import EmbeddedServer, Installation, prepare, start
from conformance.target.embedded.settings import (
    DATABASES,
    DEFAULT_VERSION,
    POLICIES,
    Budgets,
    Database,
    EmbeddedSettings,
    Policy,
    Serving,
)

__all__ = [
    "DATABASES",
    "DEFAULT_VERSION",
    "POLICIES",
    "Budgets",
    "Database",
    "DatabaseFailed",
    "EmbeddedError",
    "EmbeddedServer",
    "EmbeddedSettings",
    "InstallFailed",
    "Installation",
    "MigrationFailed",
    "NotRunning",
    "Policy",
    "Progress",
    "Serving",
    "StartFailed",
    "UnusableSettings",
    "no_progress",
    "prepare",
    "start",
]
