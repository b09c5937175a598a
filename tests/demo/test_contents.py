"""What the rows say: they fit together, they end today, and there is something to see in them."""

import sqlite3

import pytest

from tests.demo.conftest import TODAY
from text2sql_ws.demo.market import INCIDENT


def rows(demo: sqlite3.Connection, sql: str) -> list[tuple[object, ...]]:
    return demo.execute(sql).fetchall()


def one(demo: sqlite3.Connection, sql: str) -> float:
    ((value,),) = demo.execute(sql).fetchall()
    return float(value)


def test_every_reference_leads_somewhere(demo: sqlite3.Connection) -> None:
    assert rows(demo, "PRAGMA foreign_key_check") == []
    assert rows(demo, "PRAGMA integrity_check") == [("ok",)]


def test_there_are_about_50_000_orders_over_three_years_up_to_today(demo: sqlite3.Connection) -> None:
    assert 49_000 < one(demo, "SELECT COUNT(*) FROM orders") < 51_000
    assert rows(demo, "SELECT MIN(order_date), MAX(order_date) FROM orders") == [("2023-11-01", "2026-11-21")]
    days = one(demo, "SELECT COUNT(DISTINCT order_date) FROM orders")
    assert days == (TODAY.toordinal() - TODAY.replace(2023, 11, 1).toordinal() + 1)


@pytest.mark.parametrize(
    "broken",
    [
        # An order's total is that of its lines less the discount, and it has lines.
        """SELECT orders.order_id FROM orders LEFT JOIN order_items USING (order_id) GROUP BY orders.order_id
           HAVING SUM(line_amount) - discount_amount IS NOT total_amount""",
        "SELECT * FROM order_items WHERE line_amount <> quantity * unit_price OR quantity < 1",
        "SELECT order_id, product_id FROM order_items GROUP BY 1, 2 HAVING COUNT(*) > 1",
        "SELECT * FROM orders WHERE total_amount <= 0 OR discount_amount < 0",
        # Dates come in order.
        "SELECT * FROM orders WHERE date(shipped_at) < order_date OR date(shipped_at) > '2026-11-21'",
        "SELECT * FROM orders JOIN customers USING (customer_id) WHERE order_date < registered_on",
        """SELECT * FROM orders JOIN employees ON employee_id = salesperson_id
           WHERE order_date < hire_date OR order_date > leave_date""",
        """SELECT * FROM orders JOIN order_items USING (order_id) JOIN products USING (product_id)
           WHERE order_date < launched_on OR order_date > discontinued_on""",
        "SELECT * FROM returns JOIN orders USING (order_id) WHERE return_date < date(shipped_at)",
        "SELECT * FROM returns WHERE return_date > '2026-11-21'",
        "SELECT * FROM employees WHERE leave_date <= hire_date OR leave_date > '2026-11-21'",
        "SELECT * FROM employees WHERE date(birth_date, '+18 years') > hire_date",
        "SELECT * FROM projects WHERE end_date <= start_date OR end_date > '2026-11-21'",
        # A status and the columns that go with it.
        "SELECT * FROM orders WHERE (shipped_at IS NOT NULL) <> (status IN ('已完成', '已发货'))",
        "SELECT * FROM orders WHERE (payment_method IS NULL) <> (status IN ('待付款', '已取消'))",
        "SELECT * FROM projects WHERE (end_date IS NOT NULL) <> (status = '已完成')",
        # Nothing comes back that wasn't sold, in that number or for more money.
        """SELECT * FROM returns LEFT JOIN order_items USING (order_id, product_id)
           WHERE order_items.quantity IS NULL OR returns.quantity > order_items.quantity
              OR refund_amount > line_amount""",
        "SELECT * FROM returns JOIN orders USING (order_id) WHERE refund_amount > total_amount",
        # People are where they belong.
        """SELECT * FROM orders JOIN employees ON employee_id = salesperson_id
           JOIN departments USING (department_id) JOIN customers USING (customer_id)
           WHERE departments.region_id <> customers.region_id""",
        """SELECT * FROM employees AS one JOIN employees AS manager ON manager.employee_id = one.manager_id
           WHERE manager.department_id <> one.department_id OR manager.leave_date IS NOT NULL""",
        """SELECT * FROM projects JOIN employees ON employee_id = leader_id
           WHERE projects.department_id <> employees.department_id OR hire_date > start_date""",
        "SELECT * FROM products WHERE cost_price >= list_price",
    ],
)
def test_no_row_contradicts_another(demo: sqlite3.Connection, broken: str) -> None:
    assert rows(demo, broken) == []


def test_sums_of_money_are_exact(demo: sqlite3.Connection) -> None:
    """Amounts are whole or half yuan, so that no sum ends in ...0000001."""
    for column in ("total_amount", "discount_amount"):
        assert one(demo, f"SELECT COUNT(*) FROM orders WHERE {column} * 2 <> CAST({column} * 2 AS INT)") == 0
    halves = "SELECT COUNT(*) FROM returns WHERE refund_amount * 2 <> CAST(refund_amount * 2 AS INT)"
    assert one(demo, halves) == 0


