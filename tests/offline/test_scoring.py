"""The judge is itself judged: what it forgives, and what it must not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.offline.scoring import Outcome, Question, agree, canonical, judge, sql_block

TODAY = "2026-11-21"


@pytest.fixture(name="database")
def _database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (name TEXT, n INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("a", 3), ("b", 2), ("c", 1)])
        yield connection


def asked(*sql: str, ordered: bool = False) -> Question:
    return Question("?", "en", sql, ordered)


def block(sql: str) -> str:
    return f"Here it is.\n```sql\n{sql}\n```"


@pytest.mark.parametrize(
    ("sql", "outcome"),
    [
        ("SELECT name, n FROM t", Outcome.CORRECT),
        ("SELECT n AS number, name FROM t ORDER BY n", Outcome.CORRECT),
        ("SELECT rowid, n, name FROM t", Outcome.CORRECT),
        ("SELECT name, n FROM t LIMIT 2", Outcome.WRONG),
        ("SELECT name, n FROM t UNION ALL SELECT 'a', 3", Outcome.WRONG),
        ("SELECT name FROM t", Outcome.WRONG),
        ("SELECT name, n + 1 FROM t", Outcome.WRONG),
        ("SELECT name, 4 - n FROM t", Outcome.WRONG),
        ("SELECT nobody FROM t", Outcome.WRONG),
        ("WITH RECURSIVE x(i) AS (SELECT 1 UNION ALL SELECT i FROM x) SELECT MAX(i) FROM x", Outcome.WRONG),
    ],
)
def test_an_answer_is_right_when_its_rows_are(
    database: sqlite3.Connection, sql: str, outcome: Outcome
) -> None:
    assert judge(asked("SELECT name, n FROM t"), block(sql), database, TODAY) is outcome


def test_order_counts_where_it_was_asked_for(database: sqlite3.Connection) -> None:
    down, up = (f"SELECT name, n FROM t ORDER BY n {way}" for way in ("DESC", "ASC"))
    assert judge(asked(down, ordered=True), block(down), database, TODAY) is Outcome.CORRECT
    assert judge(asked(down, ordered=True), block(up), database, TODAY) is Outcome.WRONG
    assert judge(asked(down), block(up), database, TODAY) is Outcome.CORRECT


def test_words_are_right_only_where_words_were_expected(database: sqlite3.Connection) -> None:
    sql = "SELECT COUNT(*) FROM t"
    assert judge(asked(sql), "I did not understand.", database, TODAY) is Outcome.NOT_UNDERSTOOD
    assert judge(asked(), "Good morning!", database, TODAY) is Outcome.CORRECT
    assert judge(asked(), block(sql), database, TODAY) is Outcome.WRONG


def test_any_of_several_references_will_do(database: sqlite3.Connection) -> None:
    question = asked("SELECT 0.25", "SELECT 25.0")
    assert judge(question, block("SELECT 25"), database, TODAY) is Outcome.CORRECT
    assert judge(question, block("SELECT 2.5"), database, TODAY) is Outcome.WRONG


def test_a_reference_counts_from_the_day_of_the_exam(database: sqlite3.Connection) -> None:
    question = asked("SELECT date(:today, 'start of year')")
    assert judge(question, block("SELECT '2026-01-01'"), database, TODAY) is Outcome.CORRECT


@pytest.mark.parametrize(
    ("reference", "answer", "same"),
    [
        (14391.707433, 14391.71, True),
        (14391.707433, 14391.7, False),
        (14391.707433, 14391.72, False),
        (0.396969, 0.397, True),
        (0.396969, 0.40, False),
        (1e9, 1e9 + 0.1, True),
        (1e9, 1e9 + 2, False),
        (3.0, 4.0, False),
        (None, 0.0, False),
        (0.0, 0.0, True),
    ],
)
def test_numbers_may_be_rounded_but_not_changed(
    reference: float | None, answer: float, *, same: bool
) -> None:
    assert agree([(reference,)], [(answer,)], ordered=False) is same


def test_a_column_of_the_answer_serves_only_one_of_the_reference() -> None:
    assert not agree([("a", "a")], [("a", "b")], ordered=False)
    assert agree([("a", "a")], [("a", "a")], ordered=False)


def test_rows_must_hang_together() -> None:
    reference = [("a", 1.0), ("b", 2.0)]
    assert not agree(reference, [("a", 2.0), ("b", 1.0)], ordered=False)


def test_no_rows_agree_with_no_rows() -> None:
    assert agree([], [], ordered=True)
    assert not agree([], [("a",)], ordered=False)


@pytest.mark.parametrize(
    "ways",
    [
        (2025, "2025", "2025年"),
        (3, "03", "3月", 3.0),
        ("2025-03", "2025年3月", "2025/3", "2025-03-01"),
        ("2025-Q2", "2025Q2", "2025年第二季度", "2025年2季度", "2025年Q2"),
        (2, "Q2", "第2季度", "二季度"),
        ("2025-03-09", "2025年3月9日", "2025-03-09 00:00:00"),
    ],
)
def test_a_period_may_be_written_in_several_ways(ways: tuple[object, ...]) -> None:
    assert len({canonical(way) for way in ways}) == 1


def test_different_periods_stay_different() -> None:
    periods = ("2025", "2025-03", "2025-03-09", "2025-Q1", "2024-Q1", "2025-12", 3)
    assert len({canonical(period) for period in periods}) == len(periods)


@pytest.mark.parametrize(
    ("content", "sql"),
    [
        ("```sql\nSELECT 1\n```", "SELECT 1"),
        ("First.\n```sql\nSELECT 1\nFROM t\n```\n", "SELECT 1\nFROM t"),
        ("SELECT 1", None),
        ("```\nSELECT 1\n```", None),
    ],
)
def test_the_sql_of_an_answer_stands_in_its_block(content: str, sql: str | None) -> None:
    assert sql_block(content) == sql
