"""What the database refused is mended where its error says how, and otherwise it is said that it can't be."""

import re
from contextlib import closing

import pytest

from tests.llm_offline import shop
from tests.llm_offline.asking import PROMPTS, sql_of
from text2sql_ws.llm.offline import Reply, answer
from text2sql_ws.schema import Schema, Table


def repaired(sql: str, error: str, schema: Schema | None = None) -> Reply:
    asked = PROMPTS.generate("How many customers?", schema or shop.schema(), shop.TODAY, "en")
    return answer(PROMPTS.rewrite(asked, sql, error, "en"))


JOINED = "FROM orders o JOIN customers c ON c.customer_id = o.customer_id"
CASES = (
    ("SELECT name FROM customers", "no such column: name", "customers.customer_name"),
    ("SELECT c.cuntry FROM customers AS c", "Unknown column 'c.cuntry' in 'field list'", "c.country"),
    (f"SELECT o.country {JOINED}", "no such column: o.country", "SELECT c.country"),
    ("SELECT COUNT(*) FROM customer", "no such table: customer", "FROM customers"),
    ("SELECT COUNT(*) FROM custmers", "Table 'shop.custmers' doesn't exist", "FROM customers"),
    (f"SELECT customer_id {JOINED}", "ambiguous column name: customer_id", "SELECT o.customer_id"),
    ("SELECT SUM(amount) FROM order_items o", "no such column: amount", "SUM((o.quantity * o.unit_price))"),
    ("SELECT YEAR(order_date) FROM orders", "no such function: YEAR", "strftime('%Y', order_date)"),
    ("SELECT YEAR(max(a, '(')) FROM orders", "no such function: YEAR", "strftime('%Y', max(a, '('))"),
)  # fmt: skip


@pytest.mark.parametrize(("sql", "error", "expected"), CASES)
def test_the_named_fault_is_mended(sql: str, error: str, expected: str) -> None:
    mended = sql_of(repaired(sql, error))
    assert mended is not None
    assert expected in mended


def test_a_mended_statement_runs() -> None:
    mended = sql_of(
        repaired("SELECT name, cuntry FROM customers WHERE name <> 'name'", "no such column: cuntry")
    )
    assert mended is not None
    again = sql_of(repaired(mended, "no such column: name"))
    assert again is not None
    with closing(shop.database()) as database:
        assert len(database.execute(again).fetchall()) == 4
    assert "'name'" in again


def test_a_mended_table_keeps_every_sign_of_its_name() -> None:
    odd = Schema("odd", "sqlite", "3.45.1", (Table(r"order\d log", (shop.column("id"),)),))
    mended = sql_of(repaired("SELECT id FROM orderd_log", "no such table: orderd_log", odd))
    assert mended == r"SELECT id FROM `order\d log`"


def test_mysql_gets_mysql_functions() -> None:
    mended = sql_of(
        repaired(
            "SELECT strftime('%Y', order_date) FROM orders",
            "FUNCTION shop.strftime does not exist",
            shop.schema("mysql"),
        )
    )
    assert mended is not None
    assert "DATE_FORMAT(order_date, '%Y')" in mended


@pytest.mark.parametrize("error", ["disk I/O error", "no such column: zzzzqqq", "no such function: FOO", ""])
def test_what_cannot_be_mended_is_said_in_words(error: str) -> None:
    reply = repaired("SELECT zzzzqqq FROM nowhere", error)
    assert sql_of(reply) is None
    assert error in reply.content


def test_nothing_but_the_named_thing_is_changed() -> None:
    sql = "SELECT c.cuntry AS cuntry_of, 'c.cuntry' FROM customers AS c"
    mended = sql_of(repaired(sql, "no such column: c.cuntry")) or ""
    assert re.sub(r"c\.country", "c.cuntry", mended, count=1) == sql
