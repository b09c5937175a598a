"""Plans as EXPLAIN prints them, and the rows that they come to."""

import pytest

from text2sql_ws.engines.mysql_plans import MOST, Step, examined_rows


def step(number: int | None, kind: str, rows: object, filtered: object = 100.0) -> Step:
    return {"id": number, "select_type": kind, "rows": rows, "filtered": filtered}


@pytest.mark.parametrize(
    ("plan", "rows"),
    [
        ([], 0),
        ([step(1, "SIMPLE", None, None)], 0),
        ([step(1, "SIMPLE", 42)], 42),
        ([step(1, "SIMPLE", "42", "100.00")], 42),
        ([step(1, "SIMPLE", 100), step(1, "SIMPLE", 30)], 100 + 3000),
        ([step(1, "SIMPLE", 100, 10.0), step(1, "SIMPLE", 30), step(1, "SIMPLE", 2)], 100 + 300 + 600),
        ([step(1, "PRIMARY", 5), step(2, "UNION", 7), step(None, "UNION RESULT", None, None)], 12),
        ([step(1, "PRIMARY", 5), step(2, "DERIVED", 7)], 12),
        ([step(1, "PRIMARY", 5), step(2, "DEPENDENT SUBQUERY", 7)], 5 + 35),
        ([step(1, "PRIMARY", 5), step(2, "UNCACHEABLE SUBQUERY", 7)], 5 + 35),
        (
            [step(1, "PRIMARY", 5), step(2, "DEPENDENT SUBQUERY", 7), step(3, "DEPENDENT SUBQUERY", 2)],
            5 + 35 + 70,
        ),
        ([step(1, "SIMPLE", 1e300), step(1, "SIMPLE", 1e300)], MOST),
        ([{"id": 1, "select_type": "SIMPLE", "rows": 9}], 9),
    ],
)
def test_rows_of_a_plan(plan: list[Step], rows: int) -> None:
    assert examined_rows("mysql", plan) == rows


def test_rows_of_a_plan_of_tidb() -> None:
    plan = [
        {"id": "HashJoin_8", "estRows": "12.50", "task": "root"},
        {"id": "├─TableReader_11(Build)", "estRows": "10.00", "task": "root"},
        {"id": "│ └─TableFullScan_10", "estRows": "10000.00", "task": "cop[tikv]"},
        {"id": "└─Point_Get_1", "estRows": "1.00", "task": "root"},
    ]
    assert examined_rows("tidb", plan) == 10_001
