"""Abbreviations are written out in whole literals that are compared with a column, and nowhere else."""

import pytest

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.abbreviations import expand

TABLES = {
    "department": {"研发": "研究开发部", "HR": "人力资源部", "A'B": 'it\'s \\ "A"'},
    "project": {"P1": "一号项目", "HR": "never: the department comes first", "人力资源部": "HR-Projekt"},
}


def expanded(sql: str, dialect: SqlDialect = "mysql") -> str:
    return expand(sql, dialect, TABLES).sql


@pytest.mark.parametrize(
    ("condition", "written_out"),
    [
        ("d = '研发'", "d = '研究开发部'"),
        ("'研发' = d", "'研究开发部' = d"),
        ("t.d <> '研发'", "t.d <> '研究开发部'"),
        ("d != '研发'", "d != '研究开发部'"),
        ("d <=> '研发'", "d <=> '研究开发部'"),
        ("d IN ('研发', 'x', 'P1')", "d IN ('研究开发部', 'x', '一号项目')"),
        ("d NOT IN ('研发')", "d NOT IN ('研究开发部')"),
        ("NOT d = '研发'", "NOT d = '研究开发部'"),
        ("d LIKE '研发'", "d LIKE '研究开发部'"),
        ("d LIKE '%研发%'", "d LIKE '%研究开发部%'"),
        ("d LIKE '研发%'", "d LIKE '研究开发部%'"),
        ("d LIKE '_研发__'", "d LIKE '_研究开发部__'"),
        ("d NOT LIKE '%研发' ESCAPE '|'", "d NOT LIKE '%研究开发部' ESCAPE '|'"),
        ("(a, d) = ('P1', '研发')", "(a, d) = ('一号项目', '研究开发部')"),
        ("(a, d) IN (('P1', '研发'), ('x', 'y'))", "(a, d) IN (('一号项目', '研究开发部'), ('x', 'y'))"),
        ("TRIM(d) = '研发'", "TRIM(d) = '研究开发部'"),
        ("(d) = ('研发')", "(d) = ('研究开发部')"),
        ("a = '研发' OR b = 'P1' AND c = 'x'", "a = '研究开发部' OR b = '一号项目' AND c = 'x'"),
        ("a IN (SELECT b FROM u WHERE c = '研发')", "a IN (SELECT b FROM u WHERE c = '研究开发部')"),
        ('d = "研发"', 'd = "研究开发部"'),
    ],
)
def test_a_compared_literal_is_written_out(condition: str, written_out: str) -> None:
    assert expanded(f"SELECT * FROM t WHERE {condition}") == f"SELECT * FROM t WHERE {written_out}"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '研发' AS 研发 FROM t",
        "SELECT 研发 FROM 研发 WHERE 研发 = 研发.研发",
        "SELECT * FROM t WHERE `研发` = 'x' AND \"研发\" = 'x'",
        "SELECT * FROM t WHERE d = '研发中心'",
        "SELECT * FROM t WHERE d LIKE '%研发中心%'",
        "SELECT * FROM t WHERE d LIKE '研%发'",
        "SELECT * FROM t WHERE d = ' 研发'",
        "SELECT * FROM t WHERE d = '%研发%'",
        "SELECT * FROM t WHERE d > '研发'",
        "SELECT * FROM t WHERE '研发' = '研发'",
        "SELECT * FROM t WHERE UPPER('研发') = d",
        "SELECT CONCAT('研发', d) FROM t",
        "SELECT * FROM t -- d = '研发'\nWHERE /* d = '研发' */ 1 # d = '研发'",
        "SELECT * FROM t WHERE (d = '研发'",
        "SELECT * FROM t WHERE d = 'hr'",
        "",
        "研发",
    ],
)
def test_everything_else_stays(sql: str) -> None:
    assert expand(sql, "mysql", TABLES).sql == sql
    assert expand(sql, "mysql", TABLES).replaced == ()


def test_the_rest_of_the_text_stays_to_the_byte() -> None:
    sql = "select  a,b -- '研发'\n\tFROM t /* d='研发' */ WHERE d='研发'AND 1--1=2;  "
    assert expanded(sql) == sql.replace("d='研发'AND", "d='研究开发部'AND")


def test_tables_are_applied_in_their_order_each_to_what_the_one_before_made() -> None:
    result = expand("SELECT * FROM t WHERE d = 'HR'", "mysql", TABLES)
    assert result.sql == "SELECT * FROM t WHERE d = 'HR-Projekt'"
    assert expand(result.sql, "mysql", {"x": {"a": "b", "b": "c"}}).sql == result.sql
    assert expand("SELECT 1 FROM t WHERE d = 'a'", "mysql", {"x": {"a": "b", "b": "c"}}).sql.endswith("'b'")


def test_what_was_replaced_is_told_once_in_the_order_of_the_text() -> None:
    sql = "SELECT * FROM t WHERE a = 'P1' AND b = '研发' AND c IN ('P1', 'x')"
    assert expand(sql, "mysql", TABLES).replaced == (("P1", "一号项目"), ("研发", "研究开发部"))


def test_stored_values_are_quoted_as_the_database_wants_them() -> None:
    assert expanded("SELECT * FROM t WHERE d = 'A''B'") == "SELECT * FROM t WHERE d = 'it''s \\\\ \"A\"'"
    assert expanded('SELECT * FROM t WHERE d = "A\'B"') == 'SELECT * FROM t WHERE d = "it\'s \\\\ ""A"""'
    assert (
        expanded("SELECT * FROM t WHERE d = 'A''B'", "sqlite") == "SELECT * FROM t WHERE d = 'it''s \\ \"A\"'"
    )


def test_without_tables_nothing_is_even_parsed() -> None:
    assert expand("SELECT * FROM t WHERE d = '研发'", "mysql", {"department": {}}).replaced == ()


def test_a_forbidden_statement_is_left_to_the_guard() -> None:
    assert expanded("DROP TABLE t") == "DROP TABLE t"
    assert expanded("SELECT 1; DROP TABLE t; SELECT * FROM t WHERE d = '研发'").startswith(
        "SELECT 1; DROP TABLE t;"
    )