def test_names_are_unique_so_that_a_name_means_one_thing(demo: sqlite3.Connection) -> None:
    assert one(demo, "SELECT COUNT(*) - COUNT(DISTINCT employee_name) FROM employees") == 0


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("employees", "leave_date"),
        ("employees", "manager_id"),
        ("orders", "shipped_at"),
        ("orders", "payment_method"),
        ("customers", "credit_limit"),
        ("products", "discontinued_on"),
        ("projects", "end_date"),
        ("projects", "customer_id"),
        ("departments", "region_id"),
    ],
)
def test_what_may_be_empty_sometimes_is(demo: sqlite3.Connection, table: str, column: str) -> None:
    ((empty, filled),) = rows(demo, f"SELECT SUM({column} IS NULL), COUNT({column}) FROM {table}")
    assert empty
    assert filled


def turnover(demo: sqlite3.Connection, first: str, end: str, region: str = "%") -> float:
    sql = f"""SELECT SUM(total_amount)
              FROM orders JOIN customers USING (customer_id) JOIN regions USING (region_id)
              WHERE order_date >= '{first}' AND order_date < '{end}' AND region_name LIKE '{region}'"""
    return one(demo, sql)


def test_business_grows_and_has_seasons(demo: sqlite3.Connection) -> None:
    assert turnover(demo, "2025-01-01", "2026-01-01") > 1.08 * turnover(demo, "2024-01-01", "2025-01-01")
    february, march = (
        turnover(demo, "2026-02-01", "2026-03-01"),
        turnover(demo, "2026-03-01", "2026-04-01"),
    )
    assert february < 0.75 * march, "the Spring Festival"
    double_eleven = one(demo, "SELECT COUNT(*) FROM orders WHERE order_date = '2025-11-11'")
    ordinary = one(demo, "SELECT COUNT(*) / 30.0 FROM orders WHERE order_date LIKE '2025-09%'")
    assert double_eleven > 2.5 * ordinary


def test_one_region_rises_and_one_declines(demo: sqlite3.Connection) -> None:
    years = (("2024-01-01", "2025-01-01"), ("2025-01-01", "2026-01-01"))
    before, after = (turnover(demo, *year, "西南") for year in years)
    assert after > 1.3 * before
    before, after = (turnover(demo, *year, "东北") for year in years)
    assert after < before


def test_a_product_fades_and_another_takes_off(demo: sqlite3.Connection) -> None:
    def sold(product: str, year: int) -> float:
        return one(
            demo,
            f"""SELECT TOTAL(quantity)
                FROM order_items JOIN orders USING (order_id) JOIN products USING (product_id)
                WHERE product_name = '{product}' AND order_date LIKE '{year}-%'""",
        )

    assert sold("墨研普通纸传真机", 2026) < 0.5 * sold("墨研普通纸传真机", 2024)
    assert sold("云视智能会议纪要终端", 2026) > 2 * sold("云视智能会议纪要终端", 2025)


def test_a_faulty_batch_shows_in_the_returns(demo: sqlite3.Connection) -> None:
    months = rows(
        demo,
        f"""SELECT SUM(return_date LIKE '2026-05%'), SUM(return_date LIKE '2026-01%')
            FROM returns JOIN products USING (product_id) WHERE product_name = '{INCIDENT}'""",
    )
    ((may, january),) = months
    assert isinstance(may, int)
    assert isinstance(january, int)
    assert may > 5 * (january + 1)


def test_a_big_customer_was_lost(demo: sqlite3.Connection) -> None:
    ((level, latest),) = rows(
        demo,
        """SELECT customer_level, MAX(order_date) FROM orders JOIN customers USING (customer_id)
           GROUP BY customer_id HAVING COUNT(*) > 300 AND MAX(order_date) < '2026-05-01'""",
    )
    assert level == "战略客户"
    assert str(latest) > "2026-02-01"


def test_targets_are_within_reach_for_every_region(demo: sqlite3.Connection) -> None:
    attained = rows(
        demo,
        """SELECT region_id, (SELECT SUM(total_amount) FROM orders JOIN customers USING (customer_id)
                              WHERE customers.region_id = target.region_id AND order_date LIKE '2025-%')
                             / SUM(target_amount)
           FROM sales_targets AS target WHERE target_month LIKE '2025-%' GROUP BY region_id""",
    )
    assert len(attained) == 7
    assert all(0.7 < float(str(share)) < 1.4 for _, share in attained)


def test_targets_go_on_to_the_end_of_the_year(demo: sqlite3.Connection) -> None:
    assert rows(demo, "SELECT MIN(target_month), MAX(target_month), COUNT(*) FROM sales_targets") == [
        ("2023-11-01", "2026-12-01", 7 * 38)
    ]
