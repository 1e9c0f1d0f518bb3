from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.tables.safety import Safety
from conformance.errors import ExitCode
from conformance.target.settings import SETTINGS, SettingsError, TargetSettings, resolve_settings

URL = "https://ls.example.com"
REMOTE = {"LABEL_STUDIO_URL": URL, "LABEL_STUDIO_API_KEY": "k3y"}


def target_file(folder: Path, text: str) -> dict[str, object]:
    path = folder / "target.toml"
    path.write_text(text)
    return {"target_file": str(path)}


def refused(flags: dict[str, Any], environment: dict[str, str] | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        resolve_settings(flags, environment or {})
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_nothing_given_is_the_embedded_target() -> None:
    settings = resolve_settings({"url": None, "rate": None}, {"PATH": "/bin", "LABEL_STUDIO_URL": ""})
    assert settings.embedded
    assert settings.disposable
    assert settings.sources == {}


def test_a_key_left_over_in_the_environment_does_not_matter_to_the_embedded_target() -> None:
    assert resolve_settings({}, {"LABEL_STUDIO_API_KEY": "left-over"}).api_key is None


def test_a_key_given_for_this_run_needs_a_target(tmp_path: Path) -> None:
    assert refused({"api_key": "k"}).code == "key-without-url"
    assert refused(target_file(tmp_path, 'api_key = "k"')).code == "key-without-url"


def test_every_key_from_a_file(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ca.issue_cert("me").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "me.pem"))
    text = f"""
        url = "{URL}/label-studio/"
        api_key = "k3y"
        edition = "Enterprise"
        version = "1.23.2"
        disposable = true
        features = ["storage.s3", "auth.pat"]
        ca_bundle = "ca.pem"
        client_cert = "me.pem"
        proxy = "http://u:p@proxy:3128"
        connect_timeout = 3
        read_timeout = 4.5
        rate = 2
        keep_alive = false
        callback_host = "10.0.0.7"
        [services.databricks]
        host = "https://d"
        token = "t0k"
        [roles]
        member = "k2"
    """
    settings = resolve_settings(target_file(tmp_path, text), {})
    assert settings.url == f"{URL}/label-studio"
    assert settings.edition == "enterprise"
    assert (settings.api_key, dict(settings.roles)) == ("k3y", {"member": "k2"})
    assert settings.features == ("storage.s3", "auth.pat")
    assert settings.disposable
    assert (settings.version, settings.callback_host) == ("1.23.2", "10.0.0.7")
    connection = settings.connection
    assert connection.ca_bundle == tmp_path / "ca.pem"
    assert connection.client_cert == tmp_path / "me.pem"
    assert (connection.connect_timeout, connection.read_timeout, connection.rate) == (3, 4.5, 2)
    assert not connection.keep_alive
    assert settings.sources["rate"] == f"{tmp_path}/target.toml, line 13, key rate"
    assert dict(settings.services) == {"databricks.host": "https://d", "databricks.token": "t0k"}
    assert settings.secrets() == {"k3y", "k2", "t0k", "http://u:p@proxy:3128"}
    for secret in ("k3y", "k2", "u:p"):
        assert secret not in repr(settings).replace("key rate", "")


KEYS: dict[str, st.SearchStrategy[Any]] = {
    "url": st.sampled_from(["http://a", "https://b:8443/x", "http://[::1]:8080"]),
    "api_key": st.sampled_from(["k1", "k2", "k3"]),
    "disposable": st.booleans(),
    "rate": st.integers(1, 50),
    "edition": st.sampled_from(["community", "enterprise"]),
    "callback_host": st.sampled_from(["h1", "h2"]),
}
LAYER = st.fixed_dictionaries({}, optional=KEYS)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


@hypothesis.settings(deadline=None)  # it writes a file per example: how long that takes is the machine's doing
@given(flags=LAYER, environment=LAYER, file=LAYER)
def test_flags_win_over_environment_over_file(
    flags: dict[str, Any], environment: dict[str, Any], file: dict[str, Any]
) -> None:
    merged = {"api_key": "k0", "url": "http://base", **file, **environment, **flags}
    variables = {SETTINGS[key].variable: str(value) for key, value in environment.items()}
    with tempfile.TemporaryDirectory() as folder:
        rows = {"api_key": "k0", "url": "http://base", **file}
        given_file = target_file(Path(folder), "\n".join(f"{k} = {_toml(v)}" for k, v in rows.items()))
        settings = resolve_settings({**flags, **given_file}, variables)
    for key, value in merged.items():
        got = settings.connection.rate if key == "rate" else getattr(settings, key)
        assert got == value
        where = settings.sources[key]
        expected = SETTINGS[key].flag if key in flags else SETTINGS[key].variable
        assert (where == expected) is (key in flags or key in environment)
    assert settings.disposable is merged.get("disposable", False)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("localhost:8080", "did you mean http://localhost:8080"),
        ("ls.example.com/base", "no scheme"),
        ("ftp://ls.example.com", "'ftp'; http or https"),
        ("file:///etc/passwd", "'file'"),
        ("https://user:s3cret@ls.example.com", "user name or password"),
        ("https://", "no host"),
        ("https:///path", "no host"),
        ("https://h:99999", "is no URL"),
        ("https://h:x", "is no URL"),
        ("https://[::1", "is no URL"),
        ("https://h/?a=b", "behind the host"),
        ("https://h/#x", "behind the host"),
        ("https://h/a b", "no URL"),
        ("https://h\n/a", "no URL"),
        ("https://hé/", "printable ASCII"),
        ("", "is no URL"),
        ("\x1b[31mhttp://h", "no URL"),
    ],
)
def test_bad_urls(url: str, told: str) -> None:
    error = refused({"url": url, "api_key": "k"})
    assert told in error.render()
    assert "s3cret" not in error.render()
    assert "\x1b" not in error.render()
    assert error.code == "bad-url"


