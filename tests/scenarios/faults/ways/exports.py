"""Ways for exports and imports to be wrong that only show in what was drawn, written or uploaded."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire.messages import RawResponse
    from tests.scenarios.faults.ways.call import Call

ONE_IN: Final = 30
REFUSED: Final = 400
DIGITS: Final = 18
_NAME: Final = re.compile(r'((?:"name": "|<name>)[^"<]+)("|</name>)')
_FRACTION: Final = re.compile(rb"-?\d+\.\d{3,}")
_ZONE: Final = re.compile(rb"(\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00:00)")


def _is_download(response: RawResponse) -> bool:
    return 200 <= response.status < 300 and "content-disposition" in response.headers


def _downloads(call: Call, change: Callable[[bytes], bytes], *, inside: bool = True) -> RawResponse:
    """The same answer with what is downloaded changed; file by file where it is a ZIP."""
    response = call.forward(call.request)
    if not _is_download(response):
        return response
    if not response.content.startswith(b"PK"):
        return replace(response, content=change(response.content))
    return _repacked(response, lambda _, body: change(body)) if inside else response


def _repacked(response: RawResponse, change: Callable[[str, bytes], bytes]) -> RawResponse:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(response.content)) as old, zipfile.ZipFile(packed, "w") as new:
        for file in old.infolist():
            new.writestr(file.filename, change(file.filename, old.read(file)))
    return replace(response, content=packed.getvalue())


def exports_latin(call: Call) -> RawResponse:
    """Downloads come in the encoding of another century."""
    return _downloads(call, lambda body: body.decode(errors="replace").encode("latin-1", errors="replace"))


def exports_rounded(call: Call) -> RawResponse:
    """Figures in downloads have two digits."""
    return _downloads(call, lambda body: _FRACTION.sub(lambda found: b"%.2f" % float(found[0]), body))


def exports_zoneless(call: Call) -> RawResponse:
    """Times in downloads have no zone."""
    return _downloads(call, lambda body: _ZONE.sub(rb"\1", body))


def exports_lose_some(call: Call) -> RawResponse:
    """One task in thirty, or one row, is missing from downloads."""

    def lose(body: bytes) -> bytes:
        try:
            value = json.loads(body)
        except ValueError:
            lines = body.splitlines(keepends=True)
            return b"".join(line for n, line in enumerate(lines) if n % ONE_IN != ONE_IN - 1)
        if not isinstance(value, list):
            return body
        return json.dumps([item for n, item in enumerate(value) if n % ONE_IN != ONE_IN - 1]).encode()

    return _downloads(call, lose, inside=False)


def exports_relabelled(call: Call) -> RawResponse:
    """Objects in archives have labels that nobody gave them."""

    def relabel(name: str, body: bytes) -> bytes:
        if name == "classes.txt":
            return b"".join(line + b"?\n" for line in body.split(b"\n")[:-1])
        if not name.endswith((".json", ".xml")):
            return body
        return _NAME.sub(r"\1?\2", body.decode()).encode()

    response = call.forward(call.request)
    return _repacked(response, relabel) if _is_download(response) and response.content[:2] == b"PK" else response


def exports_swapped(call: Call) -> RawResponse:
    """Objects in archives have x in the place of y."""

    def swap(name: str, body: bytes) -> bytes:
        if name.startswith("labels/"):
            lines = [line.split(b" ") for line in body.splitlines()]
            swapped = [
                [number, *(f for n in range(0, len(rest) - 1, 2) for f in (rest[n + 1], rest[n]))]
                for number, *rest in lines
            ]
            return b"\n".join(b" ".join(line) for line in swapped)
        if name.endswith(".xml"):
            return body.replace(b"xm", b"zm").replace(b"ym", b"xm").replace(b"zm", b"ym")
        if name == "result.json":
            value = json.loads(body)
            for thing in value["annotations"]:
                x, y, width, height = thing["bbox"]
                thing["bbox"] = [y, x, height, width]
            return json.dumps(value).encode()
        return body

    response = call.forward(call.request)
    return _repacked(response, swap) if _is_download(response) and response.content[:2] == b"PK" else response


def archives_climb(call: Call) -> RawResponse:
    """Files in archives have names that lead out of the folder they are unpacked in."""
    response = call.forward(call.request)
    if not _is_download(response) or response.content[:2] != b"PK":
        return response
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(response.content)) as old, zipfile.ZipFile(packed, "w") as new:
        for file in old.infolist():
            new.writestr(f"../{file.filename}", old.read(file))
    return replace(response, content=packed.getvalue())


def _sent(call: Call, change: Callable[[Any], Any]) -> RawResponse:
    """The real answer to another request."""
    try:
        value = json.loads(call.request.content or b"")
    except ValueError:
        return call.forward(call.request)
    return call.forward(replace(call.request, content=json.dumps(change(value)).encode()))


def skips_ignored(call: Call) -> RawResponse:
    """Nobody can skip: what is sent as skipped is taken as annotated."""

    def heed(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: False if k == "was_cancelled" else heed(v) for k, v in value.items()}
        return [heed(item) for item in value] if isinstance(value, list) else value

    return _sent(call, heed)


def people_missed(call: Call) -> RawResponse:
    """Once a person was deleted, nothing can be exported."""
    if call.operation is not None and call.operation.id == "users.delete":
        call.memory["gone"] = True
    response = call.forward(call.request)
    if call.memory.get("gone") and _is_download(response):
        return replace(response, status=500, content=b"{}")
    return response


def imports_linger(call: Call) -> RawResponse:
    """A refused import leaves a task behind."""
    response = call.forward(call.request)
    is_import = call.operation is not None and call.operation.id == "projects.import_tasks"
    if is_import and response.status >= REFUSED:
        kept = [(name, value) for name, value in call.request.headers if name.lower() != "content-type"]
        headers = (*kept, ("Content-Type", "application/json"))
        call.forward(replace(call.request, headers=headers, content=b'[{"text": "left behind"}]'))
    return response


def uploads_wander(call: Call) -> RawResponse:
    """Addresses of uploaded files lead out of their folder."""
    response = call.forward(call.request)
    return replace(response, content=response.content.replace(b'"/data/upload/', b'"/data/upload/../'))


def exports_heed_ids(call: Call) -> RawResponse:
    """Exports of chosen tasks have what was chosen, whoever's it is; ids that are none break them."""
    ids = httpx.URL(call.request.url).params.get_list("ids")
    response = call.forward(call.request)
    if not ids or not _is_download(response):
        return response
    if not all(chosen.isdigit() for chosen in ids) or len(ids[0]) > DIGITS:
        return replace(response, status=500, content=b"{}")
    return replace(response, content=json.dumps([{"id": int(chosen)} for chosen in ids]).encode())


