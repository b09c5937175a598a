"""An explanation says the figures that the rows show, and where they come from."""

from tests.llm_offline.asking import PROMPTS
from text2sql_ws.llm.offline import answer
from text2sql_ws.texts import Locale

SQL = (
    "SELECT region AS `大区`, SUM(amount) AS `销售额`\nFROM orders AS o\nWHERE o.amount > 5\nGROUP BY region"
)


def explained(rows: str, count: int, locale: Locale = "zh", sql: str = SQL, truncated: bool = False) -> str:
    return answer(PROMPTS.explain("各大区的销售额", sql, rows, count, truncated, locale)).content


def test_groups_get_their_highest_lowest_and_total() -> None:
    said = explained("大区\t销售额\n华东\t1200\n华南\t300.5\n西北\t20", 3)
    assert "华东" in said
    assert "1,200" in said
    assert "西北" in said
    assert "1,520.50" in said
    assert "orders" in said
    assert "o.amount > 5" in said


def test_a_trend_gets_its_ends_and_its_change() -> None:
    said = explained("month\trevenue\n2026-01\t100\n2026-02\t80\n2026-03\t150", 3, "en")
    assert "rose by 50.0%" in said
    assert "lowest 80 in 2026-02" in said


def test_one_row_is_said_as_it_is() -> None:
    assert "订单数为 12,345" in explained("订单数\n12345", 1)


def test_nothing_is_said_to_be_nothing() -> None:
    assert "没有符合条件的数据" in explained("a\tb", 0)
    assert "NULL" in explained("total\nNULL", 1, "en")


def test_names_are_listed_and_counted() -> None:
    assert "2 in all: Anna, Bela." in explained("customer\nAnna\nBela", 2, "en")


def test_of_rows_that_are_not_shown_nothing_is_claimed() -> None:
    said = explained("region\trevenue\nA\t3\nB\t9", 250, "en", truncated=True)
    assert "first 2 shown" in said
    assert "cut off" in said
    assert "Together" not in said


def test_averages_are_not_added_up() -> None:
    assert "合计" not in explained("部门\t平均工资\nA\t3\nB\t9", 2)


def test_rows_of_odd_shape_do_no_harm() -> None:
    for rows in ("", "a", "a\tb\n1", "\n\n", "a\tb\nNULL\tNULL\nNULL\tNULL", "a\t" + "9" * 400):
        assert explained(rows, 2)
