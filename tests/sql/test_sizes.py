"""Values stay small: what grows is judged by the size that the text tells."""

import pytest

from text2sql_ws.errors import Fault
from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.guard import Rules, check

HIERARCHY = (
    "WITH RECURSIVE r AS (SELECT id, 0 AS depth, CAST(name AS CHAR(500)) AS path FROM emp WHERE boss IS NULL "
    "UNION ALL SELECT e.id, r.depth + 1, CONCAT(r.path, ' > ', e.name) FROM emp e JOIN r ON e.boss = r.id) "
)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT REPEAT('=', 40)",
        "SELECT REPEAT('=', 2 * 20 + 1)",
        "SELECT REPEAT('*', LEAST(rating, 5)) FROM reviews",
        "SELECT REPEAT('*', 1000)",
        "SELECT SPACE(3), LPAD(id, 8, '0'), RPAD(name, 20, '.') FROM t",
        "SELECT CONCAT(LEFT(phone, 3), REPEAT('*', CHAR_LENGTH(phone) - 7), RIGHT(phone, 4)) FROM t",
        "SELECT RPAD(LEFT(name, 1), CHAR_LENGTH(name), '*') FROM t",
        "SELECT REPEAT('ab', IF(vip, 3, 1)) FROM t",
        "SELECT REPEAT('ab', n) FROM (SELECT 3 AS n UNION SELECT 4) x",
        "SELECT REPLACE(REPLACE(REPLACE(phone, ' ', ''), '-', ''), '+', '00') FROM t",
        "SELECT CONCAT(CONCAT(a, b), CONCAT(c, d)), CONCAT_WS(',', a, b, c) FROM t",
        "SELECT GROUP_CONCAT(CONCAT(name, ':', phone) SEPARATOR '; ') FROM t",
        HIERARCHY + "SELECT CONCAT(REPEAT('  ', depth), path) FROM r",
        HIERARCHY + "SELECT CONCAT(REPEAT('    ', (depth - 1) * 2), path) FROM r",
    ],
)
def test_small_values_are_allowed(sql: str) -> None:
    assert check(sql, Rules("mysql")).sql == sql


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("mysql", "SELECT REPEAT('*', 1001)"),
        ("mysql", "SELECT REPEAT('*', rating) FROM reviews"),
        ("mysql", "SELECT REPEAT('*', n) FROM (SELECT 3 AS n UNION SELECT 4000) x"),
        ("mysql", "SELECT REPEAT('*', n) FROM (SELECT 3 UNION SELECT 4000) x (n)"),
        ("mysql", "SELECT REPEAT('*', x.n) FROM (SELECT * FROM (SELECT 4000 AS n) y) x"),
        ("mysql", "WITH c (n) AS (SELECT 4000) SELECT REPEAT('*', n) FROM c"),
        ("mysql", HIERARCHY + "SELECT REPEAT('  ', depth * 100) FROM r"),
        ("mysql", HIERARCHY + "SELECT REPEAT('  ', 0 - depth * -100) FROM r"),
        ("mysql", "SELECT (SELECT REPEAT(x.a, 900) FROM (SELECT REPEAT('a', 900) AS a) x)"),
        ("mysql", "SELECT CONCAT(a, a) FROM (SELECT REPEAT(b, 200) AS a FROM (SELECT SPACE(900) AS b) x) y"),
        ("sqlite", "SELECT zeroblob(1001)"),
        ("sqlite", "SELECT printf('%9999d', 1)"),
    ],
)
def test_values_that_may_be_big_are_refused(dialect: SqlDialect, sql: str) -> None:
    with pytest.raises(Fault) as caught:
        check(sql, Rules(dialect))
    assert caught.value.message.en.startswith(("REPEAT", "ZEROBLOB", "PRINTF", "The query would make"))


@pytest.mark.parametrize("doublings", [10, 400])
def test_doubling_from_cte_to_cte_is_seen(doublings: int) -> None:
    ctes = "".join(f", c{i} AS (SELECT CONCAT(x, x) AS x FROM c{i - 1})" for i in range(1, doublings))
    with pytest.raises(Fault, match="too big"):
        check(
            f"WITH c0 AS (SELECT SPACE(900) AS x){ctes} SELECT x FROM c{doublings - 1}",
            Rules("mysql", max_depth=999),
        )
