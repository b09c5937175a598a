"""Which tables a question needs, and which data source it fits."""

import pytest

from text2sql_ws.catalog.retrieval import Index, fit, size
from text2sql_ws.llm.prompts import ddl
from text2sql_ws.schema import Column, ForeignKey, Schema, Table


def table(name: str, *columns: str, comment: str = "", refers_to: tuple[str, ...] = ()) -> Table:
    keys = tuple(ForeignKey((f"{other}_id",), other, ("id",)) for other in refers_to)
    named = ("id", *columns, *(f"{other}_id" for other in refers_to))
    return Table(name, tuple(Column(column, "INT") for column in named), comment, keys)


TABLES = (
    table("customers", "name", "city", comment="客户"),
    table("order_lines", "quantity", refers_to=("orders", "products"), comment="订单明细"),
    table("orders", "placed_at", refers_to=("customers",), comment="订单"),
    table("products", "title", "price", comment="产品"),
    table("holidays", "day", comment="节假日"),
    table("audit_log", "message"),
)
SALES = Schema("sales", "mysql", "8.0", TABLES)
DEPT = Column("dept", "VARCHAR(20)", comment="部门", examples=("研究开发部",))
STAFF = Schema("staff", "mysql", "8.0", (Table("employees", (DEPT, Column("salary", "INT"))),))


def ranking(question: str) -> list[str]:
    return [table.name for table in Index(SALES).ranking(question)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many customers are there?", "customers"),
        ("Which product has the highest price?", "products"),
        ("客户有多少个", "customers"),
        ("去年有哪些节假日", "holidays"),
        ("show the audit logs", "audit_log"),
    ],
)
def test_the_table_that_is_named_comes_first(question: str, first: str) -> None:
    assert ranking(question)[0] == first


def test_what_joins_two_likely_tables_is_likely_itself() -> None:
    assert set(ranking("customers and the products they bought")[:4]) == {
        "customers", "products", "orders", "order_lines",
    }  # fmt: skip


def test_a_question_that_says_nothing_leaves_the_order_alone() -> None:
    assert ranking("???") == [table.name for table in TABLES]


def test_the_chosen_ones_fit_the_budget_in_the_schemas_order() -> None:
    budget = size(TABLES[0]) + size(TABLES[2])
    chosen = Index(SALES).relevant("orders of customers", budget).tables
    assert [table.name for table in chosen] == ["customers", "orders"]
    assert sum(map(size, chosen)) <= budget


def test_one_table_is_chosen_however_small_the_budget() -> None:
    assert len(Index(SALES).relevant("customers", 0).tables) == 1


def test_an_empty_schema_has_nothing_to_choose() -> None:
    empty = Schema("empty", "sqlite", "3", ())
    assert Index(empty).relevant("customers", 100) == empty
    assert fit("customers", empty) == 0.0


def test_the_size_is_that_of_the_ddl() -> None:
    tables = (*TABLES, *STAFF.tables)
    for one in tables:
        written = len(ddl(Schema("x", "mysql", "8", (one,)))) + 2
        assert written * 0.8 <= size(one) <= written * 1.3


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        ("客户的订单", SALES, STAFF),
        ("average salary of employees", STAFF, SALES),
        ("研究开发部有多少人", STAFF, SALES),
        ("top products", SALES, STAFF),
    ],
)
def test_a_question_fits_the_source_that_knows_its_words(
    question: str, better: Schema, worse: Schema
) -> None:
    assert 1 >= fit(question, better) > fit(question, worse) >= 0
