"""Recursive CTEs end: each step of one is held by a condition.

Doesn't prove that they do (that takes running them; the servers' own limits and the time limit stand
behind), but refuses the ones that are written so that they can't, or only after very many steps. The one
rule: a SELECT that reads its own CTE has a condition on a column, in WHERE or in the join.
"""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from text2sql_ws.sql import refusals
from text2sql_ws.sql.names import Reach
from text2sql_ws.sql.tables import cte_of

MAX_STEPS = 100_000

_COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Between,
    exp.In,
    exp.Like,
    exp.Is,
    exp.Exists,
)


def check(nodes: Sequence[exp.Expr], reach: Reach) -> None:
    """Raise `Fault` SQL_NOT_READ_ONLY for a recursive CTE without a condition, or with a far one."""
    for node in nodes:
        if isinstance(node, exp.Table):
            cte = cte_of(node, reach)
            if cte is not None and _is_within(node, cte):
                _check_step(node, cte)


def _is_within(node: exp.Expr, ancestor: exp.Expr) -> bool:
    parent = node.parent
    while parent is not None and parent is not ancestor:
        parent = parent.parent
    return parent is ancestor


def _check_step(reference: exp.Table, cte: exp.CTE) -> None:
    conditions = list(_conditions(reference, cte))
    if not any(_binds(condition) for condition in conditions):
        raise refusals.not_read_only("recursion", name=cte.alias)
    for condition in conditions:
        for literal in condition.find_all(exp.Literal):
            if not literal.is_string and _number(literal) > MAX_STEPS:
                raise refusals.not_read_only("recursion_steps", name=cte.alias, limit=MAX_STEPS)


def _conditions(reference: exp.Expr, cte: exp.CTE) -> Iterator[exp.Expr]:
    """What holds the step: WHERE, ON, USING and LIMIT of the queries from `reference` out to its CTE."""
    node = reference.parent
    while node is not None and node is not cte:
        for name in ("where", "having"):
            if node.args.get(name) is not None:
                yield node.args[name].this
        for join in node.args.get("joins") or ():
            yield from (join.args[name] for name in ("on",) if join.args.get(name) is not None)
            yield from join.args.get("using") or ()
        if node.args.get("limit") is not None:
            yield node.args["limit"]
        node = node.parent


def _binds(condition: exp.Expr) -> bool:
    match condition:
        case exp.Paren() | exp.Not():
            return _binds(condition.this)
        case exp.And():
            return _binds(condition.this) or _binds(condition.expression)
        case exp.Or():
            return _binds(condition.this) and _binds(condition.expression)
        case exp.Identifier() | exp.Limit() | exp.Column():
            return True
    return isinstance(condition, _COMPARISONS) and _compares(condition)


def _compares(condition: exp.Expr) -> bool:
    """Is a column compared with something else than itself?"""
    if condition.this == condition.args.get("expression"):
        return False
    return condition.find(exp.Column) is not None


def _number(literal: exp.Literal) -> float:
    try:
        return float(literal.this)
    except ValueError:
        return 0.0
