"""`make install`: a wheel, built and installed somewhere else, that brings all it needs with it."""

import json
import os
import subprocess
import sysconfig
import venv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.support.paths import ROOT
from tests.support.process import Process, started
from tests.support.serving import Served
from text2sql_ws.settings import load

INSTALL_SECONDS = 180

pytestmark = pytest.mark.timeout(240)
"""A loaded machine takes its time to start processes."""


@dataclass(frozen=True)
class Installed:
    """`root` is what stands in for `/`."""

    root: Path

    @property
    def program(self) -> Path:
        return self.root / "usr/local/lib/text2sql-ws/bin/text2sql-ws"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Everything but the packages we depend on, which are lent from this environment."""
    root = tmp_path_factory.mktemp("root")
    installed = Installed(root)
    home = installed.program.parent.parent
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python3.*/site-packages")
    lent = sysconfig.get_path("purelib")
    (packages / "lent.pth").write_text(f"import sys; sys.path.insert(0, {lent!r})\n")
    there = {"DESTDIR": str(root), "PYTHON": str(home / "bin/python"), "LOCKS": "", "ANY_PYTHON": "1"}
    made = subprocess.run(
        ["sh", str(ROOT / ".ci" / "install")],
        env={**os.environ, **there}, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    return installed


def test_the_paths_are_those_of_the_fhs(installed: Installed) -> None:
    link = installed.root / "usr/local/bin/text2sql-ws"
    assert str(link.readlink()) == "/usr/local/lib/text2sql-ws/bin/text2sql-ws"
    etc = installed.root / "etc/text2sql-ws"
    assert (etc / "config.toml").is_file()
    assert (etc / "credentials").stat().st_mode & 0o777 == 0o700
    units = installed.root / "etc/systemd/system"
    assert {unit.name for unit in units.iterdir()} == {"text2sql-ws.service", "text2sql-ws.socket"}
    doc = installed.root / "usr/local/share/doc/text2sql-ws"
    assert {"operating.md", "default.toml", "nginx.conf"} <= {path.name for path in doc.iterdir()}


def test_the_manual_comes_with_its_pictures(installed: Installed) -> None:
    (shipped,) = installed.program.parent.parent.glob("lib/python3.*/site-packages/text2sql_ws/shipped/docs")
    here = {path.name: path.read_bytes() for path in (ROOT / "docs" / "images").iterdir()}
    assert here
    assert {path.name: path.read_bytes() for path in (shipped / "images").iterdir()} == here


def test_no_installed_file_knows_where_it_was_packed(installed: Installed) -> None:
    packed = str(installed.root).encode()
    places = [installed.root / "etc", installed.root / "usr/local/share", installed.program.parent]
    files = [
        path for place in places for path in place.rglob("*") if path.is_file() and not path.is_symlink()
    ]
    assert len(files) > 10
    assert [path for path in files if packed in path.read_bytes()] == []


def test_the_settings_that_a_site_begins_with_are_good(installed: Installed) -> None:
    settings = load(installed.root / "etc/text2sql-ws/config.toml")
    assert settings.storage.url == "sqlite:////var/lib/text2sql-ws/var/text2sql.db"
    assert settings.log.format == "json"


@pytest.fixture
async def running(installed: Installed, tmp_path: Path) -> AsyncIterator[Process]:
    """The installed program, by the interpreter that it was installed for."""
    text = "[server]\nport = 0\ndrain_seconds = 0\n"
    python = str(installed.program.parent / "python")
    async with started(text, tmp_path, program=installed.program, python=python) as process:
        await process.ready()
        yield process


async def test_the_installed_server_has_its_page_and_answers_a_question(running: Process) -> None:
    async with aiohttp.ClientSession() as http:
        served = Served(running.address, http)
        async with http.get(f"{running.address}/") as response:
            assert response.status == 200
            assert "/static/js/main.js" in await response.text()
        async with http.get(f"{running.address}/static/js/main.js") as response:
            assert response.status == 200
        async with served.client(locale="en") as client:
            answer = await client.answer("How many customers are there?")
            assert answer[-1]["type"] == "query_complete", answer[-1]
            assert answer[-1]["data"]["visualization"] is not None


def test_it_runs_its_own_files_and_not_the_checkout_s(installed: Installed) -> None:
    asked = subprocess.run(
        [str(installed.program.parent / "python"), str(installed.program), "doctor", "--json"],
        cwd=installed.root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    told = {finding["check"]: finding["message"] for finding in json.loads(asked.stdout)["findings"]}
    assert str(installed.root) in told["files"]
