"""Stand-alone scripts that reproduce a failure of several steps from nothing, on any server."""

from __future__ import annotations

from conformance.reproduce.moment import script_now
from conformance.reproduce.script import SCRIPTS, is_script, script_name, way, write_script

__all__ = ["SCRIPTS", "is_script", "script_name", "script_now", "way", "write_script"]
