"""The rules that choose a chart: tried in order, the first that has an answer wins. Pure.

Each takes the result as fields and gives a chart or `None`. The one rule of rules: a chart may leave columns
out, but it never adds up, drops or repeats rows; where one place would hold two rows, no rule applies.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from text2sql_ws.charts import shapes
from text2sql_ws.charts.fields import Field, Role, are_unique_together, read_fields
from text2sql_ws.events import ResultColumn, Visualization
from text2sql_ws.texts import Locale

MAX_CATEGORIES = 40
MAX_PARTS = 8
MAX_SERIES = 12
MAX_GROUPS = 8
MAX_MEASURES = 4
MIN_POINTS = 3
MIN_CLOUD = 8
UPRIGHT_BARS = 12
COMPARABLE = 20.0
"""Measures whose largest values are within this factor share an axis."""

SHARE = re.compile(
    r"占比|比例|比重|份额|构成|百分比|占.{0,8}多少|\bshares?\b|proportion|percent|breakdown|composition|%|饼图|\bpie\b",
    re.IGNORECASE,
)
RANKED = re.compile(
    r"前\s*[\d一二三四五六七八九十]+|最[高低大小多少好差长短贵]|排名|排行|\btop\b|\bbottom\b|highest|lowest|most|least|largest"
    r"|smallest|best|worst|\brank",
    re.IGNORECASE,
)
CUMULATIVE = re.compile(r"累计|累积|cumulative|running total", re.IGNORECASE)
BARS = re.compile(r"柱状图|条形图|柱形图|bar chart|bar graph", re.IGNORECASE)
RELATED = re.compile(r"相关|关系|散点|correlat|relation|scatter|\bversus\b|\bvs\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """What a rule judges by."""

    question: str
    fields: tuple[Field, ...]
    row_count: int
    locale: Locale

    def of(self, *roles: Role) -> list[Field]:
        return [field for field in self.fields if field.role in roles]

    @property
    def measures(self) -> list[Field]:
        """The columns to measure by; one without a number has nothing to show."""
        return [field for field in self.of("measure") if field.numbers]

    @property
    def names(self) -> list[Field]:
        """What rows can be named by: categories, else identifiers."""
        return self.of("category") or self.of("identifier")

    def speaks_of(self, subject: re.Pattern[str], *fields: Field) -> bool:
        return any(subject.search(text) for text in (self.question, *(field.name for field in fields)))


Rule = Callable[[Result], Visualization | None]


def chart_for(
    columns: Sequence[ResultColumn], rows: Sequence[Sequence[Any]], question: str, locale: Locale
) -> Visualization:
    """The chart that says this result best; `table` with an empty config where a table does.

    `rows` are cells as decoded JSON, no more than a chart can show (some 1,000); `config` is Vega-Lite
    without data, for rows given as objects by column name. It never raises for any shape of rows.
    """
    names = [column.name for column in columns]
    if not rows or len(set(names)) < len(names):
        return TABLE
    result = Result(question, read_fields(columns, rows), len(rows), locale)
    if not result.measures:
        return TABLE
    return next((chart for rule in RULES if (chart := rule(result)) is not None), TABLE)


def single_number(result: Result) -> Visualization | None:
    """One row and one measure: the number, with the row's name under it. One row of more is a table."""
    if result.row_count != 1:
        return None
    names = result.of("category", "identifier", "period", "sequence")
    is_single = len(result.measures) == 1 and len(names) <= 1 and len(result.fields) == 1 + len(names)
    return shapes.number(result.measures[0], names) if is_single else TABLE


def shares(result: Result) -> Visualization | None:
    """Up to eight positive parts of a whole, when the question or a column speaks of shares: a pie."""
    names, measures = result.of("category", "period", "sequence"), result.measures
    if len(names) != 1 or not result.speaks_of(SHARE, *measures):
        return None
    (name,), measure = names, measures[0]
    is_whole = len(measure.numbers) == result.row_count and min(measure.numbers) > 0
    is_small = 2 <= result.row_count <= MAX_PARTS and name.is_unique
    return shapes.pie(name, measure) if is_small and is_whole and all(map(_adds_up, measures)) else None


