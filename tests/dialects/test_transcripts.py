"""Every dialect renders every story to a transcript that a person can read and diff.

After a wanted change: `UPDATE_TRANSCRIPTS=1 make test ARGS=tests/dialects`, and read the diff.
"""

import os
import re
from pathlib import Path

import pytest

from tests.support.stories import STORIES
from text2sql_ws.dialects.dialect import Dialect
from text2sql_ws.dialects.text2sql import Text2Sql

FOLDER = Path(__file__).parent.parent / "transcripts"
DIALECTS: dict[str, Dialect] = {"text2sql": Text2Sql("s1", 1, "zh", 4000)}
RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("story", STORIES)
async def test_transcript(name: str, story: str) -> None:
    dialect, lines = DIALECTS[name], []
    for stamped in await STORIES[story]():
        frame = dialect.render(stamped, len(lines) + 1)
        if frame is not None:
            lines.append(RANDOM.sub("<uuid>", frame.decode()))
    transcript = "\n".join(lines) + "\n"
    file = FOLDER / name / f"{story}.txt"
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(transcript, "utf-8")
    assert transcript == file.read_text("utf-8")


def test_no_transcript_is_without_its_story() -> None:
    files = {(file.parent.name, file.stem) for file in FOLDER.glob("*/*.txt")}
    assert files == {(name, story) for name in DIALECTS for story in STORIES}
