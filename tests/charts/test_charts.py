"""Charts chosen by rule: what is drawn, what stays a table, and that Vega-Lite compiles each of them."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
import vl_convert

from text2sql_ws.charts import chart_for
from text2sql_ws.events import ColumnType, ResultColumn, Visualization

Columns = dict[str, ColumnType]
Rows = Sequence[Sequence[Any]]

MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]
TRADERS = [f"上海第{number}国际贸易有限公司" for number in range(1, 11)]


def choose(columns: Columns, rows: Rows, question: str = "", locale: Any = "zh") -> Visualization:
    return chart_for([ResultColumn(name, kind) for name, kind in columns.items()], rows, question, locale)


def draw(columns: Columns, rows: Rows, question: str = "") -> str:
    """The SVG that Vega makes of the chart over these rows; its labels for screen readers hold the data."""
    config = choose(columns, rows, question).config
    assert "data" not in config
    values = [dict(zip(columns, row, strict=True)) for row in rows]
    return vl_convert.vegalite_to_svg(dict(config) | {"data": {"values": values}})


def marks(svg: str) -> list[str]:
    """What the screen reader says of each mark."""
    return re.findall(
        r'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="(?!axis|legend|title)', svg
    )


Case = tuple[str, Columns, Rows, str]
DAYS = [[f"2025-03-{day:02d}", day] for day in range(1, 9)]
HOURS = [[f"2025-03-01T{hour:02d}:00:00", hour] for hour in range(9)]
CHINESE_MONTHS = [["2025年9月", 1], ["2025年10月", 2], ["2025年11月", 3]]
FEW = [["甲", 50_000, 4], ["乙", 60_000, 5]]

CASES: dict[str, Case] = {
    "one number": ("metric", {"总额": "decimal"}, [["12345678901.25"]], "总额是多少"),
    "one number with its name": ("metric", {"部门": "string", "人数": "integer"}, [["研发", 7]], "谁最多"),
    "one NULL": ("table", {"总额": "decimal"}, [[None]], "总额是多少"),
    "one row of two numbers": ("table", {"最高": "integer", "最低": "integer"}, [[9, 1]], ""),
    "no rows": ("table", {"总额": "decimal"}, [], ""),
    "only text": ("table", {"名称": "string", "城市": "string"}, [["甲", "上海"], ["乙", "北京"]], ""),
    "an id is no measure": ("table", {"客户编号": "integer", "名称": "string"}, [[1, "甲"], [2, "乙"]], ""),
    "what was paid": ("bar", {"name": "string", "paid": "integer"}, [["甲", 1], ["乙", 2]], ""),
    "orderId": ("table", {"name": "string", "orderId": "integer"}, [["甲", 1], ["乙", 2]], ""),
    "客户ID": ("table", {"name": "string", "客户ID": "integer"}, [["甲", 1], ["乙", 2]], ""),
    "two bars": ("bar", {"名称": "string", "n": "integer"}, [["甲", 1], ["乙", 2]], ""),
    "months": ("line", {"月份": "string", "销售额": "decimal"}, [[m, "1.5"] for m in MONTHS], "每月销售额"),
    "months as bars, if asked": ("bar", {"月": "string", "n": "integer"}, [[m, 1] for m in MONTHS], "柱状图"),
    "two moments": ("bar", {"年份": "integer", "销售额": "decimal"}, [[2024, "1"], [2025, "2"]], ""),
    "dates": ("line", {"day": "date", "n": "integer"}, DAYS, ""),
    "times": ("line", {"at": "datetime", "n": "integer"}, HOURS, ""),
    "quarters": ("line", {"季度": "string", "n": "integer"}, [[f"2025-Q{q}", q] for q in (1, 2, 3, 4)], ""),
    "Chinese months": ("line", {"月": "string", "n": "integer"}, CHINESE_MONTHS, ""),
    "years": ("line", {"年": "string", "n": "integer"}, [[str(y), y] for y in range(2019, 2026)], ""),
    "cumulative": ("area", {"月": "string", "累计": "integer"}, [[m, 1] for m in MONTHS], "累计销售额"),
    "a line for each region": (
        "line", {"月": "string", "地区": "string", "n": "integer"},
        [[m, r, 1] for m in MONTHS for r in ("华东", "华北")], "各地区每月",
    ),
    "too many lines": (
        "table", {"月": "string", "客户": "string", "n": "integer"},
        [[m, t, 1] for m in MONTHS for t in [*TRADERS, "甲", "乙", "丙"]], "",
    ),
    "a moment twice": ("table", {"月": "string", "n": "integer"}, [[m, 1] for m in [*MONTHS, MONTHS[0]]], ""),
    "months of two years": (
        "line", {"month": "integer", "year": "integer", "n": "integer"},
        [[m, y, m] for m in range(1, 13) for y in (2024, 2025)], "",
    ),
    "weekdays": ("line", {"星期": "integer", "n": "integer"}, [[day, 1] for day in range(7)], ""),
    "like measures over time": (
        "line", {"月": "string", "收入": "decimal", "成本": "decimal"}, [[m, "5", "4"] for m in MONTHS], "",
    ),
    "unlike measures over time": (
        "line", {"月": "string", "收入": "decimal", "订单数": "integer"}, [[m, "5e6", 4] for m in MONTHS], "",
    ),
    "shares": ("pie", {"地区": "string", "n": "integer"}, [["华东", 3], ["华北", 2]], "各地区占比"),
    "shares in a column": ("pie", {"region": "string", "share": "decimal"}, [["E", "60"], ["W", "40"]], ""),
    "shares of more": ("bar", {"地区": "string", "占比": "decimal"}, [["华东", "30"], ["华北", "20"]], ""),
    "nine shares": ("bar", {"地区": "string", "n": "integer"}, [[str(i), 1] for i in range(9)], "占比"),
    "a negative share": ("bar", {"地区": "string", "n": "integer"}, [["华东", 3], ["华北", -2]], "占比"),
    "an unknown share": ("bar", {"地区": "string", "n": "integer"}, [["华东", 3], ["华北", None]], "占比"),
    "top N": ("bar", {"客户": "string", "销售额": "decimal"}, [[t, "1.5"] for t in TRADERS], "前10名客户"),
    "top N with more columns": (
        "bar", {"客户": "string", "城市": "string", "入会": "date", "销售额": "decimal"},
        [[t, "上海", "2025-01-01", "1.5"] for t in TRADERS], "销售额最高的客户",
    ),
    "a list of details": (
        "table", {"客户": "string", "城市": "string", "入会": "date", "销售额": "decimal"},
        [[t, "上海", "2025-01-01", "1.5"] for t in TRADERS], "列出客户",
    ),
    "forty bars": ("bar", {"城市": "string", "n": "integer"}, [[str(i), i] for i in range(40)], ""),
    "forty-one bars": ("table", {"城市": "string", "n": "integer"}, [[str(i), i] for i in range(41)], ""),
    "a name twice": ("table", {"城市": "string", "n": "integer"}, [["甲", 1], ["甲", 2], ["乙", 3]], ""),
    "a NULL name": ("bar", {"城市": "string", "n": "integer"}, [[None, 1], ["甲", 2]], ""),
    "two categories": (
        "grouped_bar", {"部门": "string", "级别": "string", "n": "integer"},
        [[d, g, 1] for d in ("研发", "销售", "财务") for g in ("高", "低")], "各部门各级别人数",
    ),
    "like measures of a few": (
        "grouped_bar", {"部门": "string", "收入": "integer", "成本": "integer"},
        [["甲", 5, 4], ["乙", 6, 5]], "",
    ),
    "unlike measures of a few": (
        "bar", {"部门": "string", "收入": "integer", "人数": "integer"}, FEW, "",
    ),
    "two measures of nameless things": (
        "scatter", {"年龄": "integer", "工资": "number"}, [[a, a * 1.5] for a in range(20, 60)], "",
    ),
    "how two measures relate": (
        "scatter", {"姓名": "string", "年龄": "integer", "工资": "number"},
        [[str(a), a, a * 1.5] for a in range(20, 60)], "年龄和工资的关系",
    ),
    "binary and JSON": ("table", {"a": "binary", "b": "json"}, [["base64:AA==", {"x": [1]}]] * 2, ""),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "columns", "rows", "question"), CASES.values(), ids=CASES)
def test_the_rules_choose(kind: str, columns: Columns, rows: Rows, question: str) -> None:
    assert choose(columns, rows, question).chart_type == kind


DRAWN = {name: case for name, case in CASES.items() if case[0] != "table"}


@pytest.mark.parametrize(("kind", "columns", "rows", "question"), DRAWN.values(), ids=DRAWN)
def test_every_chart_compiles_and_shows_its_rows(
    kind: str, columns: Columns, rows: Rows, question: str
) -> None:
    svg = draw(columns, rows, question)
    assert len(marks(svg)) >= (1 if kind == "area" else len([row for row in rows if None not in row]))
    assert not re.search(r"NaN|undefined|Invalid", svg)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[0] == "table"])
def test_a_table_has_no_config(name: str) -> None:
    _, columns, rows, question = CASES[name]
    assert choose(columns, rows, question).config == {}


def test_columns_of_one_name_are_a_table() -> None:
    twice = [ResultColumn("n", "integer"), ResultColumn("n", "integer")]
    assert chart_for(twice, [[1, 2], [3, 4]], "", "zh").chart_type == "table"


NASTY = [
    "a.b",
    "a[0]",
    "it's",
    'say "hi"',
    "back\\slash",
    "销售额(万元)",
    "a b",
    "1st",
    "datum",
    "</script>",
    "c0",
    "c1",
    "{x}",
]


@pytest.mark.parametrize("name", NASTY)
def test_any_column_name_is_drawn(name: str) -> None:
    svg = draw({f"{name} of": "string", name: "decimal"}, [["甲", "2.5"], ["乙", "4"]])
    name = name.replace("\\", "")  # which Vega-Lite swallows in its descriptions
    shown = [label.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">") for label in marks(svg)]
    assert shown == [f"{name} of: 甲; {name}: 2.5", f"{name} of: 乙; {name}: 4"]


def test_decimals_are_measured_as_numbers() -> None:
    svg = draw({"名称": "string", "金额": "decimal"}, [["甲", "9.5"], ["乙", "10.25"]])
    assert marks(svg) == ["名称: 甲; 金额: 9.5", "名称: 乙; 金额: 10.25"]
    heights = [float(height) for height in re.findall(r"h18v([\d.]+)h-18", svg)]
    assert heights == sorted(heights)


def test_bars_keep_the_order_of_the_rows() -> None:
    svg = draw({"名称": "string", "n": "integer"}, [["丙", 1], ["甲", 9], ["乙", 5]], "前三名")
    labels = re.findall(r">(丙|甲|乙)</text>", svg)
    assert labels == ["丙", "甲", "乙"]


def test_several_measures_are_told_apart_by_their_names() -> None:
    svg = draw({"月.份": "string", "收.入": "decimal", "成[本]": "decimal"}, [[m, "5", "4"] for m in MONTHS])
    assert {"收.入", "成[本]"} <= set(re.findall(r">([^<>]+)</text>", svg))


def test_a_missing_moment_is_left_out() -> None:
    svg = draw({"月": "string", "n": "integer"}, [*([m, 1] for m in MONTHS), [None, 7]])
    assert len(marks(svg)) >= len(MONTHS)


def test_words_of_our_own_follow_the_locale() -> None:
    columns: Columns = {"month": "string", "income": "integer", "cost": "integer"}
    rows = [[month, 5, 4] for month in MONTHS]
    assert choose(columns, rows, locale="en").config["encoding"]["color"]["title"] == "Measure"
    assert choose(columns, rows, locale="zh").config["encoding"]["color"]["title"] == "指标"


def test_the_schema_is_the_version_that_is_bundled() -> None:
    config = choose({"总额": "decimal"}, [["1"]]).config
    newest = vl_convert.get_vegalite_versions()[-1].split(".")[0]
    assert config["$schema"] == f"https://vega.github.io/schema/vega-lite/v{newest}.json"