def over_time(result: Result) -> Visualization | None:
    """Measures along one period, a row for each moment: a line for each measure, or an area if cumulative."""
    periods, measures = result.of("period"), result.measures[:MAX_MEASURES]
    if len(periods) != 1 or result.of("category", "sequence") or not periods[0].is_unique:
        return None
    if result.row_count < MIN_POINTS or result.speaks_of(BARS):
        return None
    if len(measures) > 1 and _are_comparable(measures):
        return shapes.lines_on_one_scale(periods[0], measures, result.locale)
    if len(measures) == 2:
        return shapes.lines_on_two_scales(periods[0], *measures)
    return shapes.line(periods[0], measures[0], filled=result.speaks_of(CUMULATIVE, measures[0]))


def series_over_time(result: Result) -> Visualization | None:
    """A measure along a period for each of a few categories: a line for each."""
    periods, categories = result.of("period"), result.of("category")
    if len(periods) != 1 or len(categories) != 1 or result.of("sequence"):
        return None
    return _lines(result, periods[0], categories[0])


def along_a_sequence(result: Result) -> Visualization | None:
    """A measure along bare months, weekdays or hours; a line for each year or category, if there is one."""
    sequences, others = result.of("sequence"), result.of("period", "category")
    if len(sequences) != 1 or len(others) > 1:
        return None
    (sequence,) = sequences
    if others:
        return _lines(result, sequence, others[0])
    is_line = sequence.is_unique and result.row_count >= MIN_POINTS
    return shapes.line(sequence, result.measures[0]) if is_line else None


def against_each_other(result: Result) -> Visualization | None:
    """Two measures of nameless things, or when the question asks how they relate: a scatter plot."""
    measures, names = result.measures, result.names
    if len(measures) < 2 or result.of("period", "sequence") or result.row_count < MIN_POINTS:
        return None
    if not result.speaks_of(RELATED) and (names or result.row_count < MIN_CLOUD):
        return None
    return shapes.scatter(measures[0], measures[1], names[:1])


def by_two_categories(result: Result) -> Visualization | None:
    """A measure of every pair of two categories: bars in groups."""
    names = result.of("category", "period", "sequence")
    if len(names) != 2 or any(name.is_unique for name in names) or not are_unique_together(*names):
        return None
    group, part = sorted(names, key=lambda name: -name.distinct)
    is_legible = part.distinct <= MAX_GROUPS and group.distinct * part.distinct <= 2 * MAX_CATEGORIES
    return shapes.grouped_bars(group, part, result.measures[0]) if is_legible else None


def by_category(result: Result) -> Visualization | None:
    """Measures of up to forty things, a row for each: bars; in groups, if there are several measures."""
    name = _naming(result)
    if name is None or result.row_count > MAX_CATEGORIES:
        return None
    measures = result.measures[:MAX_MEASURES]
    is_wide = result.row_count > UPRIGHT_BARS or shapes.is_long(name)
    if len(measures) > 1 and not is_wide and _are_comparable(measures):
        return shapes.measures_in_groups(name, measures, result.locale)
    is_ranked = result.speaks_of(RANKED)
    return shapes.bars(name, measures[0], lying=name.role != "period" and (is_ranked or is_wide))


def _naming(result: Result) -> Field | None:
    """What tells the rows apart. A list with dates or several texts is a table, unless it is ranked."""
    candidates = result.names + result.of("period", "sequence")
    unique = [field for field in candidates if field.is_unique]
    others = len(result.of("category", "period", "sequence")) - 1
    return unique[0] if unique and (others <= 0 or result.speaks_of(RANKED)) else None


def _lines(result: Result, along: Field, series: Field) -> Visualization | None:
    """A line for each value of `series`, if they are few and each has a few points."""
    is_legible = series.distinct <= MAX_SERIES and along.distinct >= MIN_POINTS and not series.is_unique
    if not is_legible or not are_unique_together(along, series):
        return None
    return shapes.line(along, result.measures[0], series=series)


def _are_comparable(measures: Sequence[Field]) -> bool:
    """Can they share an axis? Yes, if their largest values are of like magnitude."""
    peaks = [max(map(abs, measure.numbers)) for measure in measures]
    return min(peaks) > 0 and max(peaks) / min(peaks) <= COMPARABLE


def _adds_up(measure: Field) -> bool:
    """Percentages that don't come to a whole (the first five of many) would make a lying pie."""
    if not SHARE.search(measure.name):
        return True
    total = sum(measure.numbers)
    return abs(total - 1) < 0.02 or abs(total - 100) < 2


TABLE = Visualization("table", {})

RULES: tuple[Rule, ...] = (
    single_number,
    shares,
    over_time,
    series_over_time,
    along_a_sequence,
    against_each_other,
    by_two_categories,
    by_category,
)