@pytest.mark.parametrize("url", ["http://h", "http://h/", "http://h//", "HTTP://h"])
def test_good_urls(url: str) -> None:
    assert resolve_settings({"url": url}, {"LABEL_STUDIO_API_KEY": "k"}).url == "http://h"


def test_a_target_without_a_key_says_where_keys_are() -> None:
    error = refused({"url": URL})
    assert error.code == "no-api-key"
    assert "--api-key" in error.hint
    assert "Personal Access Token" in error.hint


@pytest.mark.parametrize("key", ["Token abc", "bearer abc", "a b", "a\nb", "ä", "   "])
def test_bad_keys_are_not_quoted(key: str) -> None:
    error = refused({"url": URL, "api_key": key})
    assert error.code == "bad-api-key"
    assert "abc" not in error.render()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ratee = 3", ("line 2, key ratee", "no such key", "Did you mean rate?")),
        ("[api-key]", ("line 2, key api-key", "Did you mean api_key?")),
        ("zzz = 1", ("line 2, key zzz", "Known are: url, api_key")),
        ('rate = "fast"', ("line 2, key rate", "a number above 0 is expected, got 'fast'")),
        ("rate = -1", ("got -1",)),
        ("rate = nan", ("got nan",)),
        ("rate = true", ("got True",)),
        ("rate = [1]", ("got a list",)),
        ("insecure = 1", ("true or false is expected, got a whole number",)),
        ("disposable = 'maybe'", ("true or false is expected, got 'maybe'",)),
        ("features = 3", ("a list of names", "a whole number")),
        ("features = [1]", ("a list of names",)),
        ("edition = 'free'", ("community or enterprise is expected, got 'free'",)),
        ("version = 1.23", ("a version like 1.23.2", "as text; got a number")),
        ("version = 'new'", ("a version like 1.23.2",)),
        ("callback_host = 'http://h:1'", ("without scheme and port",)),
        ("proxy = 'socks5://h:1'", ("'socks5'", "http or https")),
        ("ca_bundle = 'none.pem'", ("there is no file",)),
        ("client_key = 'target.toml'", ("no certificate", "--client-cert")),
        ("ca_bundle = 'target.toml'", ("cannot be used", "PEM")),
        ("insecure = true\nca_bundle = 'target.toml'", ("Leave one of the two out",)),
        ("roles = 3", ("a table of role names", "a whole number")),
        ("[roles]\n'a b' = 'k'", ("no name of a role",)),
        ("[roles]\nmember = 3", ("role member", "an API key is expected")),
        ("rate = = 3", ("not TOML", "line 2")),
        ("url = 'http://again'", ("not TOML",)),
    ],
)
def test_bad_files_name_file_line_and_what_was_expected(tmp_path: Path, line: str, told: tuple[str, ...]) -> None:
    error = refused(target_file(tmp_path, f"url = '{URL}'\n{line}\n"), {"LABEL_STUDIO_API_KEY": "k3y"})
    screen = " ".join(error.render().split())
    for text in (*told, "target.toml"):
        assert text in screen
    assert error.hint
    assert "k3y" not in screen


def test_unreadable_files(tmp_path: Path) -> None:
    assert refused({"target_file": str(tmp_path / "none.toml")}).code == "bad-target-file"
    assert refused({"target_file": str(tmp_path)}).code == "bad-target-file"
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert refused({"target_file": str(binary)}).code == "unreadable-target-file"
    assert refused({}, {"LS_CONFORMANCE_TARGET_FILE": str(binary)}).code == "unreadable-target-file"


def test_misspelt_options_and_variables() -> None:
    assert refused({"timeout": 3}).code == "unknown-key"
    error = refused({}, {**REMOTE, "LS_CONFORMANCE_INSECUR": "1"})
    assert "LS_CONFORMANCE_INSECURE" in error.hint
    assert "LABEL_STUDIO_API_KEY" in refused({}, {**REMOTE, "LABEL_STUDIO_API_KEYS": "x"}).hint
    assert resolve_settings({}, {**REMOTE, "LS_CONFORMANCE_CACHE_DIR": "/x"}).url == URL


