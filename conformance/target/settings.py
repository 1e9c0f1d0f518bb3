"""Settles the target's settings: flags over environment over a target file, all of it checked."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from conformance.contract.tables.safety import Safety
from conformance.errors import ConformanceError, ExitCode, printable
from conformance.target import values
from conformance.wire.messages import ConnectionSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

WHERE_KEYS_ARE = (
    "In Label Studio: Account & Settings, 'Personal Access Token' (or 'Legacy Token'). "
    "Give it with --api-key, LABEL_STUDIO_API_KEY, or api_key in the target file."
)


class SettingsError(ConformanceError):
    """A setting that cannot be used; says where it came from and what was expected."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE
    title: ClassVar[str] = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key: its names and how its value is read.

    Attributes:
        key: name in the target file, and of the value in the flags given to :func:`resolve_settings`.
        flag: the option's name.
        variable: the environment variable's name.
        read: takes text (flag, environment) or a TOML value, and gives the value.

            Raises ValueError with what was expected.
    """

    key: str
    flag: str
    variable: str
    read: Callable[[Any], Any] = field(repr=False)


def _setting(key: str, read: Callable[[Any], Any], *, flag: str = "", variable: str = "") -> Setting:
    return Setting(
        key=key,
        flag=flag or "--" + key.replace("_", "-"),
        variable=variable or "LS_CONFORMANCE_" + key.upper(),
        read=read,
    )


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        setting.key: setting
        for setting in (
            _setting("url", values.url, flag="--target", variable="LABEL_STUDIO_URL"),
            _setting("api_key", values.api_key, variable="LABEL_STUDIO_API_KEY"),
            _setting("edition", values.edition),
            _setting("version", values.version, flag="--target-version"),
            _setting("database", values.database, flag="--target-database"),
            _setting("disposable", values.boolean),
            _setting("read_only", values.boolean),
            _setting("allow", values.safety),
            _setting("ids", values.ids),
            _setting("features", values.names),
            _setting("roles", values.roles),
            _setting("ca_bundle", values.file),
            _setting("client_cert", values.file),
            _setting("client_key", values.file),
            _setting("insecure", values.boolean),
            _setting("proxy", values.proxy),
            _setting("headers", values.headers, flag="--header"),
            _setting("connect_timeout", values.positive),
            _setting("read_timeout", values.positive),
            _setting("rate", values.positive),
            _setting("keep_alive", values.boolean),
            _setting("callback_host", values.host),
            _setting("local_files", values.folder),
            _setting("services", values.services),
        )
    }
)
TARGET_FILE = _setting("target_file", values.file)
# which facts of a service are for nobody to read
_SECRET = re.compile(r"secret|token|key|password")
_CONNECTION = frozenset(ConnectionSettings.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """What to judge, as the person who started the run sees it.

    Attributes:
        url: root of the server, without a slash at its end (``https://host/label-studio``);
            None for the embedded target.
        api_key: legacy token or personal access token; None for the embedded target, which makes its own.
        edition: ``community`` or ``enterprise`` if claimed, else None: what the server says counts.
        version: the version that the server is claimed to have or to be compatible with.
        database: what the server keeps its rows in, where it is known: no server tells.
        allow: what may happen to what is not the run's own.
        ids: objects that a read-only run may look at, by kind.
        features: names of the features that are claimed; empty for those of the profile.
        roles: further keys, by the name of the role (``member``).
        callback_host: name or address by which the target reaches this machine; None where it is loopback.
        local_files: folder on this machine that the target's local-files storages may see; None where there is none.
        services: facts of services elsewhere that nothing on loopback stands in for, by ``databricks.host``.
        connection: TLS, proxy, time-outs, pace.
        sources: where each key that was given came from (``--target``, ``LABEL_STUDIO_URL``, the file).
    """

    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    edition: str | None = None
    version: str | None = None
    database: str | None = None
    allow: Safety = Safety.ADDITIVE
    ids: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    features: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    callback_host: str | None = None
    local_files: Path | None = None
    services: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def disposable(self) -> bool:
        """Everything on the target may be changed and deleted."""
        return self.allow is Safety.ADMIN

    @property
    def read_only(self) -> bool:
        """Nothing is made on the target."""
        return self.allow is Safety.READ_ONLY

    @property
    def embedded(self) -> bool:
        """The suite starts the target itself."""
        return self.url is None

    def secrets(self) -> frozenset[str]:
        """Everything in here that must not show up anywhere."""
        return frozenset(
            {
                *self.roles.values(),
                *(fact for name, fact in self.services.items() if _SECRET.search(name)),
                *filter(None, (self.api_key, self.connection.proxy)),
                *dict(self.connection.headers).values(),
            }
        )


def resolve_settings(flags: Mapping[str, object], environment: Mapping[str, str]) -> TargetSettings:
    """Flags over environment over target file over defaults.

    Args:
        flags: values by key (see :data:`SETTINGS`), and ``target_file``; None means: not given.
        environment: as :data:`os.environ`. An empty variable counts as not set.

    Raises:
        SettingsError: an unknown key, a wrong value, an unreadable file, or keys that don't fit together.
    """
    _refuse_unknown(flags, (*SETTINGS, TARGET_FILE.key), "option")
    _refuse_misspelt_variables(environment)
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}

    def take(setting: Setting, value: object, source: str) -> None:
        if setting.key not in found:
            found[setting.key] = _read(setting, value, source)
            sources[setting.key] = source

    for setting in (*SETTINGS.values(), TARGET_FILE):
        if flags.get(setting.key) is not None:
            take(setting, flags[setting.key], setting.flag)
        elif environment.get(setting.variable, "").strip():
            take(setting, environment[setting.variable], setting.variable)
    file = found.pop("target_file", None)
    if file is not None:
        for setting, value, source in _read_file(file):
            take(setting, value, source)
    return _fitted(found, sources)


def _fitted(found: dict[str, Any], sources: dict[str, str]) -> TargetSettings:
    """The settings, where they fit together."""
    if found.get("url") is None:
        # A key in the environment is left over from other work; one that was given for this run is a mistake.
        if sources.get("api_key", SETTINGS["api_key"].variable) != SETTINGS["api_key"].variable:
            raise SettingsError(
                f"{sources['api_key']} gives a key, but no target.",
                code="key-without-url",
                hint="Name the target with --target URL, LABEL_STUDIO_URL or url in the target file; "
                "the embedded target needs no key.",
            )
        found.pop("api_key", None)
    elif found.get("api_key") is None:
        raise SettingsError(
            f"{sources['url']} names the target {found['url']}, but there is no API key for it.",
            code="no-api-key",
            hint=WHERE_KEYS_ARE,
        )
    if found.get("client_key") is not None and found.get("client_cert") is None:
        raise SettingsError(
            f"{sources['client_key']} gives the key of a client certificate, but no certificate.",
            code="key-without-certificate",
            hint="Add --client-cert FILE.",
        )
    if found.get("insecure") and found.get("ca_bundle") is not None:
        raise SettingsError(
            f"{sources['insecure']} trusts any certificate, {sources['ca_bundle']} only some.",
            code="insecure-and-ca-bundle",
            hint="Leave one of the two out.",
        )
    found["allow"] = _allowed(found, sources)
    found["read_only"] = found["allow"] is Safety.READ_ONLY
    connection = ConnectionSettings(**{k: v for k, v in found.items() if k in _CONNECTION})
    _check_certificates(connection, sources)
    return TargetSettings(
        **{k: v for k, v in found.items() if k not in _CONNECTION},
        connection=connection,
        sources=MappingProxyType(sources),
    )


def _allowed(found: dict[str, Any], sources: Mapping[str, str]) -> Safety:
    """What may happen to the target: everything to one that the suite starts, to another nothing that is not asked for.

    Raises:
        SettingsError: settings that contradict each other.
    """
    shorthands = {"read_only": Safety.READ_ONLY, "disposable": Safety.ADMIN}
    asked = {sources[key]: found[key] for key in ("allow",) if key in found}
    asked |= {sources[key]: level for key, level in shorthands.items() if found.pop(key, False)}
    if len(set(asked.values())) > 1:
        raise SettingsError(
            f"{' and '.join(asked)} contradict each other.",
            code="contradicting-classes",
            cause="--read-only means --allow read-only, --disposable means --allow admin.",
            hint="Omit all but one.",
        )
    if found.get("url") is None:
        if asked and Safety.ADMIN not in asked.values():
            raise SettingsError(
                f"{next(iter(asked))} spares a target, but there is none to spare.",
                code="nothing-to-spare",
                hint="Give its URL with --target. A server that the suite starts is thrown away after the run.",
            )
        return Safety.ADMIN
    return next(iter(asked.values()), Safety.ADDITIVE)


def _check_certificates(connection: ConnectionSettings, sources: Mapping[str, str]) -> None:
    given = [sources[key] for key in ("ca_bundle", "client_cert", "client_key") if key in sources]
    if not given:
        return
    try:
        connection.ssl_context()
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"The certificate files given by {', '.join(given)} cannot be used.",
            code="bad-certificate-file",
            cause=str(error),
            hint="PEM files are expected, and the key that belongs to the certificate, without a password.",
        ) from error


def _read(setting: Setting, value: object, source: str) -> object:
    try:
        return setting.read(value)
    except ValueError as error:
        raise SettingsError(
            f"{source}: {error}", code=f"bad-{setting.key.replace('_', '-')}", hint=_other_names(setting)
        ) from error


def _other_names(setting: Setting) -> str:
    return (
        f"Names of this setting: {setting.flag}, {setting.variable}, {setting.key} in the target file "
        "(the first one that is given counts)."
    )


def _read_file(path: Path) -> Iterable[tuple[Setting, Any, str]]:
    """Settings, values and sources of a target file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The target file {path} cannot be read.",
            code="unreadable-target-file",
            cause=str(error),
            hint='A TOML file in UTF-8 is expected: url = "https://…" and so on.',
        ) from error
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(
            f"The target file {path} is not TOML.",
            code="malformed-target-file",
            cause=str(error),
            hint='Texts need quotes (url = "https://…"), tables a heading ([roles]).',
        ) from error
    _refuse_unknown(table, tuple(SETTINGS), "key", lambda key: _place(path, text, key))
    for key, value in table.items():
        place = _place(path, text, key)
        if key in {"ca_bundle", "client_cert", "client_key"} and isinstance(value, str):
            value = str(path.parent / values.home(value))  # noqa: PLW2901 - files are meant relative to the file that names them
        yield SETTINGS[key], value, place


