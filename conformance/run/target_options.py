"""The target as an option of commands: named as a run names it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.run.options import HELP
from conformance.target import values
from conformance.target.settings import SETTINGS, TARGET_FILE, TargetSettings, resolve_settings

if TYPE_CHECKING:
    import argparse

_OF_A_RUN = frozenset({"edition", "version", "features", "callback_host", "ids", "local_files"})
"""Settings that say how to judge, not where the target is."""


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the target is and how to reach it."""
    for setting in (*SETTINGS.values(), TARGET_FILE):
        if setting.key in _OF_A_RUN:
            continue
        described = f"{HELP.get(setting.key, 'TOML file with any of these settings as keys')} [{setting.variable}]"
        dest = f"target_{setting.key}"
        if setting.read is values.boolean and setting.key != "keep_alive":
            parser.add_argument(setting.flag, dest=dest, action="store_const", const=True, help=described)
        else:
            parser.add_argument(setting.flag, dest=dest, metavar=setting.key.upper(), help=described)


def target_settings(options: argparse.Namespace) -> TargetSettings:
    """Settle the target from the options, the environment and the target file.

    Raises:
        SettingsError: settings can't be used.
    """
    given = {k.removeprefix("target_"): v for k, v in vars(options).items() if k.startswith("target_")}
    return resolve_settings(dict.fromkeys(SETTINGS) | given, os.environ)
