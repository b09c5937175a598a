"""Which names come nearest to a wrong one, and what is said of them."""

import time

import pytest

from text2sql_ws.errors import Code, Fault, Misnamed, MisnamedKind
from text2sql_ws.nearest import MOST_NAMES, with_nearest
from text2sql_ws.schema import Column, Schema, Table
from text2sql_ws.texts import verbatim

SHOP = Schema(
    "shop",
    "mysql",
    "8.0",
    (
        Table("departments", (Column("id", "INT", "部门编号"), Column("name", "TEXT", "部门名称")), "部门"),
        Table(
            "employees",
            (
                Column("id", "INT", "员工编号"),
                Column("name", "TEXT", "姓名"),
                Column("department_id", "INT", "所属部门"),
                Column("salary", "DECIMAL", "月薪"),
            ),
            "员工",
        ),
        Table("orders", (Column("id", "INT"), Column("Amount", "DECIMAL", "金额")), "订单"),
    ),
)


def named(kind: MisnamedKind, name: str, *read: str, schema: Schema = SHOP) -> list[str]:
    """The names that are added to a complaint about `name`."""
    refused = Fault(Code.SQL_EXECUTION_FAILED, verbatim("why"), mendable=True, misnamed=Misnamed(kind, name))
    fault = with_nearest(refused, schema, frozenset(read))
    assert (fault.code, fault.mendable, fault.misnamed) == (refused.code, True, refused.misnamed)
    assert fault.message.zh.startswith("why")
    assert fault.message.en.startswith("why")
    names = fault.message.en.partition(": ")[2]
    assert fault.message.zh.endswith(names)
    return names.split(", ") if names else []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("employes", "employees"), ("EMPLOYEE", "employees"), ("order", "orders"), ("员工表", "employees")],
)
def test_a_table(wrong: str, right: str) -> None:
    assert named("table", wrong)[0] == right


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("salry", "employees.salary"),
        ("e.Salary_", "employees.salary"),
        ("amount", "orders.Amount"),
        ("department_name", "departments.name"),
        ("order_id", "orders.id"),
        ("金额", "orders.Amount"),
        ("员工姓名", "employees.name"),
    ],
)
def test_a_column(wrong: str, right: str) -> None:
    assert named("column", wrong, "employees")[0] == right


def test_of_names_as_near_those_of_tables_that_are_read_come_first() -> None:
    assert named("column", "nam", "employees") == ["employees.name", "departments.name"]
    assert named("column", "nam", "departments") == ["departments.name", "employees.name"]
    assert named("column", "departments.nam", "employees", "orders")[0] in (
        "departments.name",
        "employees.name",
    )


def test_an_ambiguous_column_is_named_with_its_tables() -> None:
    assert named("ambiguous", "ID", "employees", "departments") == ["departments.id", "employees.id"]
    assert named("ambiguous", "id", "orders") == ["orders.id"]


def test_nothing_like_it_leaves_the_complaint_as_it_was() -> None:
    for kind in ("table", "column", "ambiguous"):
        fault = Fault(Code.SQL_EXECUTION_FAILED, verbatim("why"), misnamed=Misnamed(kind, "xyzzy"))  # type: ignore[arg-type]
        assert with_nearest(fault, SHOP, frozenset({"orders"})) is fault
    unnamed = Fault(Code.SQL_EXECUTION_FAILED, verbatim("why"))
    assert with_nearest(unnamed, SHOP, frozenset()) is unnamed


def test_a_few_names_only_and_in_time_whatever_the_schema() -> None:
    columns = tuple(Column(f"customer_name_{n}", "TEXT", "客户名称") for n in range(20))
    large = Schema("large", "mysql", "8.0", tuple(Table(f"t{n}", columns) for n in range(500)))
    began = time.monotonic()
    assert len(named("column", "customer_name_", schema=large)) == MOST_NAMES
    assert time.monotonic() - began < 5