def test_text_forms_of_the_environment() -> None:
    settings = resolve_settings(
        {},
        {
            **REMOTE,
            "LS_CONFORMANCE_DISPOSABLE": "Yes",
            "LS_CONFORMANCE_FEATURES": "a, b,,a",
            "LS_CONFORMANCE_ROLES": "member=k=2, other=k3",
            "LS_CONFORMANCE_RATE": " 0.5 ",
        },
    )
    assert settings.disposable
    assert settings.features == ("a", "b")
    assert dict(settings.roles) == {"member": "k=2", "other": "k3"}
    assert settings.connection.rate == 0.5
    assert resolve_settings({"roles": ["m=k"]}, REMOTE).roles == {"m": "k"}


def test_a_bad_variable_names_the_variable() -> None:
    error = refused({}, {**REMOTE, "LS_CONFORMANCE_RATE": "0"})
    assert error.message.startswith("LS_CONFORMANCE_RATE: a number above 0")


def test_settings_are_values() -> None:
    assert resolve_settings({}, REMOTE) == resolve_settings({}, dict(REMOTE))
    assert TargetSettings().embedded


@pytest.mark.parametrize(
    ("pasted", "root"),
    [
        ("https://ls.example.com/projects/1/data", "https://ls.example.com"),
        ("https://ls.example.com/labels/projects/", "https://ls.example.com/labels"),
        ("http://127.0.0.1:8080/user/account", "http://127.0.0.1:8080"),
    ],
)
def test_a_page_that_was_pasted_is_told_from_the_root(pasted: str, root: str) -> None:
    with pytest.raises(SettingsError, match=f"its root is wanted: {root}[.]"):
        resolve_settings({"url": pasted, "api_key": "k" * 40}, {})


@pytest.mark.parametrize("given", [["X-Gate: one", "X-Other: two"], {"X-Gate": "one", "X-Other": "two"}])
def test_a_gateway_s_own_headers_are_given_as_lines_or_as_a_table(given: object) -> None:
    settings = resolve_settings({"url": "http://x", "api_key": "k" * 40, "headers": given}, {})
    assert settings.connection.headers == (("X-Gate", "one"), ("X-Other", "two"))
    assert {"one", "two"} <= settings.secrets()


@pytest.mark.parametrize("given", ["no colon", "Authorization: mine", "X-Gate: ", "X Gate: y", "X: a\nb", 7])
def test_what_is_no_header_for_a_gateway_is_refused(given: object) -> None:
    with pytest.raises(SettingsError):
        resolve_settings({"url": "http://x", "api_key": "k" * 40, "headers": given}, {})


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({}, Safety.ADDITIVE),
        ({"read_only": True}, Safety.READ_ONLY),
        ({"allow": "read-only", "read_only": True}, Safety.READ_ONLY),
        ({"allow": "mutating"}, Safety.MUTATING),
        ({"disposable": True}, Safety.ADMIN),
        ({"allow": "admin"}, Safety.ADMIN),
        ({"allow": "additive", "read_only": False}, Safety.ADDITIVE),
    ],
)
def test_nothing_but_what_is_asked_for_happens_to_what_is_there(given: dict[str, Any], allowed: Safety) -> None:
    settings = resolve_settings(given, REMOTE)
    assert settings.allow is allowed
    assert settings.disposable == (allowed is Safety.ADMIN)
    assert settings.connection.read_only == settings.read_only == (allowed is Safety.READ_ONLY)


@pytest.mark.parametrize(
    "given",
    [
        {"read_only": True, "disposable": True},
        {"allow": "mutating", "read_only": True},
        {"allow": "destructive", "disposable": True},
    ],
)
def test_classes_that_contradict_each_other_are_refused(given: dict[str, Any]) -> None:
    assert refused(given, REMOTE).code == "contradicting-classes"


def test_there_is_nothing_to_spare_without_a_target() -> None:
    assert refused({"read_only": True}).code == "nothing-to-spare"
    assert resolve_settings({"disposable": True}, {}).allow is Safety.ADMIN


@pytest.mark.parametrize("form", ['ids = {project = 12, task = "345"}', 'ids = "project=12, task=345"'])
def test_objects_to_look_at_are_named_by_kind(tmp_path: Path, form: str) -> None:
    settings = resolve_settings(target_file(tmp_path, form), REMOTE)
    assert dict(settings.ids) == {"project": "12", "task": "345"}


@pytest.mark.parametrize(
    ("form", "told"),
    [("ids = {projekt = 12}", "project"), ("ids = {project = true}", "boolean"), ("ids = 12", "a table of kinds")],
)
def test_what_names_no_object_is_refused(tmp_path: Path, form: str, told: str) -> None:
    assert told in refused(target_file(tmp_path, form), REMOTE).message
