"""Every picture of the manual is there, says what it shows, is small, and is shown where it is spoken of."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.pictures import FOLDER, MOST_BYTES, PICTURES
from tests.support.paths import ROOT
from tests.support.serving import served

PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
FILES = sorted(FOLDER.iterdir())
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


def shown() -> Iterator[tuple[Path, str, Path]]:
    """Page, words for who can't see it, file."""
    for page in PAGES:
        for words, address in IMAGE.findall(page.read_text("utf-8")):
            yield page, words, (page.parent / address).resolve()


def test_every_picture_that_is_spoken_of_is_there_and_none_is_left_over() -> None:
    assert {path for _, _, path in shown()} == set(FILES)
    assert {path.stem for path in FILES} == set(PICTURES), "`make pictures` takes them all"
    assert {page.name for page, _, _ in shown()} >= {"README.md", "README.zh.md", "tutorial.md"}


def test_every_picture_says_what_it_shows() -> None:
    assert [path.name for _, words, path in shown() if len(words) < 15] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_picture_is_small_and_what_its_name_says(path: Path) -> None:
    head = path.read_bytes()[:16]
    assert (head[:4], head[8:12]) == (b"RIFF", b"WEBP")
    assert path.stat().st_size < MOST_BYTES


async def test_the_product_shows_every_picture_of_its_manual(tmp_path: Path) -> None:
    async with served(tmp_path, {}) as server:
        async with server.http.get(server.address + "/docs/tutorial") as response:
            page = await response.text()
        pictures = set(re.findall(r'<img src="(/docs/images/[^"]+)" alt="[^"]{15,}"', page))
        assert pictures == {f"/docs/images/{path.name}" for path in FILES}
        for path in FILES:
            async with server.http.get(f"{server.address}/docs/images/{path.name}") as response:
                assert (response.status, response.content_type) == (200, "image/webp")
                assert await response.read() == path.read_bytes()
