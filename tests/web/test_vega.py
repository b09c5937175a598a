"""The bundle: a whole ES module, made once, never half written."""

from pathlib import Path

import pytest

from text2sql_ws.web import vega


async def test_bundle_is_a_module_that_exports_embed(tmp_path: Path) -> None:
    made = await vega.bundle(tmp_path)
    assert made.rstrip().endswith(b"as embed};")
    assert b"import(" not in made


async def test_bundle_is_made_once_and_then_read(tmp_path: Path) -> None:
    """A file that stands in the folder is served as it is."""
    await vega.bundle(tmp_path / "new")
    (file,) = (tmp_path / "new").iterdir()
    file.write_bytes(b"as it stands")
    assert await vega.bundle(tmp_path / "new") == b"as it stands"


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        await vega.bundle(tmp_path / "file" / "folder")
