"""The computed explanation: only true sentences, in both languages."""

from collections.abc import Sequence
from typing import Any

import pytest

from text2sql_ws.events import ColumnType, ResultColumn, Results
from text2sql_ws.explaining import explain
from text2sql_ws.texts import Locale

SQL = "SELECT d, SUM(n) FROM orders JOIN parts USING (id) WHERE a = 1 GROUP BY d ORDER BY 2 DESC LIMIT 3"


def told(
    columns: dict[str, ColumnType],
    rows: Sequence[Sequence[Any]],
    *,
    question: str = "",
    sql: str = "SELECT 1",
    row_count: int | None = None,
    truncated: bool = False,
    tables: Sequence[str] = (),
    locale: Locale = "zh",
) -> str:
    described = tuple(ResultColumn(name, kind) for name, kind in columns.items())
    results = Results(described, len(rows) if row_count is None else row_count, truncated)
    return explain(question, sql, results, rows, locale, tables)


def test_nothing_matches() -> None:
    assert told({"n": "integer"}, [], tables=["orders"]) == "没有符合条件的数据。数据来自：orders。"
    assert told({"n": "integer"}, [], tables=["orders"], locale="en") == (
        "No rows match. The data comes from: orders."
    )


def test_one_row_is_told_in_full() -> None:
    text = told({"部门": "string", "总额": "decimal", "人数": "integer"}, [["研发", "1234567.50", None]])
    assert text == "结果：部门 为 研发，总额 为 1,234,567.50，人数 为 NULL。"


def test_years_and_ids_are_not_written_like_amounts() -> None:
    text = told({"年份": "integer", "客户id": "integer", "总额": "integer"}, [[2025, 12345, 12345]])
    assert text == "结果：年份 为 2025，客户id 为 12345，总额 为 12,345。"


def test_extremes_and_total_of_a_whole_result() -> None:
    rows = [["华东", "1000.10"], ["华北", "2000.20"], ["华南", "300.30"]]
    assert told({"地区": "string", "销售额": "decimal"}, rows) == (
        "共有 3 行结果。销售额最大为 2,000.20（华北），最小为 300.30（华南）。销售额合计 3,300.60。"
    )
    assert told({"region": "string", "revenue": "decimal"}, rows, locale="en") == (
        "There are 3 rows. revenue is largest at 2,000.20 (华北) and smallest at 300.30 (华南). "
        "revenue adds up to 3,300.60."
    )


@pytest.mark.parametrize("name", ["平均销售额", "占比", "total_avg", "增长率", "累计销售额", "年龄"])
def test_what_can_not_be_added_up_has_no_total(name: str) -> None:
    assert "合计" not in told({"地区": "string", name: "integer"}, [["华东", 1], ["华北", 2]])


def test_of_several_measures_the_one_in_question_is_told() -> None:
    columns: dict[str, ColumnType] = {"地区": "string", "订单数": "integer", "利润": "integer"}
    text = told(columns, [["华东", 1, 8], ["华北", 2, 9]], question="各地区的利润是多少")
    assert "利润最大为 9（华北）" in text
    assert "订单数" not in text


def test_equal_values_have_no_extremes() -> None:
    assert (
        told({"地区": "string", "年龄": "integer"}, [["东", 5], ["西", 5]]) == "共有 2 行结果。年龄均为 5。"
    )


def test_nameless_rows_lie_between_extremes() -> None:
    assert told({"年龄": "integer"}, [[5], [9]]) == "共有 2 行结果。年龄介于 5 和 9 之间。"


@pytest.mark.parametrize(("row_count", "truncated"), [(5000, False), (2, True)])
def test_extremes_are_not_told_of_a_part(row_count: int, truncated: bool) -> None:
    columns: dict[str, ColumnType] = {"地区": "string", "销售额": "integer"}
    text = told(columns, [["华东", 1], ["华北", 2]], row_count=row_count, truncated=truncated)
    assert "最大" not in text
    assert "合计" not in text
    assert text.endswith("开头几行：地区 为 华东，销售额 为 1；地区 为 华北，销售额 为 2。")


def test_a_truncated_result_says_so() -> None:
    assert told({"n": "string"}, [], row_count=1000, truncated=True, locale="en") == (
        "There are more than 1,000 rows, of which the first 1,000 were read."
    )


def test_a_measure_with_gaps_has_no_extremes() -> None:
    text = told({"地区": "string", "销售额": "integer"}, [["华东", 1], ["华北", None]])
    assert text == "共有 2 行结果。开头几行：地区 为 华东，销售额 为 1；地区 为 华北，销售额 为 NULL。"


def test_the_way_is_told() -> None:
    text = told({"n": "string"}, [], sql=SQL, tables=["orders", "parts"], locale="en")
    assert text.endswith(
        "The data comes from: orders, parts. "
        "It was joined, filtered by conditions, grouped, sorted, cut to a number of rows."
    )


@pytest.mark.parametrize(
    "sql",
    ["SELECT 'WHERE' FROM t", "SELECT `group by` FROM t", 'SELECT "a\nLIMIT" FROM t', "SELECT 1 -- JOIN",
     "SELECT 1 /* ORDER\nBY */", r"SELECT 'it\'s WHERE'", "SELECT 'it''s WHERE'"],
)  # fmt: skip
def test_quoted_words_are_no_steps(sql: str) -> None:
    assert "处理步骤" not in told({"n": "string"}, [], sql=sql)


def test_foreign_words_can_not_break_the_sentence() -> None:
    text = told({"{x}%s": "string"}, [["{0}\n</p>"]], tables=["{t}"])
    assert text == "结果：{x}%s 为 {0} </p>。数据来自：{t}。"


def test_long_cells_and_wide_rows_are_cut() -> None:
    columns: dict[str, ColumnType] = {f"c{number}": "string" for number in range(50)}
    assert len(told(columns, [["x" * 1000] * 50])) < 500
