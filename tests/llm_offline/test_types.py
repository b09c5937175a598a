"""What a column's type says of its role."""

import pytest

from text2sql_ws.llm.offline.database import _role
from text2sql_ws.llm.offline.labels import read_remark
from text2sql_ws.schema import Column


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
