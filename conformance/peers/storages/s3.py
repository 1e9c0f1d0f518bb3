"""The S3 peer: moto's server, with one user whose key must be right."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from conformance.peers.base import PLAIN, Program, ProgramPeer
from conformance.peers.errors import PeerUnavailable
from conformance.peers.install import python_program

if TYPE_CHECKING:
    from conformance.peers.base import Site

REQUIREMENTS = ("moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5")
"""Of ``moto[server]`` only what S3 and its keys need; the rest is 30 more packages."""

_REGION = "us-east-1"
_ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


class S3Peer(ProgramPeer):
    """An S3 server. A wrong key, a wrong secret, no signature or an expired presigned URL are refused.

    Attributes:
        access_key: The key id that the server accepts; known once the peer runs.
        secret_key: The secret that goes with it.
    """

    name: ClassVar[str] = "s3"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.access_key = ""
        self.secret_key = ""
        self._client: Any = None

    @property
    def endpoint(self) -> str:
        """The endpoint for the target (``s3_endpoint`` of a storage)."""
        return self.address_for_target()

    def secrets(self) -> frozenset[str]:
        """Return the secret key."""
        return frozenset({self.secret_key} - {""})

    def make_bucket(self, name: str) -> None:
        """Make the bucket ``name`` (3 to 63 small letters, digits, dots, hyphens)."""
        self._client.create_bucket(Bucket=name)

    def remove_bucket(self, name: str) -> None:
        """Remove the bucket ``name``, with all that is in it."""
        for key in self.keys(name):
            self._client.delete_object(Bucket=name, Key=key)
        self._client.delete_bucket(Bucket=name)

    def put(self, bucket: str, key: str, content: bytes, *, content_type: str = "application/octet-stream") -> None:
        """Write one object."""
        self._client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)

    def get(self, bucket: str, key: str) -> bytes:
        """Return the content of one object; raises KeyError when there is none."""
        try:
            content: bytes = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            raise KeyError(key) from None
        return content

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the keys that begin with ``prefix``, sorted."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))

    def _program(self, folder: Path) -> Program:
        del folder
        _import_botocore()
        bin_ = python_program(self._site, peer=self.name, requirements=REQUIREMENTS, program="moto_server")
        script = Path(__file__).with_name("s3_server.py")
        command = [str(bin_ / "python"), "-I", str(script), self._site.bind_host, str(self.port)]
        return Program(command=command, environment={"MOTO_PORT": str(self.port)})

    def _answers(self) -> bool:
        try:
            return (
                httpx.get(f"{self.url}/moto-api/data.json", trust_env=False, verify=PLAIN).status_code == httpx.codes.OK
            )
        except httpx.TransportError:
            return False

    def _prepare(self) -> None:
        """Make the user and the key; from then on the server asks for them."""
        iam = self._make_client("iam", "first", "first")
        iam.create_user(UserName="conformance")
        iam.put_user_policy(UserName="conformance", PolicyName="everything", PolicyDocument=json.dumps(_ALLOW))
        key = iam.create_access_key(UserName="conformance")["AccessKey"]
        self.access_key, self.secret_key = key["AccessKeyId"], key["SecretAccessKey"]
        httpx.post(f"{self.url}/moto-api/reset-auth", content=b"0", trust_env=False).raise_for_status()
        self._client = self._make_client("s3", self.access_key, self.secret_key)

    def _make_client(self, service: str, access_key: str, secret_key: str) -> Any:
        session_module, config = _import_botocore()
        # Profiles, files and proxies of the person who runs the suite are none of the peer's business.
        nothing = (None, None, os.devnull, None)
        session = session_module.Session(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": nothing,
                "credentials_file": nothing,
            }
        )
        return session.create_client(
            service,
            region_name=_REGION,
            endpoint_url=self.url,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=config(proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def _import_botocore() -> tuple[Any, Any]:
    """Return the module ``botocore.session`` and the class ``Config``."""
    try:
        import botocore.session
        from botocore.config import (
            Config,
        )
    except ImportError as error:
        raise PeerUnavailable(
            "s3",
            f"botocore is not installed ({error})",
            "pip install botocore into the environment of the suite",
        ) from None
    return botocore.session, Config
