"""The socket that the server listens on, and the address that reaches it."""

import os
import socket

from text2sql_ws.settings import Misconfigured

BACKLOG = 1024
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def listen(host: str, port: int) -> socket.socket:
    """Listen before anything else is opened: a port that is taken is the first thing to say."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Misconfigured(
            [f"server.host, server.port: can't listen on {host}:{port}: {why}; set another port"]
        ) from None


def address_of(host: str, listening: socket.socket) -> str:
    """An address that reaches this server from this machine, by a name that it answers to."""
    port = listening.getsockname()[1]
    reachable = EVERYWHERE.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
