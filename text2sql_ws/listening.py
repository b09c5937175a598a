"""The socket that the server listens on, and the address that reaches it.

systemd may hold that socket and pass it on (sd_listen_fds(3)): then nobody is refused while the server starts
again, and what the unit says goes over `server.host` and `server.port`. The one rule: what is checked of the
settings is checked of the address that is really listened on, so `passed_address` goes into the settings.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import closing

from text2sql_ws.settings import Misconfigured

BACKLOG = 1024
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104

FIRST_PASSED = 3
"""SD_LISTEN_FDS_START: after standard input, output and error."""


def listen(host: str, port: int, environment: Mapping[str, str] = os.environ) -> socket.socket:
    """Listen before anything else is opened: a port that is taken is the first thing to say.

    Raises `Misconfigured`.
    """
    return _passed(environment) or bound(host, port)


def address_of(host: str, listening: socket.socket) -> str:
    """An address that reaches this server from this machine, by a name that it answers to."""
    port = listening.getsockname()[1]
    reachable = EVERYWHERE.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def passed_address(environment: Mapping[str, str] = os.environ) -> tuple[str, int] | None:
    """Host and port of the socket that was passed to this process; `None` where none was.

    Raises `Misconfigured`. The socket stays open, for `listen`.
    """
    passed = _passed(environment)
    if passed is None:
        return None
    with closing(passed):
        host, port = passed.getsockname()[:2]
    return str(host), int(port)


def _passed(environment: Mapping[str, str]) -> socket.socket | None:
    """A socket of its own over the one that was passed, which stays as it is. Raises `Misconfigured`."""
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = environment.get("LISTEN_FDS", "0")
    if count != "1":
        raise Misconfigured([f"LISTEN_FDS={count}: one is served: give the socket unit one ListenStream"])
    try:
        passed = socket.socket(fileno=os.dup(FIRST_PASSED))
    except OSError as error:
        raise Misconfigured([f"LISTEN_FDS=1, but no socket was passed: {error.strerror}"]) from None
    os.set_inheritable(FIRST_PASSED, False)
    if passed.family in (socket.AF_INET, socket.AF_INET6) and passed.type == socket.SOCK_STREAM:
        return passed
    passed.close()
    raise Misconfigured(["the socket that was passed is not TCP: ListenStream takes an address and a port"])


def bound(host: str, port: int) -> socket.socket:
    """A socket of our own that listens there. Raises `Misconfigured`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Misconfigured(
            [f"server.host, server.port: can't listen on {host}:{port}: {why}; set another port"]
        ) from None
