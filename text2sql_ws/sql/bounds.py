"""Upper bounds of what expressions give: how many characters, which numbers; followed through CTEs.

Knows the functions that make text longer, judges nothing. The one rule: a bound may be too high, never too
low, except that what the tables hold counts as `STORED` characters.
"""

import math
from collections.abc import Sequence

from sqlglot import exp

from text2sql_ws.sql.scopes import Scopes

STORED = 64
_SCALAR = 32
# A hierarchy's depth, and the steps that MySQL and MariaDB allow a recursive CTE by default.
_COUNTED_STEPS = 100
_RECURSION_STEPS = 1000
_MAX_EVALUATIONS = 50_000
_PROBE = 1e9

Range = tuple[float, float]
_UNKNOWN: Range = (-math.inf, math.inf)

# The functions whose argument says how long their result is, and which one it is.
COUNTED = {"repeat": 1, "space": 0, "lpad": 1, "rpad": 1, "zeroblob": 0, "randomblob": 0}
_FACTORS = {"export_set": 64, "group_concat": 100, "string_agg": 100, "to_base64": 2, "quote": 2}


def function_name(node: exp.Expr) -> str:
    return node.name.lower() if isinstance(node, exp.Anonymous) else node.key


def _arguments(call: exp.Expr) -> list[exp.Expr]:
    """A call's arguments in the order of the text; none for a class that isn't known here."""
    names: dict[type[exp.Expr], tuple[str, ...]] = {
        exp.Repeat: ("this", "times"),
        exp.Space: ("this",),
        exp.Pad: ("this", "expression", "fill_pattern"),
    }
    if isinstance(call, exp.Anonymous):
        return list(call.expressions)
    return [call.args[name] for name in names.get(type(call), ()) if call.args.get(name) is not None]


