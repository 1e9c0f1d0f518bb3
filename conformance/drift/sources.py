"""Finds descriptions: the contract, a target, a file, a release of the official client."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.contract import load_contract
from conformance.contract.reading import decode_yaml, read_bytes
from conformance.drift.client import PACKAGE, read_client
from conformance.drift.openapi import read_document
from conformance.errors import InputError
from conformance.peers.base import Site
from conformance.peers.install import unpacked_package
from conformance.target.own_schema import published_schema
from conformance.wire.network.errors import TransportError

if TYPE_CHECKING:
    from conformance.drift.shape import Description
    from conformance.target.settings import TargetSettings


class Undescribed(InputError):
    """A target can't be compared: it can't be reached, or publishes no description of itself."""

    code = "undescribed"


def of_contract(edition: str | None) -> Description:
    """The contract; of one edition, or of both."""
    document: Any = load_contract().document
    said = f"the contract ({edition})" if edition else "the contract"
    return read_document(document, said, of_edition=edition)


def of_file(path: Path) -> Description:
    """An OpenAPI or Swagger document in a file, JSON or YAML.

    Raises:
        InputError: it can't be read, or is none.
    """
    return read_document(decode_yaml(path, read_bytes(path)), path.name)


def of_target(settings: TargetSettings, name: str = "") -> Description:
    """Return what a target publishes of itself.

    Raises:
        Undescribed: see there.
    """
    url = str(settings.url).rstrip("/")
    try:
        document = published_schema(url, settings.connection)
    except TransportError as problem:
        raise Undescribed(
            f"{url} can't be reached.", cause=str(problem), hint="Check that it is running, and its address."
        ) from problem
    if document is None:
        raise Undescribed(
            f"{url} publishes no OpenAPI or Swagger document where Label Studio does.",
            hint="Give a file with the document instead: ls-conformance drift FILE.",
        )
    return read_document(document, name or url)


def of_client(version_or_folder: str, log_dir: Path) -> Description:
    """A release of the official client, installed at first use (without what it depends on), or a folder with one.

    Raises:
        InputError: the folder holds no client.
        PeerUnavailable: the release can't be installed.
    """
    folder = Path(version_or_folder)
    if folder.is_dir():
        inside = folder / PACKAGE
        return read_client(inside if inside.is_dir() else folder, f"the client in {folder}")
    site = Site(log_dir=log_dir)
    package = unpacked_package(site, peer="official-client", requirement=f"label-studio-sdk=={version_or_folder}")
    return read_client(package / PACKAGE, f"label-studio-sdk {version_or_folder}")
