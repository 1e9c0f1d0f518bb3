"""The Azure peer: Azurite's blob service, in memory only, with an account of its own."""

from __future__ import annotations

import base64
import secrets
import shutil
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from conformance.peers.base import PLAIN, Program, ProgramPeer
from conformance.peers.errors import PeerUnavailable
from conformance.peers.install import node_program

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.peers.base import Site

VERSION = "3.37.0"


class AzurePeer(ProgramPeer):
    """A blob service with one account, whose key is made up for each run.

    Attributes:
        account_name: The account.
        account_key: Its key; a request that is not signed with it is refused.
    """

    name: ClassVar[str] = "azure"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.account_name = "conformance"
        self.account_key = base64.b64encode(secrets.token_bytes(64)).decode()
        self._service: Any = None

    @property
    def endpoint(self) -> str:
        """The blob endpoint for the target; the account is part of the path."""
        return f"{self.address_for_target()}/{self.account_name}"

    @property
    def account_key_for_target(self) -> str:
        """What goes into ``account_key`` of a storage.

        Label Studio puts it into a connection string and has no field for an endpoint: it rides along.
        """
        return f"{self.account_key};BlobEndpoint={self.endpoint}"

    def secrets(self) -> frozenset[str]:
        """Return the account key."""
        return frozenset({self.account_key})

    def make_container(self, name: str) -> None:
        """Make the container ``name`` (3 to 63 small letters, digits, hyphens)."""
        self._service.create_container(name)

    def remove_container(self, name: str) -> None:
        """Remove the container ``name``, with all that is in it."""
        self._service.delete_container(name)

    def put(self, container: str, key: str, content: bytes, *, content_type: str = "application/octet-stream") -> None:
        """Write one blob."""
        from azure.storage.blob import ContentSettings

        blob = self._service.get_blob_client(container, key)
        blob.upload_blob(content, overwrite=True, content_settings=ContentSettings(content_type=content_type))

    def get(self, container: str, key: str) -> bytes:
        """Return the content of one blob; raises KeyError when there is none."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            content: bytes = self._service.get_blob_client(container, key).download_blob().readall()
        except ResourceNotFoundError:
            raise KeyError(key) from None
        return content

    def keys(self, container: str, prefix: str = "") -> list[str]:
        """Return the names of the blobs that begin with ``prefix``, sorted."""
        return sorted(self._service.get_container_client(container).list_blob_names(name_starts_with=prefix))

    def stop(self, *, forget_port: bool = True) -> None:
        """Stop the service and close the suite's connections to it."""
        if self._service is not None:
            self._service.close()
            self._service = None
        super().stop(forget_port=forget_port)

    def _program(self, folder: Path) -> Program:
        del folder
        _require_client()
        found = shutil.which("azurite-blob")
        command = [found] if found else self._install()
        options = [
            "--inMemoryPersistence",
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--disableProductStyleUrl",
        ]
        where = ["--blobHost", self._site.bind_host, "--blobPort", str(self.port)]
        accounts = f"{self.account_name}:{self.account_key}"
        return Program(command=[*command, *where, *options], environment={"AZURITE_ACCOUNTS": accounts})

    def _install(self) -> list[str]:
        return node_program(self._site, peer=self.name, package="azurite", version=VERSION, program="azurite-blob")

    def _answers(self) -> bool:
        try:
            answer = httpx.get(f"{self.url}/{self.account_name}?comp=list", trust_env=False, verify=PLAIN)
        except httpx.TransportError:
            return False
        return "azurite" in answer.headers.get("server", "").lower()

    def _prepare(self) -> None:
        from azure.core.credentials import AzureNamedKeyCredential
        from azure.core.pipeline.transport import RequestsTransport
        from azure.storage.blob import BlobServiceClient

        self._service = BlobServiceClient(
            f"{self.url}/{self.account_name}",
            credential=AzureNamedKeyCredential(self.account_name, self.account_key),
            transport=RequestsTransport(use_env_settings=False),  # type: ignore[no-untyped-call,unused-ignore]
            retry_total=0,
        )


def _require_client() -> None:
    try:
        import azure.storage.blob  # noqa: F401 - only to see whether it is there
    except ImportError as error:
        raise PeerUnavailable(
            "azure",
            f"azure-storage-blob is not installed ({error})",
            "pip install azure-storage-blob into the environment of the suite",
        ) from None
