"""The environment variables of the server: all of them are decided here, none leaks in from the caller."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.target.embedded.errors import UnusableSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.target.embedded.instance import Folders
    from conformance.target.embedded.settings import Policy

_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZDIR")
"""What a program needs to start at all. Anything else of the caller's may change what is judged."""

_PREFIXES = ("LABEL_STUDIO_", "HEARTEX_")
_OWN = frozenset(
    {"BASE_DATA_DIR", "DATABASE_NAME", "DJANGO_DB", "DJANGO_SETTINGS_MODULE", "HOME", "PORT", "SECRET_KEY"}
    | {f"POSTGRE_{name}" for name in ("HOST", "NAME", "PASSWORD", "PORT", "USER")}
)
"""What keeps an instance apart from all others; not for the caller to set."""

SQLITE = {"DJANGO_DB": "sqlite"}

_OPEN = {
    # Everything can be judged on loopback.
    "SSRF_PROTECTION_ENABLED": "false",
    "ML_BLOCK_LOCAL_IP": "false",
    "LOCAL_FILES_SERVING_ENABLED": "true",
    # Tokens of the kind that every client knows; counts at the first start of a data directory.
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
}
_COMMON = {
    # Nothing but loopback is ever contacted.
    "LATEST_VERSION_CHECK": "false",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "FEATURE_FLAGS_OFFLINE": "true",
    "NO_PROXY": "*",
    # No cloud library looks for credentials at a metadata service.
    "NO_GCE_CHECK": "true",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
    # The same on every machine and in every run (the order of what the server keeps in sets, for one).
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}


def server_environment(
    folders: Folders,
    *,
    secret_key: str,
    extra: Mapping[str, str],
    database: Mapping[str, str] = SQLITE,
    policy: Policy = "open",
) -> dict[str, str]:
    """Return the whole environment of a server whose files are in ``folders``.

    Args:
        folders: The instance's folders.
        secret_key: Signs sessions and tokens; the same for a snapshot and all of its copies, so that tokens
            stay valid.
        extra: The caller's own variables; they win over the policy.
        database: The variables that name the database.
        policy: What is allowed on it; see `Policy`.

    Raises:
        UnusableSettings: ``extra`` has a variable that keeps instances apart.
    """
    for name in extra:
        plain = next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)
        if plain in _OWN:
            raise UnusableSettings(
                f"the environment variable {name} is not for the caller to set",
                cause="it is one of those that keep an embedded server apart from all others",
            )
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **inherited,
        **_COMMON,
        **(_OPEN if policy == "open" else {}),
        "LOCAL_FILES_DOCUMENT_ROOT": str(folders.files),
        **extra,
        **database,
        "SECRET_KEY": secret_key,
        "LABEL_STUDIO_BASE_DATA_DIR": str(folders.data),
        # Credentials and settings of the person who runs the suite are none of the server's business.
        "HOME": str(folders.home),
        "TMPDIR": str(folders.tmp),
    }
