"""Repairs a statement that the database refused, where its error names what is wrong. Pure, by rule.

An unknown column becomes the one it must have meant, at the table that has it; an unknown table likewise; an
ambiguous column is qualified; a function of the other dialect is replaced. Anything else is not touched.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.writing import quoted

_COLUMN_ERRORS = (
    re.compile(r"no such column:\s*([\w.`\"]+)", re.I),
    re.compile(r"Unknown column '([^']+)'", re.I),
)
_TABLE_ERRORS = (
    re.compile(r"no such table:\s*([\w.`\"]+)", re.I),
    re.compile(r"Table '(?:[^'.]+\.)?([^'.]+)' doesn't exist", re.I),
)
_AMBIGUOUS = (
    re.compile(r"ambiguous column name:\s*([\w.`\"]+)", re.I),
    re.compile(r"Column '([^']+)' in .* is ambiguous", re.I),
)
_FUNCTIONS = (
    re.compile(r"no such function:\s*(\w+)", re.I),
    re.compile(r"FUNCTION (?:\w+\.)?(\w+) does not exist", re.I),
)
_FROM = re.compile(
    r"\b(?:FROM|JOIN)\s+(`[^`]+`|\"[^\"]+\"|\w+)(?:\s+(?:AS\s+)?(?!ON\b|USING\b|WHERE\b|JOIN\b|LEFT\b|INNER\b|RIGHT\b|GROUP\b|ORDER\b|LIMIT\b|HAVING\b|CROSS\b|UNION\b)(`[^`]+`|\w+))?",
    re.I,
)
_NEAR = 0.6
_SQLITE_FUNCTIONS: dict[str, str] = {
    "year": "CAST(strftime('%Y', {0}) AS INTEGER)", "month": "CAST(strftime('%m', {0}) AS INTEGER)",
    "day": "CAST(strftime('%d', {0}) AS INTEGER)",
    "quarter": "((CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3)",
    "curdate": "date('now')", "now": "datetime('now')", "date_format": "strftime({1}, {0})",
    "left": "substr({0}, 1, {1})", "char_length": "length({0})",
    "if": "CASE WHEN {0} THEN {1} ELSE {2} END",
}  # fmt: skip
_MYSQL_FUNCTIONS: dict[str, str] = {
    "strftime": "DATE_FORMAT({1}, {0})", "date": "DATE({0})", "julianday": "TO_DAYS({0})",
    "datetime": "TIMESTAMP({0})", "total": "COALESCE(SUM({0}), 0)", "iif": "IF({0}, {1}, {2})",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repaired:
    """The better statement, and what was changed into what."""

    sql: str
    changes: tuple[tuple[str, str], ...]


def repair(sql: str, error: str, database: Database) -> Repaired | None:
    """A statement that no longer has the named fault, or None. It never gives back the same statement."""
    for patterns, mend in _MENDERS:
        for pattern in patterns:
            if found := pattern.search(error):
                made = mend(sql, found[1], database)
                return made if made is not None and made.sql != sql else None
    return None


def _mend_column(sql: str, name: str, database: Database) -> Repaired | None:
    qualifier, _, column = name.replace("`", "").replace('"', "").rpartition(".")
    used = _used(sql, database)
    owners = [(short, entity) for short, entity in used.items() if column.lower() in entity.fields]
    if owners:
        short, entity = owners[0]
        return _replaced(sql, qualifier, column, _written(short, entity.fields[column.lower()]))
    candidates = [
        (short, item.name)
        for short, entity in used.items()
        if not qualifier or short == qualifier
        for item in entity.fields.values()
        if item.factors is None
    ]
    near = _nearest(column, [name for _, name in candidates]) or _nearest_words(column, used, qualifier)
    if near is None:
        return None
    short = next(short for short, name in candidates if name == near)
    return _replaced(sql, qualifier, column, f"{short}.{quoted(near)}")


def _mend_table(sql: str, name: str, database: Database) -> Repaired | None:
    wrong = name.replace("`", "").replace('"', "").rpartition(".")[2]
    names = [entity.name for entity in database.entities.values()]
    near = _nearest(wrong, names) or next(
        (n for n in names if wrong.lower().rstrip("s") == n.lower().rstrip("s")), None
    )
    if near is None:
        return None
    mended = _outside_texts(
        sql, lambda part: re.sub(rf"[`\"]?\b{re.escape(wrong)}\b[`\"]?", lambda _: quoted(near), part)
    )
    return Repaired(mended, ((wrong, near),))


def _mend_ambiguous(sql: str, name: str, database: Database) -> Repaired | None:
    column = name.replace("`", "").rpartition(".")[2]
    owner = next(
        (short for short, entity in _used(sql, database).items() if column.lower() in entity.fields), None
    )
    return _replaced(sql, "", column, f"{owner}.{quoted(column)}") if owner else None


def _mend_function(sql: str, name: str, database: Database) -> Repaired | None:
    known = _SQLITE_FUNCTIONS if database.dialect == "sqlite" else _MYSQL_FUNCTIONS
    form = known.get(name.lower())
    if form is None:
        return None
    mended = sql
    for _ in range(20):
        call = _call(mended, name)
        if call is None:
            break
        start, end, arguments = call
        try:
            mended = mended[:start] + form.format(*arguments) + mended[end:]
        except IndexError:
            return None
    return Repaired(mended, ((f"{name}()", form),))


def _call(sql: str, name: str) -> tuple[int, int, list[str]] | None:
    """Where a function is called, and its arguments; brackets and quotes within them are respected."""
    found = re.search(rf"\b{re.escape(name)}\s*\(", sql, re.I)
    if found is None:
        return None
    depth, quote, arguments, begin = 1, "", [], found.end()
    for place in range(found.end(), len(sql)):
        char = sql[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        if depth == 0 or (depth == 1 and char == "," and not quote):
            arguments.append(sql[begin:place].strip())
            begin = place + 1
        if depth == 0:
            return found.start(), place + 1, arguments
    return None


def _replaced(sql: str, qualifier: str, column: str, by: str) -> Repaired:
    before = rf"[`\"]?{re.escape(qualifier)}[`\"]?\s*\.\s*" if qualifier else r"(?<![\w.`\"])"
    pattern = re.compile(rf"{before}[`\"]?{re.escape(column)}[`\"]?(?![\w`\"(])", re.I)
    mended = _outside_texts(sql, lambda part: _but_aliases(pattern, by, part))
    return Repaired(mended, ((f"{qualifier}.{column}" if qualifier else column, by),))


def _but_aliases(pattern: re.Pattern[str], by: str, part: str) -> str:
    return pattern.sub(
        lambda found: found[0] if re.search(r"\bAS\s+$", part[: found.start()], re.I) else by, part
    )


def _outside_texts(sql: str, change: Callable[[str], str]) -> str:
    """Change what stands outside of texts in single quotes."""
    parts = re.split(r"('(?:[^']|'')*')", sql)
    return "".join(part if number % 2 else change(part) for number, part in enumerate(parts))


def _written(short: str, item: Field) -> str:
    """A column as it may stand in a statement; an amount that the table does not hold is its product."""
    if item.factors is None:
        return f"{short}.{quoted(item.name)}"
    return "(" + " * ".join(f"{short}.{quoted(name)}" for name in item.factors) + ")"


def _used(sql: str, database: Database) -> dict[str, Entity]:
    """The tables of a statement by the name they go under in it."""
    found: dict[str, Entity] = {}
    for table, short in _FROM.findall(sql):
        entity = database.entities.get(table.strip('`"').lower())
        if entity is not None:
            found[(short or table).strip('`"')] = entity
    return found


def _nearest(name: str, names: list[str]) -> str | None:
    by_low = {other.lower(): other for other in names}
    close = get_close_matches(name.lower()[:64], list(by_low), n=1, cutoff=_NEAR)
    return by_low[close[0]] if close else None


def _nearest_words(column: str, used: dict[str, Entity], qualifier: str) -> str | None:
    """A column that ends with the name, or whose name ends it: `name` for `customer_name`."""
    low = column.lower()
    for short, entity in used.items():
        for item in entity.fields.values():
            if (
                (not qualifier or short == qualifier)
                and item.factors is None
                and (item.name.lower().endswith(f"_{low}") or low.endswith(f"_{item.name.lower()}"))
            ):
                return item.name
    return None


_MENDERS: tuple[tuple[tuple[re.Pattern[str], ...], Callable[[str, str, Database], Repaired | None]], ...] = (
    (_AMBIGUOUS, _mend_ambiguous),
    (_COLUMN_ERRORS, _mend_column),
    (_TABLE_ERRORS, _mend_table),
    (_FUNCTIONS, _mend_function),
)
