"""Explains a result in two to four true sentences: the answer with its figures, then where it comes from.

Reads the rows as `pipeline` writes them: tab-separated, a header first. What is said is computed from
what is shown; nothing is said of rows that are not there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from text2sql_ws.llm.offline.request import Explanation
from text2sql_ws.llm.offline.talk import Locale, say

LISTED = 5
_TIME = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?|-?Q[1-4]|年\d{1,2}月|年)?")
_TIME_NAMES = re.compile(r"月|季|年|周|日期|时间|month|quarter|year|week|day|date", re.I)
_RATE_NAMES = re.compile(
    r"%|率|占比|比例|平均|均|单价|价格|rate|share|ratio|percent|average|avg|price|max|min|最", re.I
)
_TABLES = re.compile(r"\b(?:FROM|JOIN)\s+(`[^`]+`|\w+)", re.I)
_WHERE = re.compile(r"\bWHERE\s+(.*?)(?=\n(?:GROUP|ORDER|HAVING|LIMIT)\b|\Z|\)\s*AS\b)", re.S | re.I)
FILTER_CHARS = 160


@dataclass(frozen=True, slots=True)
class Grid:
    """The head of a result: names, and rows of texts."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def numbers(self, column: int) -> list[Decimal] | None:
        """A column's numbers, NULL left out; None if it holds anything else."""
        values = [number(row[column]) for row in self.rows if row[column] != "NULL"]
        return [value for value in values if value is not None] if values and None not in values else None


def explain(request: Explanation) -> str:
    """Sentences about the rows that were shown. No rows, odd rows: it says what can be said."""
    grid = read_grid(request.rows)
    answer = _answer(grid, request)
    return (" " if request.locale == "en" else "").join(
        filter(None, [answer, *_cut(request), _origin(request)])
    )


def read_grid(text: str) -> Grid:
    """Rows that have not as many cells as the header are left out."""
    lines = [tuple(line.split("\t")) for line in text.strip("\n").splitlines()]
    if not lines:
        return Grid((), ())
    return Grid(lines[0], tuple(line for line in lines[1:] if len(line) == len(lines[0])))


def number(cell: str) -> Decimal | None:
    """A cell's number; texts, dates and endless digits are none."""
    if not re.fullmatch(r"-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", cell):
        return None
    try:
        return Decimal(cell)
    except InvalidOperation:
        return None


def _answer(grid: Grid, request: Explanation) -> str:
    locale = request.locale
    if request.row_count == 0 or not grid.rows:
        return (
            say("explain.none", locale)
            if request.row_count == 0
            else say("explain.rows", locale, count=request.row_count)
        )
    if request.row_count == 1 and len(grid.rows) == 1:
        return _one(grid, locale)
    label = _label_column(grid)
    measure = _measure_column(grid, label)
    if measure is None:
        return _listed(grid, request)
    if label is not None and _is_time(grid, label) and _all_shown(grid, request):
        return _trend(grid, label, measure, locale)
    return _extremes(grid, label, measure, request)


def _one(grid: Grid, locale: Locale) -> str:
    row = grid.rows[0]
    if all(cell == "NULL" for cell in row):
        return say("explain.null", locale)
    pairs = [
        say("explain.pair", locale, name=name, value=shown(cell))
        for name, cell in zip(grid.names, row, strict=True)
    ][:6]
    joined = ("，" if locale == "zh" else ", ").join(pairs)
    return say("explain.one", locale, pairs=joined[0].upper() + joined[1:])  # it begins a sentence


def _listed(grid: Grid, request: Explanation) -> str:
    separator = "、" if request.locale == "zh" else ", "
    names = separator.join(row[0] for row in grid.rows[:LISTED])
    whole = request.row_count <= LISTED and _all_shown(grid, request)
    return say(
        "explain.listed" if whole else "explain.listed_more",
        request.locale,
        count=request.row_count,
        names=names,
    )


