"""Reads the schema back from the prompt: the CREATE TABLE statements of `llm/prompts.py`. Nothing else.

It is lenient where another caller writes DDL by hand (no quotes, double quotes, NOT NULL, MySQL's COMMENT),
and what it does not understand it leaves out: text that poses as DDL can at worst name a table that is not
there.
"""

import re
from dataclasses import replace

from text2sql_ws.schema import Column, ForeignKey, Table

_NAME = r"(?:`((?:[^`]|``)+)`|\"([^\"]+)\"|\[([^\]]+)\]|([^\s`\"(),\[\]]+))"
_OPENING = re.compile(rf"\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*\(\s*(?:--\s*(.*))?$", re.I)
_COLUMN = re.compile(rf"\s*{_NAME}\s+([A-Za-z]\w*(?:\s*\([^)]*\))?)(.*)$")
_FOREIGN = re.compile(
    rf"\s*(?:CONSTRAINT\s+\S+\s+)?FOREIGN\s+KEY\s*\(([^)]*)\)\s*REFERENCES\s+{_NAME}\s*(?:\(([^)]*)\))?", re.I
)
_PRIMARY = re.compile(r"\s*(?:CONSTRAINT\s+\S+\s+)?PRIMARY\s+KEY\s*\(([^)]*)\)", re.I)
_OTHER = re.compile(r"\s*(?:CONSTRAINT|UNIQUE|KEY|INDEX|CHECK|FULLTEXT)\b", re.I)
_EXAMPLES = re.compile(r"(?:^|;\s*)examples:\s*('.*)$")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_INLINE_COMMENT = re.compile(r"\bCOMMENT\s*=?\s*'((?:[^']|'')*)'", re.I)


def read_tables(text: str) -> tuple[Table, ...]:
    """The tables in `text`, in order; a table that is given twice counts once."""
    tables: dict[str, Table] = {}
    current: Table | None = None
    for line in text.splitlines():
        if opened := _OPENING.match(line):
            current = Table(_name(opened.groups()[:4]), (), (opened[5] or "").strip())
        elif current is not None and line.strip().startswith(")"):
            tables.setdefault(current.name.lower(), current)
            current = None
        elif current is not None:
            current = _with_line(current, line)
    return tuple(table for table in tables.values() if table.columns)


def _with_line(table: Table, line: str) -> Table:
    definition, remark = _parted(line)
    if found := _FOREIGN.match(definition):
        keys = ForeignKey(_names(found[1]), _name(found.groups()[1:5]), _names(found[6] or ""))
        return replace(table, foreign_keys=(*table.foreign_keys, keys))
    if found := _PRIMARY.match(definition):
        names = {name.lower() for name in _names(found[1])}
        columns = (replace(c, primary_key=c.primary_key or c.name.lower() in names) for c in table.columns)
        return replace(table, columns=tuple(columns))
    if _OTHER.match(definition) or not (found := _COLUMN.match(definition)):
        return table
    return replace(table, columns=(*table.columns, _column(found, remark)))


def _column(found: re.Match[str], remark: str) -> Column:
    rest = found[6]
    if inline := _INLINE_COMMENT.search(rest):
        remark = remark or inline[1].replace("''", "'")
    examples = _EXAMPLES.search(remark)
    return Column(
        _name(found.groups()[:4]),
        found[5],
        (remark[: examples.start()] if examples else remark).strip(),
        nullable="NOT NULL" not in rest.upper(),
        primary_key="PRIMARY KEY" in rest.upper(),
        examples=tuple(v.replace("''", "'") for v in _LITERAL.findall(examples[1])) if examples else (),
    )


def _parted(line: str) -> tuple[str, str]:
    """A line's definition and what stands behind `--`, which is not looked for inside quotes."""
    quote = ""
    for place, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "`'\"":
            quote = char
        elif line.startswith("--", place):
            return line[:place].rstrip().rstrip(","), line[place + 2 :].strip()
    return line.rstrip().rstrip(","), ""


def _name(groups: tuple[str | None, ...]) -> str:
    return next((group.replace("``", "`") for group in groups if group), "")


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip().strip('`"[]') for name in listed.split(",") if name.strip())
