"""What stands in each FROM, and which expression a column's name leads to.

Knows tables, CTEs and derived tables; judges nothing. The one rule: where two readings are possible, both
are given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from text2sql_ws.sql.names import Reach
from text2sql_ws.sql.tables import cte_of, is_same


@dataclass(frozen=True, slots=True)
class Source:
    """One member of a FROM: a table of the database (`table`), or a query (`query`), or neither (JSON_TABLE).

    `columns` are the names that its alias gives to the query's columns, if it gives any.
    """

    alias: str
    table: str = ""
    query: exp.Expr | None = None
    columns: tuple[str, ...] = ()


class Scopes:
    """The sources of every SELECT among `nodes`, in the order in which they stand."""

    def __init__(self, nodes: Sequence[exp.Expr], read: Mapping[int, str], reach: Reach) -> None:
        self._reach = reach
        self._sources: dict[int, list[Source]] = {}
        for node in nodes:
            if isinstance(node, exp.Select):
                self._sources[id(node)] = [self._source(found, read) for found in _from_members(node)]

    def of(self, select: exp.Expr) -> Sequence[Source]:
        return self._sources.get(id(select), ())

    def seen_from(self, node: exp.Expr) -> Iterator[exp.Select]:
        """The SELECTs whose sources a column at `node` may name, innermost first.

        A CTE, and a derived table that is not LATERAL, don't see the FROM beside or behind them.
        """
        child, parent, is_apart = node, node.parent, False
        while parent is not None:
            if isinstance(parent, exp.Select):
                if not is_apart:
                    yield parent
                is_apart = False
            elif _is_apart(child, parent):
                is_apart = True
            child, parent = parent, parent.parent

    def _source(self, member: exp.Expr, read: Mapping[int, str]) -> Source:
        alias = member.args.get("alias")
        columns = tuple(column.name for column in alias.columns) if isinstance(alias, exp.TableAlias) else ()
        if not isinstance(member, exp.Table):
            return Source(member.alias, query=member, columns=columns)
        if id(member) in read:
            return Source(member.alias_or_name, table=read[id(member)])
        cte = cte_of(member, self._reach)
        if cte is None:
            return Source(member.alias_or_name, columns=columns)
        named = tuple(column.name for column in cte.args["alias"].columns)
        return Source(member.alias_or_name, query=cte.this, columns=columns or named)

    def origins(self, column: exp.Column) -> list[exp.Expr]:
        """The expressions, in queries of a FROM, that `column` may stand for; none for a table's own."""
        for select in self.seen_from(column):
            found = [
                expression
                for source in self.of(select)
                if source.query is not None and (not column.table or is_same(column.table, source.alias))
                for expression in self.projections(source.query, column.name, source.columns)
            ]
            if found:
                return found
        return []

    def projections(self, query: exp.Expr, name: str, renamed: Sequence[str] = ()) -> Iterator[exp.Expr]:
        """What stands for the output column `name` of `query`, in each of its branches."""
        position = next((i for i, given in enumerate(renamed) if is_same(given, name)), None)
        if renamed and position is None:
            return
        if position is None:
            position = self._position(_branches(query)[0], name)
        for branch in _branches(query):
            yield from self._at(branch, position, name)

    def _position(self, select: exp.Expr, name: str) -> int | None:
        for i, expression in enumerate(select.expressions):
            if is_same(expression.alias_or_name, name):
                return i
        return None

    def _at(self, select: exp.Expr, position: int | None, name: str) -> Iterator[exp.Expr]:
        """Column `position` of a branch; behind a `*` it is not to be counted, so it is looked up by name."""
        starred = [e for e in select.expressions if e.is_star and not isinstance(e, exp.Func)]
        if not starred:
            if position is not None and position < len(select.expressions):
                yield select.expressions[position]
            return
        yield from (e for e in select.expressions if is_same(e.alias_or_name, name))
        for source in self.of(select):
            if source.query is not None:
                yield from self.projections(source.query, name, source.columns)


def _branches(query: exp.Expr) -> list[exp.Expr]:
    """The SELECTs (or VALUES) of a set operation, without what is nested deeper."""
    pending, found = [query], []
    while pending:
        branch = pending.pop()
        if isinstance(branch, exp.SetOperation):
            pending += [branch.expression, branch.this]
        elif isinstance(branch, exp.Subquery):
            pending.append(branch.this)
        else:
            found.append(branch)
    return found


def _from_members(select: exp.Select) -> Iterator[exp.Expr]:
    first = select.args.get("from_")
    if first is not None:
        yield from _members(first.this)
    for join in select.args.get("joins") or ():
        yield from _members(join.this)
    yield from select.args.get("laterals") or ()


def _members(member: exp.Expr) -> Iterator[exp.Expr]:
    """`member`, or what stands in its parentheses, and what is joined to it inside them."""
    if _is_parenthesized_join(member):
        yield from _members(member.this)
    else:
        yield member
    for join in member.args.get("joins") or ():
        yield from _members(join.this)


def _is_parenthesized_join(member: exp.Expr) -> bool:
    """`(a JOIN b)`, against `(SELECT …)` and `((SELECT …))`."""
    if not isinstance(member, exp.Subquery | exp.Paren):
        return False
    inner = member.this
    if isinstance(inner, exp.Subquery):
        return bool(inner.alias or inner.args.get("joins")) or _is_parenthesized_join(inner)
    return isinstance(inner, exp.Table)


def _is_apart(node: exp.Expr, parent: exp.Expr) -> bool:
    """Is `node` a derived table, or `parent` the WITH of a SELECT?"""
    if isinstance(parent, exp.With):
        return isinstance(parent.parent, exp.Select)
    in_from = isinstance(parent, exp.From | exp.Join) and parent.this is node
    return in_from and isinstance(node, exp.Subquery) and not _is_parenthesized_join(node)