def _place(path: Path, text: str, key: str) -> str:
    """``target.toml, line 3, key rate``; tomllib does not say where a key is."""
    pattern = re.compile(rf"""^\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    line = next((i for i, row in enumerate(text.splitlines(), start=1) if pattern.match(row)), None)
    where = f", line {line}" if line else ""
    return f"{path}{where}, key {printable(key, limit=60)}"


def _refuse_unknown(
    given: Iterable[str],
    known: tuple[str, ...],
    kind: str,
    place: Callable[[str], str] = lambda key: f"'{key}'",
) -> None:
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(
                f"{place(name)}: there is no such {kind}.",
                code="unknown-key",
                cause=f"Known are: {', '.join(known)}.",
                hint=f"Did you mean {close[0]}?" if close else f"Remove the {kind}, or use a known one.",
            )


def _refuse_misspelt_variables(environment: Mapping[str, str]) -> None:
    """A variable that is nearly one of ours would be passed over in silence."""
    known = [setting.variable for setting in (*SETTINGS.values(), TARGET_FILE)]
    for name in environment:
        if name in known or not name.startswith(("LS_CONFORMANCE_", "LABEL_STUDIO_API", "LABEL_STUDIO_URL")):
            continue
        own = name.removeprefix("LS_CONFORMANCE_")
        close = difflib.get_close_matches(own, [k.removeprefix("LS_CONFORMANCE_") for k in known], n=1, cutoff=0.85)
        if close:
            meant = next(k for k in known if k.removeprefix("LS_CONFORMANCE_") == close[0])
            raise SettingsError(
                f"The environment variable {name} is none of ours, but nearly {meant}.",
                code="unknown-variable",
                hint=f"Did you mean {meant}? Otherwise unset {name}.",
            )
