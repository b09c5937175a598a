"""No text makes this room raise anything but `Fault`, or think for more than a second."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.pace import cpu_within
from text2sql_ws.errors import Fault
from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.abbreviations import expand
from text2sql_ws.sql.extract import is_statement, sql_in
from text2sql_ws.sql.guard import Rules, check

PIECES_TEXT = """
SELECT FROM WHERE WITH RECURSIVE AS ( ) , ; . * + - -- # /* */ /*! ' " ` [ ] = <> := @ @@ ? : :: { } \\ | ||
&& ! ~ UNION ALL INTERSECT EXCEPT VALUES ROW TABLE SHOW TABLES DESCRIBE DESC EXPLAIN FORMAT ANALYZE INTO
OUTFILE FOR UPDATE JOIN LEFT NATURAL USING ON GROUP BY ORDER HAVING LIMIT OFFSET FETCH FIRST 1 1.5 .5 1e5
0x1f x'41' b'1' 'a' "b" `c` t a IN LIKE BETWEEN IS NULL NOT EXISTS CASE WHEN THEN ELSE END CAST CONVERT
INTERVAL DAY OVER PARTITION WINDOW ROWS COUNT( SUM( REPEAT( CONCAT( REPLACE( SLEEP( IF( JSON_TABLE( COLUMNS
PATH GROUP_CONCAT( SEPARATOR MATCH AGAINST LATERAL DISTINCT DIV MOD COLLATE DROP INSERT DELETE SET PRAGMA
ATTACH mysql.user 中文 ，（ ） “ ” 。 ``` ```sql <think> </think> {"sql": } 研发 NEXT VALUE FETCH ONLY
ORDINALITY RETURNING EMPTY ERROR DEFAULT
"""
PIECES = [*PIECES_TEXT.split(), "\n", "\t", ""]

DIALECT = st.sampled_from(["mysql", "sqlite", "starrocks"])
TEXT = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.text(max_size=300),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40).map("".join),
)
STATEMENT = TEXT.map(lambda text: f"SELECT {text}")

thorough = settings(examples(1.5), suppress_health_check=list(HealthCheck))


@thorough
@given(st.one_of(STATEMENT, TEXT), DIALECT)
def test_check_raises_only_faults(text: str, dialect: SqlDialect) -> None:
    rules = Rules(dialect, "shop", denied_columns=frozenset({("t", "a")}), schema={"t": ["a", "b"]})
    with cpu_within(1), suppress(Fault):
        allowed = check(text, rules)
        assert check(allowed.sql, rules).sql == allowed.sql


@thorough
@given(st.one_of(STATEMENT, TEXT), DIALECT)
def test_extraction_raises_nothing(text: str, dialect: SqlDialect) -> None:
    with cpu_within(1):
        sql_in(text)
        is_statement(text, dialect)


@thorough
@given(st.one_of(STATEMENT, TEXT), DIALECT)
def test_abbreviations_raise_nothing(text: str, dialect: SqlDialect) -> None:
    with cpu_within(1):
        expand(text, dialect, {"t": {"a": "b", "研发": "c"}})


LONG = [
    "SELECT " + "(" * 30_000,
    "SELECT " + "(" * 31 + "1" + ")" * 31,
    "SELECT * FROM " + "(" * 31 + "SELECT 1" + ")" * 31,
    "SELECT * FROM " + "(SELECT * FROM " * 30 + "t" + ") x" * 30,
    "SELECT " + "NOT " * 8_000 + "1",
    "SELECT " + "- " * 15_000 + "1",
    "SELECT " + "+".join(["1"] * 15_000),
    "SELECT 1 WHERE " + " AND ".join(["a=1"] * 3_500),
    "SELECT 1" + " UNION SELECT 1" * 2_000,
    "SELECT " + " || ".join(["'a'"] * 4_000),
    "SELECT CONCAT(" + ",".join(["'a'"] * 8_000) + ")",
    "WITH c0 AS (SELECT 'a' AS x)"
    + "".join(f", c{i} AS (SELECT CONCAT(x, '') AS x FROM c{i - 1})" for i in range(1, 650))
    + " SELECT CONCAT(x, '') FROM c649",
    "SELECT " + ".".join(["a"] * 3_000),
    "SELECT " + "CASE WHEN " * 3_000 + "1",
    "SELECT " + "IF(" * 31 + "1" + ",1,2)" * 31,
    "SELECT '" + "''" * 15_000,
    "SELECT '" + "\\'" * 15_000,
    "SELECT 1" + "/**/" * 7_000,
    "SELECT 1" + "--1" * 8_000,
    "SELECT * FROM t WHERE a IN (" + ",".join(["1"] * 15_000) + ")",
    "WITH " + ",".join(f"c{i} AS (SELECT x FROM c{i - 1})" for i in range(1, 900)) + " SELECT 1",
    "EXPLAIN " * 4_000,
    "SELECT " * 4_600,
    "select a from b. " * 1_900,
    "select\n" * 4_600,
    ";" * 32_000,
    "```sql\n" * 4_600,
    "`" * 32_000,
    "\n" * 32_000 + "SELECT 1",
    "select\n" + "\n" * 32_000,
    '{"sql": ' * 4_000,
    "<think>" * 4_600,
    "“" * 32_000,
    "SELECT 'a’ " * 2_900,
    "grant on to " * 2_700,
    "update a set " * 2_500,
]


@pytest.mark.parametrize("text", LONG, ids=[text[:25] for text in LONG])
def test_long_texts_take_less_than_a_second(text: str) -> None:
    with cpu_within(1), suppress(Fault):
        check(text, Rules("mysql"))
    with cpu_within(1):
        sql_in(text)
    with cpu_within(1):
        is_statement(text, "mysql")
    with cpu_within(1):
        expand(text, "mysql", {"t": {"a": "b"}})
