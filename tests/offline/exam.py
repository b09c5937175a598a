"""Puts questions to the offline model, with the prompts and schemas that the product would use.

`python -m tests.offline.exam` prints how each question went; with the path of another file of demo questions
it puts those.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.offline.scoring import Outcome, Question, judge, sql_block
from tests.offline.second_schema import build_hospital
from text2sql_ws.catalog.reading import read_schema
from text2sql_ws.demo import build_demo
from text2sql_ws.llm.offline import answer
from text2sql_ws.llm.prompts import Prompts, read_prompts
from text2sql_ws.schema import Schema
from text2sql_ws.settings import DataSource

TODAY = date(2026, 11, 21)
HERE = Path(__file__).parent
DEMO_QUESTIONS = HERE / "demo_questions.json"
HOSPITAL_QUESTIONS = HERE / "hospital_questions.json"
PROMPTS = HERE.parents[1] / "config" / "prompts"


@dataclass(frozen=True, slots=True)
class Mark:
    question: Question
    outcome: Outcome
    content: str


@dataclass(frozen=True, slots=True)
class Room:
    """A database with its schema as the catalogue reads it, in which questions are put."""

    path: Path
    schema: Schema
    prompts: Prompts

    def put(self, questions: Sequence[Question]) -> list[Mark]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as database:
            return [self._mark(question, database) for question in questions]

    def ask(self, question: Question) -> str:
        messages = self.prompts.generate(question.text, self.schema, TODAY, question.locale)
        return answer(messages).content

    def _mark(self, question: Question, database: sqlite3.Connection) -> Mark:
        content = self.ask(question)
        return Mark(question, judge(question, content, database, TODAY.isoformat()), content)


async def open_room(build: Callable[[Path, date], None], folder: Path) -> Room:
    path = folder / "exam.db"
    build(path, TODAY)
    schema = await read_schema("exam", DataSource(type="sqlite", path=str(path)))
    return Room(path, schema, read_prompts(PROMPTS))


def read_questions(path: Path) -> list[Question]:
    """An array of `{question, locale, sql, ordered}`; `sql` holds the accepted references, or is null."""
    return [
        Question(one["question"], one["locale"], tuple(one["sql"] or ()), one["ordered"])
        for one in json.loads(path.read_text("utf-8"))
    ]


def tally(marks: Sequence[Mark], outcome: Outcome) -> int:
    return sum(mark.outcome is outcome for mark in marks)


def report(marks: Sequence[Mark]) -> str:
    """What did not go right, with what the model said; then the figures."""
    failed = [mark for mark in marks if mark.outcome is not Outcome.CORRECT]
    lines = [f"{mark.outcome}: {mark.question.text}\n    {_said(mark.content)}" for mark in failed]
    figures = ", ".join(f"{tally(marks, outcome)} {outcome}" for outcome in Outcome)
    return "\n".join([*lines, figures])


def _said(content: str) -> str:
    return " ".join((sql_block(content) or content).split())


async def _print_reports(demo_questions: Path) -> None:
    for build, questions in ((build_demo, demo_questions), (build_hospital, HOSPITAL_QUESTIONS)):
        with tempfile.TemporaryDirectory() as folder:
            room = await open_room(build, Path(folder))
            sys.stdout.write(f"{report(room.put(read_questions(questions)))}\n\n")


if __name__ == "__main__":
    asyncio.run(_print_reports(Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO_QUESTIONS))
