"""Which tables a query reads: every name in a FROM, resolved to a CTE or to a table of the database.

The one rule: a name is only taken for a CTE where every database does so too; in doubt it is a table, and
has to be allowed (`WITH secret AS (SELECT * FROM secret) …` reads the table).
"""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from text2sql_ws.sql import refusals
from text2sql_ws.sql.names import Reach


def base_tables(nodes: Sequence[exp.Expr], reach: Reach) -> dict[int, str]:
    """The tables of the database among `nodes`: `id` of the node to the table's name. Raises `Fault`."""
    found: dict[int, str] = {}
    for node in nodes:
        if isinstance(node, exp.Table):
            name = _base_name(node, reach)
            if name:
                found[id(node)] = name
        elif isinstance(node, exp.Column):
            _check_qualifier(node, reach)
    return found


def _base_name(table: exp.Table, reach: Reach) -> str:
    if isinstance(table.this, exp.Func):
        return ""
    if not isinstance(table.this, exp.Identifier):
        raise refusals.not_read_only("syntax", what="TABLE")
    if cte_of(table, reach) is not None:
        return ""
    if table.args.get("alias") is not None and table.args["alias"].columns:
        # Renamed columns could carry denied ones past the check of their names.
        raise refusals.not_read_only("syntax", what=table.alias)
    return reach.table(table.db, table.name)


def _check_qualifier(column: exp.Column, reach: Reach) -> None:
    if column.db:
        reach.check_database(column.db)


def cte_of(table: exp.Table, reach: Reach) -> exp.CTE | None:
    """The CTE that `table` names, if it names one."""
    if table.db or not isinstance(table.this, exp.Identifier):
        return None
    return next((cte for cte in _visible_ctes(table, reach) if is_same(cte.alias, table.name)), None)


def _visible_ctes(table: exp.Table, reach: Reach) -> Iterator[exp.CTE]:
    """The CTEs that `table` may name: those of the queries around it, without the later ones of a WITH.

    A WITH's own earlier members are seen from its later ones; a member sees itself if it is recursive.
    """
    node: exp.Expr | None = table
    within: exp.CTE | None = None
    while node is not None:
        if isinstance(node, exp.CTE):
            within = node
        elif isinstance(node, exp.With) and within is not None:
            yield from _seen_from(within, node, reach)
        elif node.args.get("with_") is not None and within not in node.args["with_"].expressions:
            yield from node.args["with_"].expressions
        node = node.parent


def _seen_from(member: exp.CTE, clause: exp.With, reach: Reach) -> Iterator[exp.CTE]:
    members = clause.expressions
    if is_recursive(member, clause, reach):
        yield member
    yield from reversed(members[: next(i for i, other in enumerate(members) if other is member)])


def is_recursive(member: exp.CTE, clause: exp.With, reach: Reach) -> bool:
    """May `member` read itself? SQLite asks for no RECURSIVE; both ask for a UNION."""
    declared = bool(clause.args.get("recursive")) or reach.dialect == "sqlite"
    return declared and isinstance(member.this, exp.SetOperation)


def is_same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
