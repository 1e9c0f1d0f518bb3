"""The GCS peer: gcp-storage-emulator, in memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

import httpx

from conformance.peers.base import PLAIN, Program, ProgramPeer
from conformance.peers.install import python_program

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.peers.base import Site

REQUIREMENTS = ("gcp-storage-emulator==2026.7.19",)


class GcsPeer(ProgramPeer):
    """A GCS server without credentials: the emulator checks none, so wrong ones can't be measured here.

    The target must have been started with ``STORAGE_EMULATOR_HOST`` set to `endpoint`; that may be asked for
    before the peer runs.
    """

    name: ClassVar[str] = "gcs"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._http: httpx.Client | None = None

    @property
    def endpoint(self) -> str:
        """The value of ``STORAGE_EMULATOR_HOST`` for the target."""
        return self.address_for_target()

    def make_bucket(self, name: str) -> None:
        """Make the bucket ``name``."""
        self._call("POST", "/storage/v1/b", params={"project": "conformance"}, json={"name": name})

    def remove_bucket(self, name: str) -> None:
        """Remove the bucket ``name``, with all that is in it."""
        path = f"/storage/v1/b/{quote(name, safe='')}"
        for key in self.keys(name):
            self._call("DELETE", f"{path}/o/{quote(key, safe='')}")
        self._call("DELETE", path)

    def put(self, bucket: str, key: str, content: bytes, *, content_type: str = "application/octet-stream") -> None:
        """Write one object."""
        # In two steps ("resumable"): in one, the emulator fails on empty content and on a JSON content type.
        begun = self._call(
            "POST",
            f"/upload/storage/v1/b/{quote(bucket, safe='')}/o",
            params={"uploadType": "resumable", "name": key},
            json={"name": key, "contentType": content_type},
            headers={"X-Upload-Content-Type": content_type},
        )
        self._call("PUT", begun.headers["Location"], content=content, headers={"Content-Type": content_type})

    def get(self, bucket: str, key: str) -> bytes:
        """Return the content of one object; raises KeyError when there is none."""
        path = f"/storage/v1/b/{quote(bucket, safe='')}/o/{quote(key, safe='')}"
        try:
            return self._call("GET", path, params={"alt": "media"}).content
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                raise KeyError(key) from None
            raise

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the keys that begin with ``prefix``, sorted."""
        path = f"/storage/v1/b/{quote(bucket, safe='')}/o"
        names: list[str] = []
        query = {"prefix": prefix} if prefix else {}
        while True:
            page = self._call("GET", path, params=query).json()
            names += [item["name"] for item in page.get("items", ())]
            if not page.get("nextPageToken"):
                return sorted(names)
            query["pageToken"] = page["nextPageToken"]

    def stop(self, *, forget_port: bool = True) -> None:
        """Stop the emulator and close the suite's connections to it."""
        if self._http is not None:
            self._http.close()
            self._http = None
        super().stop(forget_port=forget_port)

    def _program(self, folder: Path) -> Program:
        del folder
        name = "gcp-storage-emulator"
        bin_ = python_program(self._site, peer=self.name, requirements=REQUIREMENTS, program=name)
        where = ["--host", self._site.bind_host, "--port", str(self.port)]
        return Program(command=[str(bin_ / "python"), "-I", str(bin_ / name), "start", *where, "--in-memory"])

    def _answers(self) -> bool:
        try:
            answer = httpx.get(
                f"{self.url}/storage/v1/b", params={"project": "conformance"}, trust_env=False, verify=PLAIN
            )
            return answer.status_code == httpx.codes.OK and answer.json().get("kind") == "storage#buckets"
        except (httpx.TransportError, ValueError):
            return False

    def _prepare(self) -> None:
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=30, verify=PLAIN)

    def _call(self, method: str, path: str, **arguments: object) -> httpx.Response:
        if self._http is None:
            raise RuntimeError("the GCS peer has not been started: call start() first")
        return self._http.request(method, path, **arguments).raise_for_status()  # type: ignore[arg-type]
