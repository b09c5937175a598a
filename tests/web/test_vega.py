"""The bundle: a whole ES module, made once, never half written."""

import asyncio
import time
from pathlib import Path

import pytest

from text2sql_ws.web import vega


async def test_bundle_is_a_module_that_exports_embed(tmp_path: Path) -> None:
    made = await vega.bundle(tmp_path)
    assert made.rstrip().endswith(b"as embed};")
    assert b"import(" not in made


async def test_others_are_served_while_it_is_made(tmp_path: Path) -> None:
    """The library holds the interpreter's lock all the while it works: never in this process."""
    making = asyncio.create_task(vega.bundle(tmp_path))
    began, turns = time.monotonic(), 0
    while not making.done():
        await asyncio.sleep(0.01)
        turns += 1
    # Held up, the loop would have turned a handful of times; loaded, it still turns a good part of them.
    assert turns > (time.monotonic() - began) / 0.01 / 10
    await making


async def test_bundle_is_made_once_and_then_read(tmp_path: Path) -> None:
    """A file that stands in the folder is served as it is."""
    await vega.bundle(tmp_path / "new")
    (file,) = (tmp_path / "new").iterdir()
    file.write_bytes(b"as it stands")
    assert await vega.bundle(tmp_path / "new") == b"as it stands"


async def test_who_asks_while_it_is_made_ahead_waits_for_the_same(tmp_path: Path) -> None:
    charts = vega.Bundle(tmp_path)
    charts.make_ahead(0)
    await asyncio.sleep(0)
    first = asyncio.create_task(charts.read())
    await asyncio.sleep(0.01)
    first.cancel()
    assert (await charts.read()).rstrip().endswith(b"as embed};")
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"as it stands")
    assert await charts.read() == b"as it stands"
    await charts.aclose()


async def test_who_leaves_while_it_is_made_leaves_nothing(tmp_path: Path) -> None:
    charts = vega.Bundle(tmp_path)
    charts.make_ahead(0)
    await asyncio.sleep(0.3)
    await charts.aclose()
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        await vega.bundle(tmp_path / "file" / "folder")
