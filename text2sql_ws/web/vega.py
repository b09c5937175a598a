"""The charts' JavaScript (Vega, Vega-Lite, Vega-Embed) as one ES module, made from what pip installed.

Nothing here knows HTTP. The one rule: the page never asks another host for it, so it is bundled here, from
`vl-convert-python`, once for each version, and kept in a folder of ours.
"""

import asyncio
import os
import tempfile
import zlib
from importlib.metadata import version
from pathlib import Path

import vl_convert

SNIPPET = "export { vegaEmbed as embed };"
"""Vega-Embed brings Vega's expression interpreter (`ast: true`), so the page needs no `unsafe-eval`."""


async def bundle(folder: Path) -> bytes:
    """The module that exports `embed`, 900 kB of UTF-8; read from `folder`, made there if missing.

    Making it takes a second or two of a thread, never of the event loop. Two callers at once may both make
    it; a reader never sees half a file. Raises `OSError` where `folder` can't be written.
    """
    return await asyncio.to_thread(_read_or_make, folder / _name())


def _name() -> str:
    """Changes with the library and with the snippet, so that an upgrade never serves an old bundle."""
    return f"vega-{version('vl-convert-python')}-{zlib.crc32(SNIPPET.encode()):08x}.js"


def _read_or_make(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        made = vl_convert.javascript_bundle(SNIPPET).encode()
        _write_whole(path, made)
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
