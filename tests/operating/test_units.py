"""The units as systemd itself reads them; `systemd-analyze` needs no running systemd for that."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from text2sql_ws.settings import Server

SERVICE = ROOT / "config" / "text2sql-ws.service"
SOCKET = ROOT / "config" / "text2sql-ws.socket"
PROGRAM = "/usr/local/bin/text2sql-ws"
MOST_EXPOSED = 1.5


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.fail("systemd-analyze is not installed: apt install systemd", pytrace=False)
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=30)


def settings_of(unit: Path) -> dict[str, list[str]]:
    """Each key with its values in order; sections don't matter, for no key stands in two of them here."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^([A-Za-z]+)=(.*)$", unit.read_text("utf-8"), re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units as they are, but for the program, which isn't installed here."""
    for unit in (SERVICE, SOCKET):
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(PROGRAM, "/bin/true"), "utf-8")
    return [str(path) for path in sorted(tmp_path.iterdir())]


def test_systemd_finds_nothing_wrong_with_the_units(units: list[str]) -> None:
    verified = analyze("verify", "--man=no", *units)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_a_unit_that_is_wrong_would_be_noticed(units: list[str]) -> None:
    path = Path(units[0])
    path.write_text(path.read_text("utf-8").replace("KillMode=mixed", "KillMode=sometimes"), "utf-8")
    assert "kill mode" in analyze("verify", "--man=no", *units).stderr


def test_the_service_is_as_little_exposed_as_promised() -> None:
    told = analyze("security", "--offline=true", "--no-pager", str(SERVICE))
    exposure = re.search(r"Overall exposure level for text2sql-ws\.service: ([0-9.]+)", told.stdout)
    assert exposure is not None, told.stdout + told.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


def test_systemd_waits_longer_than_the_drain_takes() -> None:
    (stop_seconds,) = settings_of(SERVICE)["TimeoutStopSec"]
    assert float(stop_seconds) >= Server().drain_seconds + 10


def test_the_unit_speaks_the_protocols_that_the_server_speaks() -> None:
    stated = settings_of(SERVICE)
    assert stated["Type"] == ["notify"]
    assert stated["KillMode"] == ["mixed"]
    assert stated["Restart"] == ["on-failure"]
    assert float(stated["WatchdogSec"][0]) > 0
    assert stated["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert stated["RestartPreventExitStatus"] == ["2"], "what main() returns for settings that can't be used"


def test_the_socket_is_where_the_server_listens_by_default() -> None:
    server = Server()
    assert settings_of(SOCKET)["ListenStream"] == [f"{server.host}:{server.port}"]
