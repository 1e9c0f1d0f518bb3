"""A proxy between a run and a real Label Studio: whoever uses it says what becomes of an answer."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
from werkzeug import Request, Response
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.target.embedded import EmbeddedServer

HOP_BY_HOP: Final = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}


@contextmanager
def between(server: EmbeddedServer, become: Callable[[Request, httpx.Response], bytes]) -> Iterator[str]:
    """Stand between for as long as the block lasts; gives the address.

    Args:
        server: the real one.
        become: the body to send on, of what was asked and what came.
    """
    with httpx.Client(base_url=server.url, timeout=60) as client:

        def handle(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            asked = Request(environ)
            headers = [(k, v) for k, v in asked.headers if k.lower() not in HOP_BY_HOP]
            client.cookies.clear()  # each client has its own
            got = client.request(asked.method, environ["RAW_URI"], headers=headers, content=asked.get_data())
            kept = [(k, v) for k, v in got.headers.multi_items() if k.lower() not in HOP_BY_HOP]
            return Response(become(asked, got), status=got.status_code, headers=kept)(environ, start)

        proxy = make_server("127.0.0.1", 0, handle, threaded=True)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()
