"""Servers under measurement, each in a process of its own, and the CPU seconds that it has used."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.serving import make_shop

PROCESS_CLOCK = 2
"""What `clock_getcpuclockid` adds for the CPU time of a whole process (Linux)."""


@dataclass(frozen=True)
class Measured:
    address: str
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time so far, all threads, by the clock of the process itself."""
        return time.clock_gettime((~self.pid << 3) | PROCESS_CLOCK)

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def bare_relay(model_url: str) -> AsyncIterator[Measured]:
    async with _process(["-m", "tests.benchmarks.bare_relay", model_url], ROOT) as measured:
        yield measured


@asynccontextmanager
async def service(model_url: str, more: str = "") -> AsyncIterator[Measured]:
    """The product over the little shop; `more` is further TOML."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "bench.toml"
        config.write_text(
            f'[server]\nport = 0\ndrain_seconds = 0\n[log]\nlevel = "warning"\n'
            f'[llm.providers.main]\nbase_url = "{model_url}"\nmodel = "m"\n'
            f'[datasources.shop]\ntype = "sqlite"\npath = "{make_shop(folder / "shop.db")}"\n{more}'
        )
        async with _process([str(ROOT / "run.py"), "--config", str(config)], folder) as measured:
            yield measured


@asynccontextmanager
async def _process(arguments: Sequence[str], folder: Path) -> AsyncIterator[Measured]:
    """A Python process that prints a line which ends in its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments,
        stdout=asyncio.subprocess.PIPE, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        yield Measured(line.split()[-1].rstrip("/"), process.pid)
    finally:
        process.terminate()
        await process.wait()
