"""The service as an operator runs it: a process of its own, which signals may hit."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from tests.support.paths import ROOT

START_SECONDS = 40.0


class Process:
    """`run.py` over a configuration; `log` is what it wrote to its standard error so far."""

    def __init__(self, process: asyncio.subprocess.Process, log: IO[bytes]) -> None:
        self._process = process
        self._log = log
        self.address = ""

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()

    async def ready(self) -> None:
        """Wait for its line; `address` is known from then on."""
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = (await self._process.stdout.readline()).decode()
        assert line.startswith("text2sql-ws is ready: "), line + self.log
        self.address = line.split()[-1].rstrip("/")

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self, seconds: float) -> int:
        """Its exit status, which must come within so many seconds."""
        async with asyncio.timeout(seconds):
            return await self._process.wait()


@asynccontextmanager
async def started(
    config: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    program: Path = ROOT / "run.py",
    python: str = sys.executable,
) -> AsyncIterator[Process]:
    """Start it in `folder` with this TOML; whatever becomes of it, it is gone afterwards."""
    path = folder / "service.toml"
    path.write_text(config)
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            python, str(program), "--config", str(path),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=folder,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        try:
            yield Process(process, log)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            process._transport.close()  # type: ignore[attr-defined]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
