"""A socket of loopback for servers that tests start."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def listen(port: int = 0) -> socket.socket:
    """Listen on a port of loopback, a free one unless it is given; answers are sent at once.

    asyncio takes the delay away from sockets that it opens itself, not from one that it is handed: each answer in two
    parts on a connection that is kept would wait 40 ms for the other side's acknowledgement.
    """
    listening = socket.create_server((LOOPBACK, port))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # those that are accepted inherit it
    return listening
