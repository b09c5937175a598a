"""A fragment after a question takes the place of its like in it; a whole question stands on its own."""

import pytest

from tests.llm_offline import shop
from tests.llm_offline.asking import ask, sql_of

CASES = (
    ("revenue by category in 2025", "and this year?", "revenue by category this year"),
    ("今年的销售额", "那去年呢？", "去年的销售额"),
    ("How many customers are in France?", "and in Spain?", "How many customers are in Spain?"),
    ("revenue in 2025", "by month?", "revenue in 2025 by month"),
    ("revenue in 2025", "by category", "revenue in 2025 by category"),
)


@pytest.mark.parametrize(("first", "then", "whole"), CASES)
def test_a_fragment_completes_the_question_before(first: str, then: str, whole: str) -> None:
    schema = shop.schema()
    followed = ask(then, schema, first)
    expected, got = sql_of(ask(whole, schema)), sql_of(followed)
    assert expected is not None
    assert got is not None, followed.content
    assert _conditions(got) == _conditions(expected)


def test_two_fragments_follow_each_other() -> None:
    schema = shop.schema()
    got = sql_of(ask("and by month?", schema, "revenue in 2025", "and this year?"))
    assert got is not None
    assert "2026-01-01" in got
    assert "%Y-%m" in got


def test_a_whole_question_stands_on_its_own() -> None:
    schema = shop.schema()
    assert ask("How many customers?", schema, "revenue in 2025") == ask("How many customers?", schema)


def _conditions(sql: str) -> tuple[str, ...]:
    return tuple(
        line for line in sql.splitlines() if line.startswith(("FROM", "JOIN", "WHERE", "  AND", "GROUP"))
    )
