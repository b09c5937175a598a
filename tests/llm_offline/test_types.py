"""What a column's type says of its role."""

import pytest

from text2sql_ws.llm.offline.database import _role, build
from text2sql_ws.llm.offline.labels import read_remark
from text2sql_ws.schema import Column, ForeignKey, Table


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("enum('a','b')", "text"),
        ("set('a','b')", "text"),
        ("varchar(20)", "text"),
        ("NUMERIC(12,2)", "number"),
        ("int unsigned", "number"),
        ("decimal(12,2)", "number"),
        ("datetime", "date"),
        ("tinyint(1)", "flag"),
    ],
)
def test_a_type_decides_the_role(kind: str, role: str) -> None:
    assert _role(Column("status", kind), read_remark(""), foreign=False) == role


def test_a_column_called_amount_is_never_hidden_by_a_product() -> None:
    columns = (
        Column("id", "INT", primary_key=True), Column("quantity", "INT"), Column("unit_price", "INT"),
        Column("Amount", "VARCHAR(20)", "as it was printed"), Column("order_id", "INT"),
    )  # fmt: skip
    orders = Table("orders", (Column("id", "INT", primary_key=True),))
    lines = Table("lines", columns, "", (ForeignKey(("order_id",), "orders", ("id",)),))
    assert build((orders, lines), "mysql").field("lines", "amount").column is columns[3]
