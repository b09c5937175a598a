"""The SQL in whatever a model says."""

import pytest

from tests.sql.answers import ANSWERS, Q
from text2sql_ws.sql.extract import sql_in


@pytest.mark.parametrize(("answer", "meant"), ANSWERS, ids=[answer[:50] for answer, _ in ANSWERS])
def test_the_sql_that_a_model_meant(answer: str, meant: str | None) -> None:
    assert sql_in(answer) == meant


@pytest.mark.parametrize(
    "label", ["", "sql", "SQL", "mysql", "sqlite", "mariadb", "tsql", "plaintext", "sql-server"]
)
@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
@pytest.mark.parametrize("end", ["\n{fence}", "\n{fence}\nThat is all.", "", "\n"])
def test_every_fence(label: str, fence: str, end: str) -> None:
    assert sql_in(f"Here:\n\n{fence}{label}\n{Q};{end.format(fence=fence)}") == Q


def test_an_answer_cut_off_anywhere_in_its_fence_gives_what_there_is() -> None:
    answer = f"Here:\n```sql\n{Q}\n```"
    start = answer.index(Q)
    for length in range(start + len("SELECT name"), len(answer) + 1):
        found = sql_in(answer[:length])
        assert found is not None
        assert Q.startswith(found)


def test_quotes_of_every_kind_keep_what_they_hold() -> None:
    assert (
        sql_in("SELECT '，；“”' AS a, \"（）\" AS b, `，` FROM t")
        == "SELECT '，；“”' AS a, \"（）\" AS b, `，` FROM t"
    )


@pytest.mark.parametrize(
    "text",
    ["SELECT 1; DROP TABLE orders", "SELECT city FROM orders;\nDELETE FROM orders;", "SELECT 1; SELECT 2"],
)
def test_of_several_bare_statements_none_is_picked(text: str) -> None:
    """The guard refuses them whole: half of what was said is never run."""
    assert sql_in(text) == text.rstrip(";")
