"""The computed explanation of a result, for when the model's can't be had. Pure.

The one rule: every sentence is true of this result, whatever the question was. Extremes and totals are told
only when all rows are at hand, a total only of what may be added up.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from text2sql_ws.charts.fields import Field, read_fields
from text2sql_ws.events import Results
from text2sql_ws.texts import Locale, Text, say, verbatim

FIRST_ROWS = 3
CELLS = 6
CELL_CHARS = 60
ADDITIVE = re.compile(
    r"数$|数量|金额|总|合计|销售额|收入|成本|count|sum|total|amount|quantity|revenue|cost", re.I
)
NOT_ADDITIVE = re.compile(
    r"均|率|比|占|单价|累计|最|avg|average|mean|rate|ratio|percent|share|max|min|cumul|%", re.I
)

# What is not SQL's own words: strings, quoted names, comments.
QUOTED = re.compile(
    r"""'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\#[^\n]*|/\*.*?\*/""", re.S
)
STEPS = (
    ("joined", re.compile(r"\bJOIN\b", re.IGNORECASE)),
    ("filtered", re.compile(r"\bWHERE\b|\bHAVING\b", re.IGNORECASE)),
    ("grouped", re.compile(r"\bGROUP\s+BY\b", re.IGNORECASE)),
    ("sorted", re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)),
    ("limited", re.compile(r"\bLIMIT\b", re.IGNORECASE)),
)


def explain(
    question: str,
    sql: str,
    results: Results,
    rows: Sequence[Sequence[Any]],
    locale: Locale,
    tables: Sequence[str],
) -> str:
    """What came out and how it was found, in a few plain sentences.

    `rows` are the first of the result as decoded JSON, `tables` what the statement reads. Of several measures
    the one that `question` names is told of.
    """
    sentences = [*_found(question, results, rows), *_way(sql, tables)]
    return ("" if locale == "zh" else " ").join(sentence.in_(locale) for sentence in sentences)


def _found(question: str, results: Results, rows: Sequence[Sequence[Any]]) -> Iterator[Text]:
    fields = read_fields(results.columns, rows)
    count = f"{results.row_count:,}"
    if not results.row_count:
        yield say("explained.empty")
    elif results.row_count == 1 and rows:
        yield say("explained.one_row", cells=_row(fields, 0))
    else:
        yield say("explained.truncated" if results.truncated else "explained.rows", count=count)
        is_whole = not results.truncated and len(rows) == results.row_count
        yield from _figures(question, fields) if is_whole else _beginning(fields, len(rows))


def _figures(question: str, fields: Sequence[Field]) -> Iterator[Text]:
    """The extremes of one measure and, where that makes sense, its total; else the first rows."""
    measures = [field for field in fields if field.role == "measure" and None not in field.values]
    if not measures:
        yield from _beginning(fields, FIRST_ROWS)
        return
    named = [field for field in measures if field.name.casefold() in question.casefold()]
    measure = (named or measures)[0]
    numbers = [Decimal(str(value)) for value in measure.values]
    yield _extremes(measure, numbers, _naming(fields))
    if ADDITIVE.search(measure.name) and not NOT_ADDITIVE.search(measure.name):
        yield say("explained.total", measure=measure.name, total=_figure(sum(numbers, Decimal())))


def _extremes(measure: Field, numbers: Sequence[Decimal], name: Field | None) -> Text:
    low, high = min(numbers), max(numbers)
    params = {"measure": measure.name, "low": _figure(low), "high": _figure(high)}
    if low == high:
        return say("explained.all_equal", **params)
    if name is None:
        return say("explained.between", **params)
    lowest, highest = (_cell(name, numbers.index(extreme)) for extreme in (low, high))
    return say("explained.extremes", lowest=lowest, highest=highest, **params)


def _beginning(fields: Sequence[Field], row_count: int) -> Iterator[Text]:
    rows = [_row(fields, number) for number in range(min(row_count, FIRST_ROWS, _length(fields)))]
    if rows:
        yield say("explained.begins", rows=_joined(rows, "；", "; "))


def _way(sql: str, tables: Sequence[str]) -> Iterator[Text]:
    if tables:
        yield say("explained.tables", tables=_joined(map(verbatim, tables), "、", ", "))
    bare = QUOTED.sub(" ", sql)
    steps = [say(f"explained.{step}") for step, words in STEPS if words.search(bare)]
    if steps:
        yield say("explained.steps", steps=_joined(steps, "、", ", "))


def _naming(fields: Sequence[Field]) -> Field | None:
    """What tells the rows apart."""
    roles = ("category", "period", "sequence", "identifier")
    return next((field for field in fields if field.role in roles and field.is_unique), None)


def _row(fields: Sequence[Field], number: int) -> Text:
    cells = (say("explained.cell", name=field.name, value=_cell(field, number)) for field in fields[:CELLS])
    return _joined(cells, "，", ", ")


def _cell(field: Field, number: int) -> str:
    value = field.values[number]
    if value is None:
        return "NULL"
    if field.role == "measure":
        return _figure(Decimal(str(value)))
    return " ".join(str(value).split())[:CELL_CHARS]


def _figure(number: Decimal) -> str:
    return f"{number:,f}"


def _length(fields: Sequence[Field]) -> int:
    return len(fields[0].values) if fields else 0


def _joined(parts: Iterable[Text], zh: str, en: str) -> Text:
    texts = list(parts)
    return Text(zh.join(text.zh for text in texts), en.join(text.en for text in texts))
