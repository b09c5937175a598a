"""The guard lets no hostile statement through, and no real query is refused."""

import time

import pytest

from tests.sql.corpus import statements
from tests.support.pace import slowness
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.guard import Allowed, Rules, check
from text2sql_ws.texts import Text

HOSTILE = statements("hostile")
REAL = statements("real")


def allowed(sql: str, dialect: SqlDialect = "mysql", **rules: object) -> Allowed:
    return check(sql, Rules(dialect, **{"database": "shop", **rules}))  # type: ignore[arg-type]


def refused(sql: str, dialect: SqlDialect = "mysql", **rules: object) -> Fault:
    with pytest.raises(Fault) as caught:
        allowed(sql, dialect, **rules)
    return caught.value


def reason(sql: str, dialect: SqlDialect = "mysql") -> str:
    fault = refused(sql, dialect)
    assert fault.code is Code.SQL_NOT_READ_ONLY
    assert not fault.mendable
    assert isinstance(fault.message, Text)
    return fault.message.en


@pytest.mark.parametrize(("dialect", "sql"), HOSTILE, ids=[sql[:60] for _, sql in HOSTILE])
def test_a_hostile_statement_is_refused(dialect: SqlDialect, sql: str) -> None:
    fault = refused(sql, dialect)
    assert fault.code in {Code.SQL_NOT_READ_ONLY, Code.INSUFFICIENT_PERMISSIONS, Code.SQL_SYNTAX_ERROR}


@pytest.mark.parametrize(("dialect", "sql"), REAL, ids=[sql[:60] for _, sql in REAL])
def test_a_real_query_runs(dialect: SqlDialect, sql: str) -> None:
    assert allowed(sql, dialect).sql


@pytest.mark.parametrize(("dialect", "sql"), REAL, ids=[sql[:60] for _, sql in REAL])
def test_what_runs_is_checked_again_and_stays_the_same(dialect: SqlDialect, sql: str) -> None:
    once = allowed(sql, dialect).sql
    assert allowed(once, dialect).sql == once


@pytest.mark.parametrize("dialect", ["tidb", "starrocks", "doris"])
def test_databases_that_speak_mysqls_protocol_are_guarded_like_it(dialect: SqlDialect) -> None:
    assert allowed("SELECT DATE_FORMAT(d, '%Y') AS y, COUNT(*) FROM orders GROUP BY y", dialect).aggregates
    for sql in ("SELECT SLEEP(1)", "SELECT * FROM mysql.user", "SELECT 1 INTO OUTFILE 'x'", "SELECT @a := 1"):
        refused(sql, dialect)


def test_starrocks_has_functions_of_its_own() -> None:
    sql = "SELECT DATE_TRUNC('month', d), COUNT_IF(a > 1), ARRAY_AGG(b) FROM t GROUP BY 1"
    assert allowed(sql, "starrocks").sql == sql
    assert refused("SELECT * FROM FILES('path' = 's3://x')", "starrocks").code is Code.SQL_NOT_READ_ONLY


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1; DROP TABLE t", "Only one statement is allowed"),
        ("DROP TABLE t", "Only statements that read are allowed, not DROP"),
        ("SELECT 1 INTO OUTFILE '/tmp/x'", "INTO is not allowed in a query that only reads"),
        ("SELECT * FROM t FOR UPDATE", "Locking reads are not allowed: FOR UPDATE"),
        ("SELECT SLEEP(5)", "The function SLEEP is not allowed: it makes the server wait"),
        ("SELECT LOAD_FILE('x')", "The function LOAD_FILE is not allowed: it reaches files or the network"),
        ("SELECT GET_LOCK('a', 1)", "The function GET_LOCK is not allowed: it takes locks"),
        ("SELECT frobnicate(1)", "The function FROBNICATE is not on the list of allowed ones"),
        ("SELECT @a := 1", "Variables (@) are not allowed"),
        ("SELECT 1 /*! + 1 */", "Executable comments are not allowed: /*! + 1 */"),
        ("SELECT REPEAT('a', 99999)", "REPEAT needs a constant size of at most 1000"),
        ("EXPLAIN ANALYZE SELECT 1", "EXPLAIN ANALYZE is not allowed: it runs the statement"),
    ],
)
def test_a_refusal_names_the_exact_reason(sql: str, expected: str) -> None:
    assert reason(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FORM orders",
        "SELECT a FROM orders WHERE",
        "SELECT (1",
        "SELECT 'unfinished",
        "SELECT a b c FROM t",
        "SELECT",
        "SELECT “a” FROM t",
        "SELECT a::date FROM t",
        "SELECT DATE_TRUNC('month', d) FROM t",
        "",
        "-- nothing",
        ";",
    ],
)
def test_a_harmless_mistake_is_a_syntax_error_that_can_be_mended(sql: str) -> None:
    fault = refused(sql)
    assert fault.code is Code.SQL_SYNTAX_ERROR
    assert fault.mendable


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE “orders”",
        "SELECT SLEEP(5) FORM x y z",
        "SELECT 1 1 FROM t; DELETE FROM t",
        "SELECT 1e0SLEEP(5)",
        "SELECT 'unfinished INTO OUTFILE x",
        "SELECT a b c INTO @x",
        "UPDATE t SET a = 'unfinished",
    ],
)
def test_a_mistake_with_a_sign_of_harm_is_not_sent_back_to_be_mended(sql: str) -> None:
    assert refused(sql).code is Code.SQL_NOT_READ_ONLY


