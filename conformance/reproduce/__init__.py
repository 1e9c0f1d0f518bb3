"""Writes stand-alone scripts that reproduce a failure of several steps from nothing, on any server.

Scenarios and histories come here when a check fails, reports when they show its script.
"""

from __future__ import annotations

from conformance.reproduce.moment import script_now
from conformance.reproduce.script import SCRIPTS, is_script, script_name, way, write_script
from conformance.reproduce.trace import Trace

__all__ = ["SCRIPTS", "Trace", "is_script", "script_name", "script_now", "way", "write_script"]
