"""The kinds of syntax that a query may be made of.

The one rule: what is not listed here is refused, whatever it is; a new version of the parser that learns new
syntax opens nothing.
"""

from sqlglot import exp

from text2sql_ws.sql import refusals
from text2sql_ws.sql.functions import SYNTAX, listed

_QUERIES: tuple[type[exp.Expr], ...] = (
    exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.With, exp.CTE, exp.Values, exp.From,
    exp.Join, exp.Table, exp.TableAlias, exp.Where, exp.Group, exp.GroupingSets, exp.Rollup, exp.Cube,
    exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.LimitOptions, exp.Offset, exp.Fetch, exp.Distinct,
    exp.Lateral, exp.Qualify, exp.Version, exp.IndexTableHint, exp.Partition,
)  # fmt: skip
_VALUES: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Star, exp.Literal, exp.Boolean, exp.Null, exp.HexString, exp.BitString,
    exp.National, exp.Introducer, exp.Var, exp.Alias, exp.Paren, exp.Tuple, exp.Interval, exp.TimeUnit,
    exp.DataType, exp.DataTypeParam, exp.CharacterSet, exp.Bracket, exp.Lambda, exp.Kwarg, exp.PropertyEQ,
    exp.IntervalSpan,
)  # fmt: skip
_OPERATORS: tuple[type[exp.Expr], ...] = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.BitwiseAnd,
    exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.BitwiseLeftShift, exp.BitwiseRightShift, exp.EQ,
    exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.Not, exp.In,
    exp.Between, exp.Like, exp.ILike, exp.Glob, exp.Escape, exp.Match, exp.Any, exp.All, exp.AtTimeZone,
)  # fmt: skip
_AGGREGATION: tuple[type[exp.Expr], ...] = (
    exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.HavingMax,
)  # fmt: skip
_JSON: tuple[type[exp.Expr], ...] = (
    exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript, exp.JSONPathWildcard,
    exp.JSONPathRecursive, exp.JSONPathSlice, exp.JSONPathSelector, exp.JSONPathUnion, exp.JSONPathFilter,
    exp.JSONPathScript, exp.JSONKeyValue, exp.JSONColumnDef, exp.JSONSchema, exp.JSONValue, exp.OnCondition,
    exp.FormatJson, exp.JSON,
)  # fmt: skip
_ALLOWED = frozenset((*_QUERIES, *_VALUES, *_OPERATORS, *_AGGREGATION, *_JSON))

# Functions that need no `(`: their names are not seen where calls are judged.
_REFUSED_FUNCTIONS = frozenset((exp.NextValueFor, exp.CurrentUser, exp.SessionUser, exp.CurrentRole))

# Nodes that hold more than their kind tells: what else is set is refused.
_ARGUMENTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: listed("""
        with_ expressions distinct from_ laterals joins where group having qualify windows order limit offset
        operation_modifiers
    """),
    exp.Subquery: listed("this alias with_ joins laterals order limit offset"),
    exp.Table: listed("this db alias joins laterals hints partition indexed version"),
    exp.Star: frozenset(),
    # SQLite's `x IN table` reads a table without FROM.
    exp.In: listed("this expressions query"),
    exp.Identifier: listed("this quoted"),
    exp.Column: listed("this table db"),
    exp.Join: listed("this on side kind using method hint expressions"),
    exp.Values: listed("expressions alias order limit offset"),
    exp.CTE: listed("this alias materialized"),
    exp.With: listed("expressions recursive"),
}

# Hints of MySQL between SELECT and its columns that change no more than the plan.
_MODIFIERS = listed("""
    SQL_NO_CACHE SQL_CACHE STRAIGHT_JOIN HIGH_PRIORITY SQL_SMALL_RESULT SQL_BIG_RESULT SQL_BUFFER_RESULT
""")

# Words that a tree need not hold as names: they are the grammar itself.
GRAMMAR_WORDS = SYNTAX | listed("""
    order asc desc nulls first last only next ties preceding following unbounded current groups others no
    exclude null true false unknown mod system_time versioning use force ignore for at zone default none error
    empty on of ordinality conditional unconditional wrapper notnull isnull
    character charset varying precision language mode expansion query both leading trailing
    sql_no_cache sql_cache high_priority sql_small_result sql_big_result sql_buffer_result
    current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp
    microsecond second minute hour day week month quarter year weekday dayofmonth dayofyear
    seconds minutes hours days weeks months quarters years
    day_hour day_minute day_second day_microsecond hour_minute hour_second hour_microsecond minute_second
    minute_microsecond second_microsecond year_month
    signed unsigned integer binary json string array map struct largeint
    tinytext mediumtext longtext tinyblob mediumblob longblob
    utf8 utf8mb4 utf8mb3 utf16 latin1 ascii unicode gbk _utf8mb4 _utf8 _latin1 _binary _ascii
""")


def check_node(node: exp.Expr) -> None:
    """Raise `Fault` SQL_NOT_READ_ONLY unless the node is of a kind that only reads."""
    kind = type(node)
    if kind not in _ALLOWED and (not isinstance(node, exp.Func) or kind in _REFUSED_FUNCTIONS):
        raise refusals.not_read_only("syntax", what=node.key.upper())
    arguments = _ARGUMENTS.get(kind)
    if arguments is None:
        return
    for name, value in node.args.items():
        if value and name not in arguments:
            raise refusals.not_read_only("syntax", what=name.strip("_").upper())
    if kind is exp.Select:
        _check_select(node)


def _check_select(select: exp.Expr) -> None:
    if not select.expressions:
        raise refusals.malformed("SELECT")
    for modifier in select.args.get("operation_modifiers") or ():
        if str(modifier).upper() not in _MODIFIERS:
            raise refusals.not_read_only("syntax", what=str(modifier).upper())
