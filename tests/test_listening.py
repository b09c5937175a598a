"""The socket: our own, or the one that systemd holds and passes on."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.paths import ROOT
from text2sql_ws.listening import address_of, listen, passed_address
from text2sql_ws.settings import Misconfigured

pytestmark = pytest.mark.timeout(240)
"""A loaded machine takes its time to start processes."""

AS_SYSTEMD = (
    "import os, socket, sys\n"
    "os.dup2(int(sys.argv[1]), 3)\n"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])\n"
)
"""What systemd does before it becomes the service: the socket at 3, and the process's own number."""


@pytest.fixture
def held() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held


@pytest.fixture
def process(held: socket.socket, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The server, with the held socket passed on and settings that name another port."""
    held.set_inheritable(True)
    (tmp_path / "my.toml").write_text('[server]\nhost = "127.0.0.2"\nport = 1\ndrain_seconds = 0')
    program = [str(ROOT / "run.py"), "--config", "my.toml"]
    process = subprocess.Popen(
        [sys.executable, "-c", AS_SYSTEMD, str(held.fileno()), *program],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, pass_fds=[held.fileno()],
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


async def test_a_passed_socket_is_served_whatever_the_settings_say(
    held: socket.socket, process: subprocess.Popen[str]
) -> None:
    address = f"http://127.0.0.1:{held.getsockname()[1]}"
    async with aiohttp.ClientSession() as http, http.get(f"{address}/health/live") as response:
        assert response.status == 200, "whoever comes while the server starts waits in the backlog"
    assert process.stdout is not None
    assert process.stdout.readline() == f"text2sql-ws is ready: {address}/\n"
    process.terminate()
    assert process.wait(30) == 0
    with socket.create_connection(held.getsockname(), 1):
        pass  # the port outlives the server: the next one is passed the same socket


def test_what_was_passed_to_another_process_is_left_alone() -> None:
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
    assert passed_address(environment) is None
    with listen("127.0.0.1", 0, environment) as listening:
        assert address_of("127.0.0.1", listening).startswith("http://127.0.0.1:")


@pytest.mark.parametrize("count", ["0", "2", "many"])
def test_other_than_one_socket_is_refused(count: str) -> None:
    environment = {"LISTEN_FDS": count, "LISTEN_PID": str(os.getpid())}
    with pytest.raises(Misconfigured, match="ListenStream"):
        passed_address(environment)


def outcome(kind: str, passed: str) -> subprocess.CompletedProcess[str]:
    """`--check` in a process that such a socket was passed to."""
    make = f"import socket; held = socket.socket({kind}); {passed}; held.set_inheritable(True)\n"
    begin = AS_SYSTEMD.replace("int(sys.argv[1])", "held.fileno()").replace("sys.argv[2:]", "sys.argv[1:]")
    program = [str(ROOT / "run.py"), "--check"]
    return subprocess.run(
        [sys.executable, "-c", make + begin, *program],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_passed_socket_that_strangers_reach_is_refused_like_such_a_host() -> None:
    told = outcome("socket.AF_INET", "held.bind(('0.0.0.0', 0)); held.listen()")
    assert told.returncode == 2
    assert "allow_insecure" in told.stderr


def test_a_passed_socket_that_is_not_tcp_is_refused() -> None:
    told = outcome("socket.AF_UNIX", "held.bind('\\0text2sql-ws-test'); held.listen()")
    assert told.returncode == 2
    assert "not TCP" in told.stderr
