"""How well the offline model must answer: often right, seldom wrong, and otherwise frank about it."""

import asyncio
import re
import sqlite3
from contextlib import closing

import pytest

from tests.offline.exam import (
    DEMO_QUESTIONS,
    HOSPITAL_QUESTIONS,
    TODAY,
    Room,
    open_room,
    read_questions,
    report,
    tally,
)
from tests.offline.scoring import Outcome, Question, fetch, sql_block
from tests.offline.second_schema import build_hospital
from text2sql_ws.demo import DEMO_EXAMPLES, build_demo

LOCALES = ("zh", "en")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return asyncio.run(open_room(build_demo, tmp_path_factory.mktemp("demo")))


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return asyncio.run(open_room(build_hospital, tmp_path_factory.mktemp("hospital")))


def test_of_60_questions_about_the_demo_48_are_right_and_at_most_3_wrong(demo: Room) -> None:
    questions = read_questions(DEMO_QUESTIONS)
    assert [sum(one.locale == locale for one in questions) for locale in LOCALES] == [30, 30]
    marks = demo.put(questions)
    assert tally(marks, Outcome.CORRECT) >= 48, report(marks)
    assert tally(marks, Outcome.WRONG) <= 3, report(marks)


def test_of_20_questions_about_an_unseen_schema_12_are_right_and_at_most_2_wrong(hospital: Room) -> None:
    questions = read_questions(HOSPITAL_QUESTIONS)
    assert [sum(one.locale == locale for one in questions) for locale in LOCALES] == [10, 10]
    marks = hospital.put(questions)
    assert tally(marks, Outcome.CORRECT) >= 12, report(marks)
    assert tally(marks, Outcome.WRONG) <= 2, report(marks)


@pytest.mark.parametrize("text", [text for pair in DEMO_EXAMPLES for text in pair])
def test_the_questions_that_the_page_suggests_are_answered_with_rows(demo: Room, text: str) -> None:
    locale = "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"
    content = demo.ask(Question(text, locale, (), ordered=False))
    sql = sql_block(content)
    assert sql is not None, content
    with closing(sqlite3.connect(demo.path)) as database:
        assert fetch(database, sql, TODAY.isoformat()), sql


def test_every_reference_statement_runs_and_finds_something(demo: Room, hospital: Room) -> None:
    for room, path in ((demo, DEMO_QUESTIONS), (hospital, HOSPITAL_QUESTIONS)):
        with closing(sqlite3.connect(room.path)) as database:
            for question in read_questions(path):
                for sql in question.sql:
                    assert any(any(row) for row in fetch(database, sql, TODAY.isoformat())), question.text
