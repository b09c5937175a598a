"""The charts' JavaScript (Vega, Vega-Lite, Vega-Embed) as one ES module, made from what pip installed.

Nothing here knows HTTP. The one rule: the page never asks another host for it, so it is bundled here, from
`vl-convert-python`, once for each version, and kept in a folder of ours.
"""

import asyncio
import os
import sys
import tempfile
import zlib
from importlib.metadata import version
from pathlib import Path

import structlog

log = structlog.get_logger()

SNIPPET = "export { vegaEmbed as embed };"
"""Vega-Embed brings Vega's expression interpreter (`ast: true`), so the page needs no `unsafe-eval`."""

MAKE = f"""
import os, sys
os.nice(10)  # who is being answered meanwhile comes first
import vl_convert
sys.stdout.buffer.write(vl_convert.javascript_bundle({SNIPPET!r}).encode())
"""
MAKE_SECONDS = 120


class Bundle:
    """The module, kept in `folder`: whoever asks while it is read or made waits for the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading: asyncio.Task[bytes] | None = None
        self._ahead: asyncio.Task[None] | None = None

    async def read(self) -> bytes:
        """As `bundle`; it goes on when who asked doesn't wait for it."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(bundle(self._folder), name="the charts' bundle")
        return await asyncio.shield(self._reading)

    def make_ahead(self, after_seconds: float) -> None:
        """Have it made before the first chart asks for it, once what is more urgent is done."""
        self._ahead = asyncio.create_task(self._make_ahead(after_seconds), name="the first chart's bundle")

    async def aclose(self) -> None:
        tasks = [task for task in (self._ahead, self._reading) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make_ahead(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        try:
            await self.read()
        except OSError as error:
            log.warning("charts_not_ready", why=str(error))


async def bundle(folder: Path) -> bytes:
    """The module that exports `embed`, 900 kB of UTF-8; read from `folder`, made there if missing.

    Making it takes a process of its own some seconds: vl-convert keeps the interpreter's lock all the while,
    so a thread would hold up the event loop. Two callers at once may both make it; a reader never sees half
    a file. Raises `OSError` where `folder` can't be written or the process failed.
    """
    path = folder / _name()
    try:
        return await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        made = await _made()
    await asyncio.to_thread(_write_whole, path, made)
    return made


def _name() -> str:
    """Changes with the library and with the snippet, so that an upgrade never serves an old bundle."""
    return f"vega-{version('vl-convert-python')}-{zlib.crc32(SNIPPET.encode()):08x}.js"


async def _made() -> bytes:
    maker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MAKE, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(MAKE_SECONDS):
            made, _ = await maker.communicate()
    finally:
        if maker.returncode is None:
            maker.kill()
            await maker.wait()
    if maker.returncode or not made:
        raise OSError(f"the charts' bundle could not be made: exit code {maker.returncode}")
    return made


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
