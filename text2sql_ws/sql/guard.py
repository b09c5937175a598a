"""May this statement run? The first of four layers: pure, and it knows nothing of how statements are run.

The one rule: what runs is what was checked. `check` answers with the text to run, and everything it decides,
it decides about that very text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import columns, metadata, recursion, refusals, sizes, syntax, words
from text2sql_ws.sql.lexer import Token
from text2sql_ws.sql.names import Reach
from text2sql_ws.sql.scopes import Scopes
from text2sql_ws.sql.tables import base_tables
from text2sql_ws.sql.text import Canonical, canonical, sliced

Complexity = Literal["simple", "medium", "complex"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a statement may read, and how large it may be.

    `database` is the data source's own (`""` where it has none); `tables` the allow-list (`None`: all of the
    database); `denied_columns` are (table, column), lower case; `schema` maps tables to their columns in the
    database's order, and is needed where `*` has to be expanded without denied columns.
    """

    dialect: SqlDialect
    database: str = ""
    tables: frozenset[str] | None = None
    denied_columns: frozenset[tuple[str, str]] = frozenset()
    schema: Mapping[str, Sequence[str]] = field(default_factory=dict)
    max_bytes: int = 32 << 10
    max_depth: int = 32
    max_joins: int = 40


@dataclass(frozen=True, slots=True)
class Allowed:
    """A statement that only reads what may be read; `sql` is what to run, without `;` and comments.

    `tables` are those of the database that it reads, as the schema spells them.
    """

    sql: str
    tables: frozenset[str]
    joins: int = 0
    aggregates: bool = False
    complexity: Complexity = "simple"


def check(sql: str, rules: Rules) -> Allowed:
    """The statement to run, or a `Fault`.

    SQL_NOT_READ_ONLY with the exact reason, for what could change, lock, leak or stall;
    INSUFFICIENT_PERMISSIONS for a table, column or database that is not allowed; SQL_SYNTAX_ERROR, mendable,
    for a harmless statement that can't be parsed. Pure; a typical query takes well under 2 ms, and no text
    more than a second.
    """
    _check_size(sql, rules)
    statement = canonical(sql, rules.dialect)
    _check_depth(statement.tokens, rules)
    words.check(statement.tokens, rules.dialect)
    reach = Reach(rules.dialect, rules.database, rules.tables, rules.schema)
    try:
        return _check_statement(statement, rules, reach)
    except RecursionError:
        # Long chains of operators make deep trees without a single bracket.
        raise refusals.not_read_only("too_deep") from None


def _check_size(sql: str, rules: Rules) -> None:
    if len(sql) > rules.max_bytes or len(sql.encode("utf-8", "surrogatepass")) > rules.max_bytes:
        raise refusals.not_read_only("too_long", limit=rules.max_bytes)


def _check_depth(tokens: Sequence[Token], rules: Rules) -> None:
    depth = 0
    for token in tokens:
        if token.text == "(" or token.is_word("case"):
            depth += 1
        elif token.text == ")" or token.is_word("end"):
            depth -= 1
        if depth > rules.max_depth:
            raise refusals.not_read_only("too_deep", limit=rules.max_depth)


def _check_statement(statement: Canonical, rules: Rules, reach: Reach) -> Allowed:
    verb = statement.tokens[0].name
    match verb:
        case "show" | "describe" | "desc" if rules.dialect == "sqlite":
            raise refusals.unknown_verb(verb.upper())
        case "show":
            shown = metadata.show(statement.sql, statement.tokens, reach)
            return Allowed(shown.sql, shown.tables)
        case "explain" | "describe" | "desc":
            return _check_explain(statement, rules, reach)
    return _check_query(statement, rules, reach)


def _check_explain(statement: Canonical, rules: Rules, reach: Reach) -> Allowed:
    start = metadata.explained_query(statement.tokens, rules.dialect)
    if start is None:
        shown = metadata.describe(statement.sql, statement.tokens, reach)
        return Allowed(shown.sql, shown.tables)
    inner = _check_query(sliced(statement, start), rules, reach)
    prefix = statement.sql[: statement.tokens[start].start]
    return Allowed(prefix + inner.sql, inner.tables, inner.joins, inner.aggregates, inner.complexity)


def _check_query(statement: Canonical, rules: Rules, reach: Reach) -> Allowed:
    statement = syntax.spelled_out(statement, rules.dialect)
    tree = syntax.parse(statement, rules.dialect)
    nodes = list(tree.walk())
    read = base_tables(nodes, reach)
    joins = sum(isinstance(node, exp.Join) for node in nodes)
    if joins > rules.max_joins:
        raise refusals.not_read_only("too_many_joins", limit=rules.max_joins)
    recursion.check(nodes, reach)
    sizes.check(statement.tokens, nodes, rules.dialect, lambda: Scopes(nodes, read, reach))
    runs = columns.without_denied(statement, nodes, read, reach, rules.denied_columns)
    aggregates = any(isinstance(node, exp.AggFunc | exp.Group) for node in nodes)
    return Allowed(runs, frozenset(read.values()), joins, aggregates, _complexity(nodes, joins, aggregates))


def _complexity(nodes: Sequence[exp.Expr], joins: int, aggregates: bool) -> Complexity:
    """`complex`: queries within the query, windows, sets, more than two joins; `simple`: a plain table."""
    selects = sum(isinstance(node, exp.Select) for node in nodes)
    if selects > 1 or joins > 2 or any(isinstance(node, exp.Window) for node in nodes):
        return "complex"
    return "medium" if joins or aggregates else "simple"
