"""How many rows a statement would examine, by what EXPLAIN says beforehand. Pure.

It is the optimizer's guess and no more: good for keeping out a cross join of large tables, not for counting.
It knows neither LIMIT nor our row cap (`SELECT * FROM large LIMIT 10` counts as a full scan), it takes joins
by hash for nested loops, statistics may be stale, what conditions filter is often a fixed 10 or 100 percent,
and of a recursive CTE it sees one step. Tried against MariaDB; what stands here of MySQL and TiDB is from
their manuals:
https://dev.mysql.com/doc/refman/8.4/en/explain-output.html
https://docs.pingcap.com/tidb/stable/sql-statement-explain
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from text2sql_ws.engines.mysql_flavours import Flavour

Step = Mapping[str, Any]

EXPLAIN: Mapping[Flavour, str] = {
    "mariadb": "EXPLAIN EXTENDED ",
    "mysql": "EXPLAIN FORMAT=TRADITIONAL ",
    "tidb": "EXPLAIN ",
}
"""What to put before a statement. StarRocks and Doris print plans for people, without a count to rely on."""

MOST = 2**63 - 1
_ONCE_A_ROW = ("DEPENDENT", "UNCACHEABLE")


def examined_rows(flavour: Flavour, plan: Sequence[Step]) -> int:
    """The rows of every step, each as often as the steps before it make it run."""
    rows = _scanned(plan) if flavour == "tidb" else sum(_blocks(plan))
    return int(min(rows, MOST))


def _blocks(plan: Sequence[Step]) -> Iterator[float]:
    """The rows that each SELECT of the statement examines; one that depends on another runs for its rows."""
    outer = 1.0
    for number in dict.fromkeys(step["id"] for step in plan):
        steps = [step for step in plan if step["id"] == number]
        times = outer if str(steps[0]["select_type"]).startswith(_ONCE_A_ROW) else 1.0
        examined, passed = _nested(steps)
        outer = max(outer, times * passed)
        yield times * examined


def _nested(steps: Sequence[Step]) -> tuple[float, float]:
    """Rows examined by nested loops, and rows that come out of them."""
    examined, passed = 0.0, 1.0
    for step in steps:
        if step["rows"] is not None:
            examined += passed * float(step["rows"])
            passed *= float(step["rows"]) * float(step.get("filtered") or 100) / 100
    return examined, passed


def _scanned(plan: Sequence[Step]) -> float:
    """TiDB names what reads a table or an index: `TableFullScan_5`, `Point_Get_1`."""
    return sum(float(step["estRows"]) for step in plan if "Scan" in step["id"] or "_Get" in step["id"])
