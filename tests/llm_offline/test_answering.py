"""Questions about two small databases get the right rows, or a frank "I did not understand"."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.llm_offline import library, shop
from tests.llm_offline.asking import ask, rows, sql_of


@pytest.fixture(scope="module")
def shop_rows() -> Iterator[sqlite3.Connection]:
    with closing(shop.database()) as database:
        yield database


@pytest.fixture(scope="module")
def library_rows() -> Iterator[sqlite3.Connection]:
    with closing(library.database()) as database:
        yield database


SHOP = (
    ("How many customers are there?", [(4,)]),
    ("How many orders were shipped?", [(3,)]),
    ("how many orders were not cancelled", [(4,)]),
    ("What is the total revenue?", [(40 + 15 + 35 + 20 + 60 + 70 + 18,)]),
    ("Revenue by category", [("Tools", 183), ("Toys", 75)]),
    ("Total revenue in 2025", [(90,)]),
    ("revenue this year", [(168,)]),
    ("Top 2 customers by revenue", [("Anna", 178), ("Cleo", 60)]),
    ("Which product sold the most units?", [("kite", 5)]),
    ("Which country has the most customers?", [("France", 2)]),
    ("the most expensive product", [("saw", 35)]),
    ("the 2 cheapest products", [("kite", 15), ("hammer", 20)]),
    ("What is the highest price?", [(35,)]),
    ("average price of products by category", [("Tools", 27.5), ("Toys", 15)]),
    ("Customers who have never placed an order", [("Dora",)]),
    ("customers without email", [("Bela",), ("Dora",)]),
    ("How many customers have more than 1 order?", [(1,)]),
    ("Customers with at least 2 orders", [("Anna", 3)]),
    ("Number of orders per month in 2026", [("2026-02", 1), ("2026-04", 1), ("2026-05", 1)]),
    ("How many different customers placed orders in 2025?", [(1,)]),
    ("products with a price between 15 and 20", [("hammer", 20), ("kite", 15)]),
    ("Which customers in France ordered in 2026?", [("Anna",), ("Cleo",)]),
    ("What percentage of orders were cancelled?", [(20.0, 1, 5)]),
    ("number of orders by status", [("shipped", 3), ("cancelled", 1), ("open", 1)]),
    ("average number of orders per customer", [(1.67,)]),
    ("法国有多少客户", None),
    ("有多少个客户？", [(4,)]),
    ("每个产品的销量", [("kite", 5), ("hammer", 4), ("saw", 3)]),
    ("没有下过单的客户有哪些", [("Dora",)]),
    ("去年的销售额", [(90,)]),
)  # fmt: skip


@pytest.mark.parametrize(("question", "expected"), SHOP)
def test_the_shop(
    question: str, expected: list[tuple[object, ...]] | None, shop_rows: sqlite3.Connection
) -> None:
    reply = ask(question, shop.schema())
    if expected is None:
        assert sql_of(reply) is None
        return
    got = rows(reply, shop_rows)
    width = len(expected[0])
    assert [row[:width] for row in got] == expected or sorted(map(str, (r[:width] for r in got))) == sorted(
        map(str, expected)
    ), sql_of(reply)


LIBRARY = (
    ("一共有多少名读者？", [(4,)]),
    ("学生读者有多少", [(2,)]),
    ("正常读者有几个", [(3,)]),
    ("已注销的读者有哪些", [("赵敏",)]),
    ("文学类图书的平均定价", [(24.0,)]),
    ("借阅次数最多的读者是谁", [("王芳", 3)]),
    ("每个分馆有多少本图书", [("总馆", 2), ("东区分馆", 2)]),
    ("今年每个月的借阅次数", [("2026-01", 1), ("2026-03", 1), ("2026-04", 1)]),
    ("各图书分类的罚金", [("文学", 4), ("历史", 2.5), ("科学", 1)]),
    ("定价超过30元的图书有哪些", [("万历十五年", 45), ("时间简史", 52)]),
    ("没有借阅过的读者有多少", [(1,)]),
    ("去年注册的读者有多少", [(1,)]),
    ("教师和校外读者各有多少", [(2, 1), (3, 1)]),
    ("最贵的图书是哪本", [("时间简史", 52)]),
    ("读者王芳的借阅次数", [(3,)]),
)


@pytest.mark.parametrize(("question", "expected"), LIBRARY)
def test_the_library(
    question: str, expected: list[tuple[object, ...]], library_rows: sqlite3.Connection
) -> None:
    reply = ask(question, library.schema())
    got = [row[: len(expected[0])] for row in rows(reply, library_rows)]
    assert sorted(map(str, got)) == sorted(map(str, expected)), sql_of(reply)


DECLINED = (
    ("customer satisfaction by country", "satisfaction"),
    ("profit by product", "profit"),
    ("churned customers", "churned"),
    ("客户满意度是多少", "意度"),
    ("流失客户有多少", "流失"),
    ("周末的销售额", "周末"),
)


@pytest.mark.parametrize(("question", "word"), DECLINED)
def test_a_word_without_a_place_is_named_and_nothing_is_run(question: str, word: str) -> None:
    reply = ask(question, shop.schema())
    assert sql_of(reply) is None
    assert word in reply.content
    assert word in reply.reasoning


COMPUTED = (
    ("revenue without revenue", [(None,)]),
    ("order items with revenue over 50", [(5, 60), (6, 70)]),
    ("order items whose revenue is greater than their unit price", [(1,), (5,), (6,)]),
    ("products with revenue over 75", [("hammer", 78), ("saw", 105)]),
)


@pytest.mark.parametrize(("question", "expected"), COMPUTED)
def test_a_condition_on_an_amount_that_no_column_holds_is_put_on_its_product(
    question: str, expected: list[tuple[object, ...]], shop_rows: sqlite3.Connection
) -> None:
    """The shop's revenue is quantity times price: there is no column of that name to test."""
    reply = ask(question, shop.schema())
    assert sorted(rows(reply, shop_rows)) == expected, sql_of(reply)


def test_a_measure_beside_a_thing_is_not_guessed_to_be_of_each() -> None:
    reply = ask("产品的销售额", shop.schema())
    assert sql_of(reply) is None
    assert "每个" in reply.content


def test_a_period_without_its_date_is_not_guessed() -> None:
    reply = ask("How many products in 2025?", shop.schema())
    assert sql_of(reply) is None
    assert "2025" in reply.content


def test_the_reasoning_says_how_the_question_was_read() -> None:
    reasoning = ask("2025年法国客户的订单数", library.schema()).reasoning
    assert "法国" in reasoning
    told = ask("revenue by country in 2025", shop.schema()).reasoning
    assert "2025-01-01" in told
    assert "country" in told
    assert "order_items" in told


def test_the_language_of_the_answer_is_that_of_the_question() -> None:
    assert "number of" in (sql_of(ask("number of orders by status", shop.schema())) or "")
    assert "订单数" in (sql_of(ask("各状态的订单数", shop.schema())) or "")


def test_mysql_gets_its_own_date_functions() -> None:
    sql = sql_of(ask("revenue per quarter", shop.schema("mysql"))) or ""
    assert "QUARTER(" in sql
    assert "strftime" not in sql


def test_the_same_messages_give_the_same_reply() -> None:
    assert ask("Revenue by category", shop.schema()) == ask("Revenue by category", shop.schema())