def exports_heed_nothing(call: Call) -> RawResponse:
    """Exports have the format that is asked for, and heed nothing else."""
    url = httpx.URL(call.request.url)
    if call.operation is None or call.operation.id != "projects.exports.download_sync":
        return call.forward(call.request)
    bare = url.copy_with(params={"export_type": url.params.get("export_type", "JSON")})
    return call.forward(replace(call.request, url=str(bare)))


def files_unlisted(call: Call) -> RawResponse:
    """No project knows of its files."""
    response = call.forward(call.request)
    listed = call.operation is not None and call.operation.id == "files.list"
    return replace(response, content=b"[]") if listed else response


def downloads_cut(call: Call) -> RawResponse:
    """HEAD is not known, lengths are one too many, and parts begin one too late."""
    if call.request.method == "HEAD":
        return replace(call.forward(replace(call.request, method="GET")), status=405)
    response = call.forward(call.request)
    if not _is_download(response):
        return response
    headers = httpx.Headers([*response.headers.multi_items(), ("content-length", str(len(response.content) + 1))])
    if any(name.lower() == "range" for name, _ in call.request.headers):
        return replace(response, status=206, headers=headers, content=response.content[6:16])
    return replace(response, headers=headers)


def imports_forget(call: Call) -> RawResponse:
    """Of annotations and predictions only the result is imported."""
    is_import = call.operation is not None and call.operation.id.startswith("projects.import_")

    def forget(value: Any) -> Any:
        if isinstance(value, dict) and "result" in value:
            return {key: held for key, held in value.items() if key in {"result", "task"}}
        if isinstance(value, dict):
            return {key: forget(held) for key, held in value.items()}
        return [forget(item) for item in value] if isinstance(value, list) else value

    return _sent(call, forget) if is_import else call.forward(call.request)


EXPORT_FAULTS: Final = (
    exports_latin,
    exports_rounded,
    exports_zoneless,
    exports_lose_some,
    exports_relabelled,
    exports_swapped,
    skips_ignored,
    people_missed,
    imports_linger,
    uploads_wander,
    exports_heed_ids,
    downloads_cut,
    imports_forget,
    archives_climb,
    exports_heed_nothing,
    files_unlisted,
)
