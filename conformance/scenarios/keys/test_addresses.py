"""SSRF protection: a target that protects its network sends no request into it, whatever a request names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.scenarios.keys.listening import LOOPBACK, Listener
from conformance.world.addresses import takes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

PATIENCE = 20.0  # libraries of clouds ask again and again before they give up
# how the address of this machine can be written
HOSTS = {
    "as it is": LOOPBACK,
    "by name": "localhost",
    "as one number": "2130706433",
    "in octal": "0177.0.0.1",
    "shortened": "127.1",
    "as no address": "0.0.0.0",  # noqa: S104 - nobody listens there, it is asked for
    "as IPv6": "[::ffff:127.0.0.1]",
    "behind a name and a sign": f"example.com@{LOOPBACK}",
}


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Somebody on this machine who is not to be asked."""
    with Listener() as listening:
        yield listening


@pytest.fixture
def project(guarded: Wire, show: Show, listener: Listener) -> int:
    """A project on the protected target."""
    if takes(guarded, f"http://{LOOPBACK}:{listener.port}/"):
        show.not_measured("The target does not protect its network: it takes any address (no protection against SSRF).")
    made = guarded.call("projects.create", json={"title": "addresses", "label_config": TEXT_CHOICES})
    return int(made.json()["id"])


def asked(wire: Wire, operation: str, body: dict[str, Any], deed: str = "its own address") -> Exchange:
    """Send what names an address; however that is answered."""
    return wire.call(operation, json=body, expect=None, timeout=PATIENCE, deed=deed)


def show_unheard(show: Show, requirement: str, listener: Listener, exchange: Exchange, what: str) -> None:
    """Show that nobody called, whatever the answer was."""
    heard, listener.heard[:] = list(listener.heard), []
    show.equal(requirement, expected=[], got=heard[:3], exchange=exchange, signature=what)


@pytest.mark.requirement("LS-KEYS-020")
def test_an_address_in_a_request_is_not_asked(guarded: Wire, show: Show, listener: Listener, project: int) -> None:
    for written, host in HOSTS.items():
        url, deed = f"http://{host}:{listener.port}/tasks.json", f"its own address, {written}"
        fetched = guarded.call(
            "projects.import_tasks",
            id=project,
            data={"url": url},
            expect=None,
            timeout=PATIENCE,
            deed=deed,
        )
        show_unheard(show, "LS-KEYS-020", listener, fetched, f"an import by URL, {written}")
        hook = asked(guarded, "webhooks.create", {"project": project, "url": url}, deed)
        guarded.call("tasks.create", json={"project": project, "data": {"text": written}}, expect=None)
        show_unheard(show, "LS-KEYS-020", listener, hook, f"a webhook, {written}")
        model = asked(guarded, "ml.create", {"project": project, "url": url, "title": written}, deed)
        show_unheard(show, "LS-KEYS-020", listener, model, f"a model, {written}")
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        body = {"project": project, "bucket": "bucket", "s3_endpoint": url, **keys}
        bucket = asked(guarded, "import_storage.s3.validate", body, deed)
        show_unheard(show, "LS-KEYS-020", listener, bucket, f"an S3 endpoint, {written}")
    body = {"project": project, "host": LOOPBACK, "port": str(listener.port), "path": "tasks"}
    show_unheard(show, "LS-KEYS-020", listener, asked(guarded, "import_storage.redis.validate", body), "a Redis host")


@pytest.mark.requirement("LS-KEYS-021")
@pytest.mark.parametrize("side", ["import_storage", "export_storage"])
def test_an_address_in_a_key_file_is_not_asked(
    guarded: Wire, show: Show, listener: Listener, project: int, side: str
) -> None:
    body = {"project": project, "bucket": "bucket", "google_application_credentials": key_file(listener.port)}
    for operation in (f"{side}.gcs.validate", f"{side}.gcs.create"):
        answer = asked(guarded, operation, body)
        show_unheard(show, "LS-KEYS-021", listener, answer, f"token_uri, {operation}")


@pytest.mark.requirement("LS-KEYS-022")
@pytest.mark.parametrize("field", ["account_name", "account_key"])
@pytest.mark.parametrize("side", ["import_storage", "export_storage"])
def test_an_address_in_a_part_of_a_connection_string_is_not_asked(
    guarded: Wire, show: Show, listener: Listener, project: int, side: str, field: str
) -> None:
    smuggled = f";BlobEndpoint=http://{LOOPBACK}:{listener.port}/there"
    account = {"account_name": "account", "account_key": "YWJj"}
    account[field] += smuggled
    answer = asked(guarded, f"{side}.azure.validate", {"project": project, "container": "container", **account})
    show_unheard(show, "LS-KEYS-022", listener, answer, f"{field}, {side}.azure.validate")


def key_file(port: int) -> str:
    """Credentials of a service account that has its tokens from this machine; the key is made for the occasion."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "conformance",
            "private_key_id": "1",
            "private_key": pem,
            "client_email": "conformance@conformance.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"http://{LOOPBACK}:{port}/token",
        }
    )