class Bounds:
    """Upper bounds of texts' lengths and numbers' values, followed through CTEs and derived tables.

    A recursive CTE's column is evaluated twice, with two values for what the step before gave: the difference
    tells how it grows.
    """

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._texts: dict[int, float] = {}
        self._numbers: dict[int, Range] = {}
        self._open: set[int] = set()
        self._recursive: set[int] = set()
        self._seed = 0.0
        self._left = _MAX_EVALUATIONS

    def text(self, node: exp.Expr) -> float:
        """At most how many characters."""
        key = id(node)
        if key in self._texts:
            return self._texts[key]
        if key in self._open:
            self._recursive.add(key)
            return self._seed
        self._left -= 1
        if self._left < 0:
            return math.inf
        self._open.add(key)
        size = self._text(node)
        if key in self._recursive:
            size = self._grown(node, size)
        self._open.discard(key)
        if not self._open & self._recursive:
            self._texts[key] = size
        return size

    def _grown(self, node: exp.Expr, first: float) -> float:
        self._seed, before = _PROBE, self._seed
        grown = self._text(node)
        self._seed = before
        self._recursive.discard(id(node))
        growth = (grown - first) / _PROBE
        return math.inf if growth > 1.001 else first * (_RECURSION_STEPS if growth > 0.5 else 1)

    def _text(self, node: exp.Expr) -> float:
        match node:
            case exp.Literal():
                return len(node.this)
            case exp.Column():
                return max((self.text(origin) for origin in self._scopes.origins(node)), default=STORED)
            case exp.Select() | exp.Values():
                return max((self.text(e) for e in node.expressions), default=0)
            case exp.Repeat() | exp.Space() | exp.Pad():
                return self._counted(node)
            case exp.Replace() | exp.RegexpReplace():
                return self.text(node.this) * max(1.0, self._ratio(node))
            case exp.Hex():
                return 2 * self.text(node.this)
            case exp.GroupConcat():
                return self.text(node.this) * 100
            case exp.DPipe() | exp.Collate():
                return self._sum(node)
            case exp.Case() | exp.If() | exp.Coalesce() | exp.Greatest() | exp.Least() | exp.SetOperation():
                return max((self.text(child) for child in node.iter_expressions()), default=0)
            case exp.Anonymous():
                return self._called(node)
            case exp.Binary() | exp.Predicate() | exp.Count() | exp.Sum() | exp.Avg():
                return _SCALAR
        return max(_SCALAR, self._sum(node))

    def _sum(self, node: exp.Expr) -> float:
        return sum(self.text(child) for child in node.iter_expressions())

    def count(self, call: exp.Expr, position: int) -> float:
        """At most which number the argument at `position` of a call gives."""
        arguments = _arguments(call)
        return self.number(arguments[position])[1] if position < len(arguments) else math.inf

    def _counted(self, call: exp.Expr) -> float:
        count = max(0.0, self.count(call, 0 if isinstance(call, exp.Space) else 1))
        return self.text(call.this) * count if isinstance(call, exp.Repeat) else count

    def _ratio(self, replace: exp.Expr) -> float:
        """How much longer than what it replaces the replacement is."""
        replacement = replace.args.get("replacement")
        searched = replace.args.get("expression")
        is_plain = isinstance(replace, exp.Replace) and isinstance(searched, exp.Literal)
        length = len(searched.this) if is_plain and searched is not None else 1
        return self.text(replacement) / max(1, length) if replacement is not None else 0.0

    def _called(self, call: exp.Anonymous) -> float:
        name = function_name(call)
        if name in COUNTED:
            return max(0.0, self.count(call, COUNTED[name]))
        return _FACTORS.get(name, 1) * max(_SCALAR, self._sum(call))

    def number(self, node: exp.Expr) -> Range:
        """At least and at most which value; infinite where it can't be told."""
        key = id(node)
        if key in self._numbers:
            return self._numbers[key]
        if key in self._open:
            self._recursive.add(key)
            return self._seed, self._seed
        self._left -= 1
        if self._left < 0:
            return _UNKNOWN
        self._open.add(key)
        found = self._number(node)
        if key in self._recursive:
            found = self._counted_up(node, found)
        self._open.discard(key)
        if not self._open & self._recursive:
            self._numbers[key] = found
        return found

    def _counted_up(self, node: exp.Expr, first: Range) -> Range:
        """The range of a recursive CTE's counter: what one step adds or takes, times the steps."""
        rise, fall = self._probed(node, _PROBE)[1] - _PROBE, self._probed(node, -_PROBE)[0] + _PROBE
        self._recursive.discard(id(node))
        if not max(rise, -fall) < _PROBE / 1000:
            return _UNKNOWN
        return min(0.0, first[0]) + _COUNTED_STEPS * min(0.0, fall), first[1] + _COUNTED_STEPS * max(
            0.0, rise
        )

    def _probed(self, node: exp.Expr, seed: float) -> Range:
        self._seed, before = seed, self._seed
        found = self._number(node)
        self._seed = before
        return found

    def _number(self, node: exp.Expr) -> Range:
        match node:
            case exp.Literal():
                value = as_number(node)
                return value, value
            case exp.Paren() | exp.Alias() | exp.Cast():
                return self.number(node.this)
            case exp.Floor() | exp.Ceil() | exp.Round():
                return _added(self.number(node.this), (-1.0, 1.0))
            case exp.Neg():
                low, high = self.number(node.this)
                return -high, -low
            case exp.Add():
                return _added(self.number(node.this), self.number(node.expression))
            case exp.Sub():
                low, high = self.number(node.expression)
                return _added(self.number(node.this), (-high, -low))
            case exp.Mul():
                return _multiplied(self.number(node.this), self.number(node.expression))
            case exp.Div() | exp.IntDiv():
                return self._divided(node)
            case exp.Length():
                return 0.0, self.text(node.this) * 4
            case exp.Least():
                ranges = [self.number(e) for e in (node.this, *node.expressions)]
                return min(low for low, _ in ranges), min(high for _, high in ranges)
            case exp.Greatest() | exp.Coalesce() | exp.If() | exp.Case():
                return self._any_of(node)
            case exp.Column():
                return _union([self.number(origin) for origin in self._scopes.origins(node)])
        return _UNKNOWN

    def _divided(self, node: exp.Expr) -> Range:
        divisor = node.expression
        if isinstance(divisor, exp.Literal) and as_number(divisor) >= 1:
            low, high = self.number(node.this)
            return min(low, 0.0), max(high, 0.0)
        return _UNKNOWN

    def _any_of(self, node: exp.Expr) -> Range:
        """One of a conditional's results; its conditions are none of them."""
        if isinstance(node, exp.Case):
            results = [branch.args["true"] for branch in node.args.get("ifs") or ()]
            results += [node.args["default"]] if node.args.get("default") is not None else []
        elif isinstance(node, exp.If):
            results = [e for e in (node.args.get("true"), node.args.get("false")) if e is not None]
        else:
            results = [node.this, *node.expressions]
        return _union([self.number(result) for result in results])


def as_number(literal: exp.Literal) -> float:
    try:
        value = float(literal.this)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(value) else value


def _added(one: Range, other: Range) -> Range:
    low, high = one[0] + other[0], one[1] + other[1]
    return (-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)


def _multiplied(one: Range, other: Range) -> Range:
    if not all(map(math.isfinite, (*one, *other))):
        return _UNKNOWN
    products = [a * b for a in one for b in other]
    return min(products), max(products)


def _union(ranges: Sequence[Range]) -> Range:
    if not ranges:
        return _UNKNOWN
    return min(low for low, _ in ranges), max(high for _, high in ranges)
