"""The options that the suite adds to pytest's, and what they add up to."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.raw import EXAMPLES
from conformance.judge.shards import parse_shard
from conformance.naming import RunId
from conformance.run.messages import KEY
from conformance.run.ours import PACKAGE, names_ours
from conformance.run.starting import as_given
from conformance.target import values
from conformance.target.embedded import DATABASES, DEFAULT_VERSION, POLICIES, EmbeddedSettings
from conformance.target.settings import SETTINGS, TARGET_FILE, TargetSettings, resolve_settings

if TYPE_CHECKING:
    import pytest

    from conformance.target.embedded import Database, Policy

DEPTHS = ("quick", "gate", "deep")
CLIENTS = ("all", "contract", "none")
CLIENT_VARIABLE = "LS_CONFORMANCE_OFFICIAL_CLIENT"
# An hour of fuzzing is a deep run that somebody waits for; longer ones are asked for.
DEEP_BUDGET = 3600.0
HELP = {
    "url": "URL of the server to judge (default: a real Label Studio that the suite starts)",
    "api_key": "API key of the server: legacy token or personal access token",
    "edition": "edition, if the server does not report it: community or enterprise",
    "version": "version of Label Studio that the server is, or is compatible with",
    "database": "database of the server, if known: sqlite, postgresql or mysql",
    "disposable": "allow everything on the target to be changed and deleted (--allow admin)",
    "read_only": "send only GET and HEAD, and create nothing (--allow read-only)",
    "allow": "most that tests may do to existing objects: read-only, additive (default), mutating, destructive, admin",
    "ids": "existing objects for a read-only run to read: project=12,task=345",
    "features": "features that the server claims, separated by commas",
    "roles": "keys of other roles: member=KEY,other=KEY",
    "ca_bundle": "PEM file with the CAs to trust",
    "client_cert": "PEM file with the client certificate",
    "client_key": "PEM file with the key of the client certificate",
    "insecure": "accept any certificate of the server",
    "proxy": "URL of a proxy",
    "headers": "header that a gateway in front of the target requires (Name: value); repeatable",
    "connect_timeout": "connect timeout in seconds",
    "read_timeout": "read timeout in seconds",
    "rate": "maximum number of requests per second",
    "keep_alive": "reuse connections: true or false",
    "local_files": "folder on this machine that the target's local storages may read (LOCAL_FILES_DOCUMENT_ROOT)",
    "services": "TOML file with addresses and logins of external services ([databricks] host = …)",
    "callback_host": "host name by which the target reaches the peers on this machine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What was asked of this run, apart from the target."""

    run_id: str
    report_dir: Path
    seed: int
    depth: str
    time_budget: float
    embedded_version: str
    embedded_database: Database
    embedded_policy: Policy
    started: str
    profile: str | None = None
    deviations: tuple[Path, ...] = ()
    strict_deviations: bool = False
    shard: tuple[int, int] | None = None
    measured: tuple[Path, ...] = ()
    examples: Path = EXAMPLES
    gains: Path = EXAMPLES
    plan: bool = False
    official_client: str = "all"
    resume: bool = False

    def embedded_settings(self, **more: Any) -> EmbeddedSettings:
        """The embedded server that was asked for.

        Args:
            more: further settings of it.

        Raises:
            UnusableSettings: there can be no such server.
        """
        return EmbeddedSettings(
            version=self.embedded_version, database=self.embedded_database, policy=self.embedded_policy, **more
        )


def add_options(parser: pytest.Parser) -> None:
    """Register the options; each key of a target file is one of them."""
    group = parser.getgroup("conformance", "Label Studio API conformance")
    for setting in (*SETTINGS.values(), TARGET_FILE):
        arguments: dict[str, Any] = {"dest": f"conformance_{setting.key}", "default": None}
        if setting.read is values.boolean and setting.key != "keep_alive":
            arguments |= {"action": "store_const", "const": True}
        elif setting.key == "headers":
            arguments |= {"action": "append", "metavar": "HEADER"}
        else:
            arguments["metavar"] = setting.key.upper()
        described = HELP.get(setting.key, "TOML file with any of these settings as keys")
        group.addoption(setting.flag, help=f"{described} [{setting.variable}]", **arguments)
    group.addoption(
        "--embedded-version", default=DEFAULT_VERSION, metavar="VERSION", help="version of Label Studio to start"
    )
    group.addoption("--embedded-database", choices=DATABASES, default="sqlite", help="database of the embedded server")
    group.addoption(
        "--embedded-policy",
        choices=POLICIES,
        default="open",
        help="open: all requirements can be judged; shipped: personal access tokens only, no requests to this machine",
    )
    group.addoption(
        "--depth",
        choices=DEPTHS,
        default="gate",
        help="how much is generated: quick (one case of a kind), gate (all, ~13 min on two cores), deep (by time)",
    )
    group.addoption(
        "--time-budget", type=float, default=DEEP_BUDGET, metavar="S", help="duration of a deep run in seconds"
    )
    group.addoption(
        "--examples",
        metavar="DIR",
        help="folder of failing requests: deep runs add some, gate runs replay them (default: spec/examples)",
    )
    group.addoption(
        "--official-client",
        choices=CLIENTS,
        default=os.environ.get(CLIENT_VARIABLE, "all"),
        help="official clients that read the answers: all (label-studio-sdk of the contract, and that of the target's "
        f"release), contract, none [{CLIENT_VARIABLE}]",
    )
    group.addoption("--seed", type=int, default=1, metavar="N", help="seed of all generated requests")
    group.addoption("--profile", metavar="NAME", help="profile to judge (default: that of the edition)")
    group.addoption(
        "--deviations", action="append", default=[], metavar="FILE", help="file of your accepted deviations; repeatable"
    )
    group.addoption(
        "--strict-deviations", action="store_true", help="fail on accepted deviations that expired or no longer occur"
    )
    group.addoption("--shard", metavar="N/OF", help="run one part of the plan (ls-conformance merge joins the results)")
    group.addoption(
        "--measured",
        action="append",
        default=[],
        metavar="REPORT",
        help="conformance.json of an earlier run, whose durations --shard and --plan use; repeatable",
    )
    group.addoption(
        "--resume",
        metavar="RUN",
        help="continue a stopped run: its report folder (--resume=DIR), or its id below reports/",
    )
    group.addoption("--spec", metavar="FILE|URL", help="OpenAPI document (3.0 or 3.1) to use instead of the contract")
    group.addoption("--plan", action="store_true", help="show what would run, and send nothing")
    group.addoption(
        "--report-dir", default=None, metavar="DIR", help="folder for the reports (default: reports/<run id>)"
    )