# --- the text that runs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        ("SELECT a\n  FROM t\n WHERE b = '中文'", "SELECT a\n  FROM t\n WHERE b = '中文'"),
        ("  SELECT 1 ; ", "SELECT 1"),
        ("SELECT 1;;;", "SELECT 1"),
        ("SELECT 1 -- one", "SELECT 1"),
        ("# first\nSELECT /* x */ 1", "SELECT   1"),
        ("SELECT a/**/FROM t", "SELECT a FROM t"),
        ("SELECT 'it\\'s'", "SELECT 'it''s'"),
        ('SELECT "say \\"hi\\""', 'SELECT "say ""hi"""'),
        ("SELECT 'back\\\\slash\\n'", "SELECT 'back\\\\slash\\n'"),
        ("SELECT 1--1", "SELECT 1- -1"),
        ("SELECT\u00a01\u3000AS\u200bx", "SELECT 1 AS x"),
        ("TABLE orders LIMIT 3", "SELECT * FROM orders LIMIT 3"),
        ("EXPLAIN TABLE orders", "EXPLAIN SELECT * FROM orders"),
        ("SELECT '-- no /*! comment */ # here; '", "SELECT '-- no /*! comment */ # here; '"),
    ],
)
def test_the_text_is_kept_as_far_as_it_has_one_reading(sql: str, runs: str) -> None:
    assert allowed(sql).sql == runs


def test_sqlite_knows_no_backslash_and_no_hash() -> None:
    assert allowed("SELECT 'C:\\'", "sqlite").sql == "SELECT 'C:\\'"
    assert allowed("SELECT 'a--b' --c", "sqlite").sql == "SELECT 'a--b'"
    refused("SELECT 1 # one", "sqlite")


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_characters_that_no_statement_holds_are_refused(character: str) -> None:
    assert reason(f"SELECT '{character}'") == "The SQL holds a control character"


# --- limits ---------------------------------------------------------------------------------------------


def test_size_depth_and_joins_are_limited() -> None:
    assert "too long" in reason("SELECT " + "1," * 20_000 + "1")
    assert "too deep" in reason("SELECT " + "(" * 40 + "1" + ")" * 40)
    assert "too deep" in reason("SELECT " + "CASE WHEN 1 THEN " * 40 + "1" + " END" * 40)
    assert "Too many joins" in reason("SELECT * FROM t" + " JOIN t USING (a)" * 41)
    assert allowed("SELECT * FROM t" + " JOIN t USING (a)" * 40).joins == 40


def test_the_limits_are_rules() -> None:
    assert allowed("SELECT 1", max_bytes=8).sql == "SELECT 1"
    refused("SELECT 12", max_bytes=8)
    refused("SELECT '中'", max_bytes=11)
    refused("SELECT ((1))", max_depth=1)
    refused("SELECT 1 FROM a, b", max_joins=0)


# --- what a statement tells about itself ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "complexity"),
    [
        ("SELECT 1", "simple"),
        ("SELECT a FROM t WHERE b = 1 ORDER BY c LIMIT 3", "simple"),
        ("SELECT COUNT(*) FROM t", "medium"),
        ("SELECT a FROM t JOIN u USING (id)", "medium"),
        ("SELECT a FROM t, u, v, w", "complex"),
        ("SELECT a FROM t WHERE b IN (SELECT c FROM u)", "complex"),
        ("WITH x AS (SELECT 1) SELECT * FROM x", "complex"),
        ("SELECT RANK() OVER (ORDER BY a) FROM t", "complex"),
        ("SELECT 1 UNION SELECT 2", "complex"),
        ("SHOW TABLES", "simple"),
    ],
)
def test_complexity(sql: str, complexity: str) -> None:
    assert allowed(sql).complexity == complexity


def test_a_typical_check_takes_less_than_two_milliseconds() -> None:
    sql = (
        "SELECT c.name, SUM(o.amount) AS total FROM customers c JOIN orders o ON o.customer_id = c.id "
        "WHERE o.order_date >= DATE_SUB(CURDATE(), INTERVAL 3 MONTH) GROUP BY c.name "
        "ORDER BY total DESC LIMIT 10"
    )
    rules = Rules("mysql", "shop")
    fastest = min(_seconds(sql, rules) for _ in range(20))
    assert fastest < 0.002 * slowness()


def _seconds(sql: str, rules: Rules) -> float:
    start = time.process_time()
    check(sql, rules)
    return time.process_time() - start
