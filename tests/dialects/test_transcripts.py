"""Every dialect renders every story to a transcript that a person can read and diff.

A line is a frame, a newline within it written as `\\n`. After a wanted change:
`UPDATE_TRANSCRIPTS=1 make test ARGS=tests/dialects`, and read the diff.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.stories import STORIES
from text2sql_ws.dialects.chat import Chat
from text2sql_ws.dialects.dialect import Renderer
from text2sql_ws.dialects.plain import Plain
from text2sql_ws.dialects.scm import Expected, Scm
from text2sql_ws.dialects.steps import Steps
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.events import Stamped

FOLDER = Path(__file__).parent.parent / "transcripts"
RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
WHOLE_BYTES = 4096


def plain(*, return_result: bool = False, cumulative: bool = False) -> Plain:
    dialect = Plain(4000, WHOLE_BYTES, cumulative=cumulative)
    dialect.begin(return_result=return_result)
    return dialect


def scm(*, streaming: bool) -> Scm:
    dialect = Scm("s1", "user001", "zh", 4000)
    dialect.expect("q1", Expected("r1", "c1", "main", "m", streaming))
    return dialect


DIALECTS: Mapping[str, Callable[[], Renderer]] = {
    "text2sql": lambda: Text2Sql("s1", 1, "zh", 4000),
    "chat": lambda: Chat("zh", 4000, "s1", "m1"),
    "plain": plain,
    "plain_with_result": lambda: plain(return_result=True),
    "plain_cumulative": lambda: plain(cumulative=True),
    "scm": lambda: scm(streaming=True),
    "scm_whole": lambda: scm(streaming=False),
    "steps": lambda: Steps("st1", "steps", WHOLE_BYTES),
    "steps_progress": lambda: Steps("st1", "progress", WHOLE_BYTES),
    "steps_simple": lambda: Steps("st1", "simple", WHOLE_BYTES),
}
"""By the name of its folder, how each dialect, in each of its forms, begins to tell of one query."""


def rendered(dialect: Renderer, story: list[Stamped]) -> list[bytes]:
    """Every frame of a story, in wire order, each with the sequence that a channel would give it."""
    frames: list[bytes] = []
    for stamped in story:
        made = dialect.render(stamped, len(frames) + 1)
        frames += [] if made is None else made if isinstance(made, tuple) else [made]
    return frames


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("story", STORIES)
async def test_transcript(name: str, story: str) -> None:
    frames = rendered(DIALECTS[name](), await STORIES[story]())
    lines = [RANDOM.sub("<uuid>", frame.decode()).replace("\n", "\\n") for frame in frames]
    transcript = "\n".join(lines) + "\n"
    file = FOLDER / name / f"{story}.txt"
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(transcript, "utf-8")
    assert transcript == file.read_text("utf-8")


def test_no_transcript_is_without_its_story() -> None:
    files = {(file.parent.name, file.stem) for file in FOLDER.glob("*/*.txt")}
    assert files == {(name, story) for name in DIALECTS for story in STORIES}