def _extremes(grid: Grid, label: int | None, measure: int, request: Explanation) -> str:
    locale = request.locale
    rows = [(value, row) for row in grid.rows if (value := number(row[measure])) is not None]
    if label is None or len(rows) < 2:
        return say("explain.rows", locale, count=request.row_count)
    high, top = max(rows, key=lambda one: one[0])
    low, bottom = min(rows, key=lambda one: one[0])
    whole = _all_shown(grid, request)
    name = grid.names[measure]
    said = say(
        "explain.extremes" if whole else "explain.head_extremes", locale, count=len(grid.rows), name=name,
        top=_called(top, label), high=shown(str(high)), bottom=_called(bottom, label), low=shown(str(low)),
    )  # fmt: skip
    if whole and not _RATE_NAMES.search(name) and not _is_time(grid, label):
        total = say("explain.total", locale, total=shown(str(sum(value for value, _ in rows))))
        return f"{said}{'' if locale == 'zh' else ' '}{total}"
    return said


def _trend(grid: Grid, label: int, measure: int, locale: Locale) -> str:
    points = sorted((row[label], value) for row in grid.rows if (value := number(row[measure])) is not None)
    (first, start), (last, end) = points[0], points[-1]
    top, high = max(points, key=lambda one: one[1])
    bottom, low = min(points, key=lambda one: one[1])
    figures = {"start": start, "end": end, "high": high, "low": low}
    return say(
        "explain.trend", locale, name=grid.names[measure], change=_change(start, end, locale),
        first=first, last=last, top=top, bottom=bottom,
        **{name: shown(str(figure)) for name, figure in figures.items()},
    )  # fmt: skip


def _change(start: Decimal, end: Decimal, locale: Locale) -> str:
    if start == end:
        return say("explain.level", locale)
    if start <= 0:
        return say("explain.moved", locale)
    percent = (end - start) * 100 / start
    return say("explain.up" if percent > 0 else "explain.down", locale, percent=f"{abs(percent):.1f}")


def _cut(request: Explanation) -> list[str]:
    return [say("explain.more", request.locale, count=request.row_count)] if request.truncated else []


def _origin(request: Explanation) -> str:
    tables = list(dict.fromkeys(name.strip("`") for name in _TABLES.findall(request.sql)))
    if not tables:
        return ""
    listed = ("、" if request.locale == "zh" else ", ").join(tables)
    where = _WHERE.search(request.sql)
    filters = " ".join(where[1].split()) if where else ""
    if filters and len(filters) <= FILTER_CHARS:
        return say("explain.filtered", request.locale, tables=listed, filters=filters)
    return say("explain.found", request.locale, tables=listed)


def _label_column(grid: Grid) -> int | None:
    """What tells the rows apart: the first column that is not a number, or a time."""
    for column in range(len(grid.names)):
        if grid.numbers(column) is None or _is_time(grid, column):
            return column
    return None


def _measure_column(grid: Grid, label: int | None) -> int | None:
    columns = [c for c in range(len(grid.names)) if c != label and grid.numbers(c) is not None]
    return columns[0] if columns else None


def _is_time(grid: Grid, column: int) -> bool:
    return bool(_TIME_NAMES.search(grid.names[column])) and all(
        _TIME.fullmatch(row[column]) for row in grid.rows
    )


def _all_shown(grid: Grid, request: Explanation) -> bool:
    return len(grid.rows) == request.row_count and not request.truncated


def _called(row: Sequence[str], label: int) -> str:
    return row[label]


def shown(cell: str) -> str:
    """A number with thousands separators and at most two decimals; other texts as they are."""
    value = number(cell)
    if value is None or re.fullmatch(r"(?:19|20)\d\d", cell):
        return cell
    if value == value.to_integral_value() and abs(value) < 10**20:
        return f"{int(value):,}"
    return f"{value:,.2f}"
