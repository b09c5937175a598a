"""Columns that may not be read, wherever they hide: by name, behind `*`, in USING, behind aliases and CTEs.

The one rule: a name that could be a denied column is one. What leaves a table without the denied columns
(`*` written out) can't bring them back further out, so only reads of the table itself are judged.
"""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals
from text2sql_ws.sql.names import Reach
from text2sql_ws.sql.scopes import Scopes, Source
from text2sql_ws.sql.tables import is_same
from text2sql_ws.sql.text import Canonical, replaced

Denied = Mapping[str, frozenset[str]]


def without_denied(
    statement: Canonical,
    nodes: Sequence[exp.Expr],
    read: Mapping[int, str],
    reach: Reach,
    denied_columns: frozenset[tuple[str, str]],
) -> str:
    """The text to run: `statement`, each `*` that would read a denied column written out without it.

    Raises `Fault` INSUFFICIENT_PERMISSIONS where the statement names a denied column, or needs a `*` written
    out of a table whose columns aren't known.
    """
    denied = _denied(read, denied_columns)
    if not denied:
        return statement.sql
    scopes = Scopes(nodes, read, reach)
    for node in nodes:
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            _check_column(node, scopes, denied, reach)
        elif isinstance(node, exp.Join):
            _check_join(node, denied)
        elif isinstance(node, exp.Star):
            _check_star(node)
    _check_strings(statement, denied)
    return replaced(statement, _expansions(nodes, scopes, denied, reach))


def _denied(read: Mapping[int, str], denied_columns: frozenset[tuple[str, str]]) -> Denied:
    tables = {name.casefold() for name in read.values()}
    found: dict[str, set[str]] = {}
    for table, column in denied_columns:
        if table.casefold() in tables:
            found.setdefault(table.casefold(), set()).add(column.casefold())
    return {table: frozenset(columns) for table, columns in found.items()}


def _of(source: Source, denied: Denied) -> frozenset[str]:
    return denied.get(source.table.casefold(), frozenset())


def _check_column(column: exp.Column, scopes: Scopes, denied: Denied, reach: Reach) -> None:
    name = column.name.casefold()
    if not any(name in columns for columns in denied.values()) or _is_output(column, scopes):
        return
    for select in scopes.seen_from(column):
        named = [s for s in scopes.of(select) if not column.table or is_same(column.table, s.alias)]
        if any(name in _of(source, denied) for source in named):
            raise refusals.not_permitted("column", name=column.name)
        if any(_offers(source, name, scopes, reach) for source in named):
            return
    if column.table:
        raise refusals.not_permitted("column", name=column.name)


def _offers(source: Source, name: str, scopes: Scopes, reach: Reach) -> bool:
    """Is `name` surely a column of `source`, so that it can't be one of a query further out?"""
    if source.table:
        return any(is_same(column, name) for column in reach.columns(source.table))
    return source.query is not None and any(
        True for _ in scopes.projections(source.query, name, source.columns)
    )


def _is_output(column: exp.Column, scopes: Scopes) -> bool:
    """`ORDER BY name` where the select list gives that name to something else: no column of a table."""
    ordered = column.parent
    if column.table or not isinstance(ordered, exp.Ordered) or ordered.parent is None:
        return False
    query = ordered.parent.parent
    if isinstance(query, exp.SetOperation):
        return True
    return isinstance(query, exp.Select) and any(
        isinstance(expression, exp.Alias) and is_same(expression.alias, column.name)
        for expression in query.expressions
    )


def _check_join(join: exp.Join, denied: Denied) -> None:
    """NATURAL and USING compare columns that are named only once, or not at all."""
    if (join.args.get("method") or "").upper() == "NATURAL":
        raise refusals.not_permitted("natural_join")
    for column in join.args.get("using") or ():
        if any(column.name.casefold() in columns for columns in denied.values()):
            raise refusals.not_permitted("column", name=column.name)


def _check_star(star: exp.Star) -> None:
    """A `*` is one of the select list, which is written out, or COUNT's, which reads no column."""
    holder = star.parent.parent if isinstance(star.parent, exp.Column) else star.parent
    if not isinstance(holder, exp.Select | exp.Count):
        raise refusals.not_permitted("star", name="*")


def _check_strings(statement: Canonical, denied: Denied) -> None:
    """A server with `ANSI_QUOTES` reads `"salary"` as the column."""
    for token in statement.tokens:
        if token.kind == "string" and token.text[0] == '"':
            name = token.text[1:-1].casefold()
            if any(name in columns for columns in denied.values()):
                raise refusals.not_permitted("column", name=name)


def _expansions(
    nodes: Sequence[exp.Expr], scopes: Scopes, denied: Denied, reach: Reach
) -> list[tuple[int, int, str]]:
    edits = []
    for node in nodes:
        if isinstance(node, exp.Select):
            sources = scopes.of(node)
            edits += [
                edit
                for star in node.expressions
                if (edit := _expansion(star, sources, denied, reach)) is not None
            ]
    return edits


def _expansion(
    star: exp.Expr, sources: Sequence[Source], denied: Denied, reach: Reach
) -> tuple[int, int, str] | None:
    """The edit that writes `*` or `t.*` out, if it would read a denied column."""
    if isinstance(star, exp.Star):
        start, end, meant = star.meta["start"], star.meta["end"], list(sources)
    elif isinstance(star, exp.Column) and isinstance(star.this, exp.Star):
        first = star.args.get("db") or star.args["table"]
        start, end = first.meta["start"], star.this.meta["end"]
        meant = [source for source in sources if is_same(source.alias, star.table)]
    else:
        return None
    if meant and not any(_of(source, denied) for source in meant):
        return None
    if not meant:
        raise refusals.not_permitted("star", name=star.sql())
    return start, end + 1, ", ".join(_written_out(source, denied, reach) for source in meant)


def _written_out(source: Source, denied: Denied, reach: Reach) -> str:
    qualifier = quoted(source.alias, reach.dialect)
    forbidden = _of(source, denied)
    if not forbidden:
        return f"{qualifier}.*"
    columns = [name for name in reach.columns(source.table) if name.casefold() not in forbidden]
    if not columns:
        raise refusals.not_permitted("star", name=source.table)
    return ", ".join(f"{qualifier}.{quoted(name, reach.dialect)}" for name in columns)


def quoted(name: str, dialect: SqlDialect) -> str:
    mark = '"' if dialect == "sqlite" else "`"
    return mark + name.replace(mark, mark * 2) + mark