def flags(config: pytest.Config) -> dict[str, object]:
    """The target's options as they were given."""
    keys = (*SETTINGS, TARGET_FILE.key)
    return {key: config.getoption(f"conformance_{key}") for key in keys}


def target_settings(config: pytest.Config) -> TargetSettings:
    """Flags over environment over target file.

    Raises:
        SettingsError: something in them can't be used.
    """
    return resolve_settings(flags(config), os.environ)


def examples_folder(config: pytest.Config) -> Path:
    """Return where examples are kept."""
    given = config.getoption("examples")
    return Path(given).resolve() if given else EXAMPLES


def _gains(config: pytest.Config) -> Path:
    """Return where a deep run keeps new examples: never inside an installed package."""
    folder = examples_folder(config)
    return _home(config) / "examples" if PACKAGE in folder.parents else folder


def is_conformance_run(config: pytest.Config) -> bool:
    """Return whether this session judges a target: it collects below the package, and does not test the suite."""
    folder, pyargs = config.invocation_params.dir, config.option.pyargs
    return any(names_ours(str(argument), folder, pyargs=pyargs) for argument in config.args)


def _home(config: pytest.Config) -> Path:
    """Return where reports go: the project's folder; ``ls-conformance run`` belongs to the current one."""
    return config.invocation_params.dir if config.getoption("ls_conformance", default=False) else config.rootpath


def run_options(config: pytest.Config) -> RunOptions:
    """The run's options; a worker takes the controller's id and folder.

    Raises:
        UnusableSettings: there can be no such embedded server.
        ValueError: another option can't be used.
    """
    given = getattr(config, "workerinput", {}).get(KEY, {})
    now, reports = datetime.now(UTC), _home(config) / "reports"
    resumed = resumed_folder(config.getoption("resume"), reports)
    run_id = given.get("run_id") or str(RunId.new(now))
    folder = given.get("report_dir") or resumed or config.getoption("report_dir") or reports / run_id
    options = RunOptions(
        run_id=run_id,
        report_dir=Path(folder).resolve(),
        seed=config.getoption("seed"),
        depth=config.getoption("depth"),
        time_budget=config.getoption("time_budget"),
        embedded_version=config.getoption("embedded_version"),
        embedded_database=config.getoption("embedded_database"),
        embedded_policy=config.getoption("embedded_policy"),
        started=given.get("started") or now.isoformat(timespec="seconds"),
        profile=config.getoption("profile"),
        deviations=tuple(Path(p).resolve() for p in config.getoption("deviations")),
        strict_deviations=config.getoption("strict_deviations"),
        shard=parse_shard(config.getoption("shard")) if config.getoption("shard") else None,
        examples=examples_folder(config),
        gains=_gains(config),
        measured=tuple(Path(p).resolve() for p in config.getoption("measured")),
        plan=config.getoption("plan"),
        official_client=config.getoption("official_client"),
        resume=resumed is not None,
    )
    options.embedded_settings()  # what can't be started is wrong usage, and told before anything else
    return options


def resumed_folder(named: str | None, reports: Path) -> Path | None:
    """The report folder of the run to go on with; None where none is named.

    Args:
        named: the folder, or a name below ``reports``.
        reports: where runs write unless told otherwise.
    """
    if not named:
        return None
    folder = Path(named)
    # latest is a link to what it was then, and this run will be
    return (folder if folder.is_dir() else reports / named).resolve()


def reproduce_line(config: pytest.Config) -> str:
    """A shell line that repeats the run; keys come from the environment."""
    words: list[str] = []
    hidden = False
    here = str(config.rootpath) + os.sep
    command, given = as_given(config.invocation_params.args, config.invocation_params.dir)
    for word in given:
        # where the repository lies on this machine is of no use elsewhere
        text = str(word).replace(here, "")
        if hidden:
            text, hidden = "$LABEL_STUDIO_API_KEY", False
        elif text in {"--api-key", "--roles", "--proxy", "--header"}:
            hidden = True
        elif text.startswith(("--api-key=", "--roles=", "--proxy=", "--header=")):
            text = f"{text.partition('=')[0]}=$LABEL_STUDIO_API_KEY"
        words.append(text if text.endswith("$LABEL_STUDIO_API_KEY") else shlex.quote(text))
    if not any(w.startswith("--seed") for w in words):
        words.append(f"--seed {config.getoption('seed')}")
    return " ".join([command, *words])


def stderr(text: str) -> None:
    """Tell a person, where no reporter is to be had."""
    sys.stderr.write(text + "\n")
