"""Rules that make bounds: numbers with their comparison, and what it is that they bound. Pure."""

import re
from dataclasses import replace
from decimal import Decimal

from text2sql_ws.llm.offline.form import Aggregate, Bounded, Compared, Operand
from text2sql_ws.llm.offline.marks import Comparison, Kind, Mark
from text2sql_ws.llm.offline.nodes import (
    BOUNDS,
    CONDITION,
    Context,
    Limits,
    Node,
    comparison_in,
    joined,
    limits_in,
    operand_of,
    words_of,
)

_RANGE_GAP = re.compile(r"\s*(?:元|块|万元)?\s*(?:到|至|~|～|-|–|—|to|and|和)\s*", re.I)

_MONEY = re.compile(r"\s*(?:万|亿)?\s*(?:元|块|yuan|rmb|cny|dollars?|usd|€|\$)", re.I)

_HOW_MANY = re.compile(r"how many|number of|the number|count|多少|几", re.I)

SUMS_FROM = 1000
"""So many are hardly counted: a figure from here on is money."""

_PRICED = ("cheaper", "more expensive")

_CLASSIFIER = re.compile(r"\s*(?:个|名|位|家|条|笔|件|张|份|次|单|种|人|times?)")


def bound(nodes: list[Node], context: Context) -> Node:
    """`Zn`, `nz`: "more than 10", "10以上"."""
    number = next(n.mark.number for n in nodes if n.letter == "n")
    return joined(BOUNDS, nodes, context, Limits(((comparison_in(nodes), number or Decimal(0)),)))


def between(nodes: list[Node], context: Context) -> Node | None:
    """`wnan`, `nn`: "between 1 and 5", "1到5万"; a unit that stands last counts for both."""
    first, second = (n for n in nodes if n.letter == "n")
    gap = context.text[first.mark.end : second.mark.start]
    if not any(n.letter == "w" for n in nodes) and not _RANGE_GAP.fullmatch(gap):
        return None
    low, high = first.mark.number or Decimal(0), second.mark.number or Decimal(0)
    if first.mark.text[-1:].isdigit() and second.mark.text[-1:] in "万千亿kKmM" and low < high / 1000:
        low *= high / Decimal(re.sub(r"[^\d.]", "", second.mark.text) or 1)
    return joined(BOUNDS, nodes, context, Limits(((">=", low), ("<=", high))))


def bounded(nodes: list[Node], context: Context) -> Node | list[Node]:
    """`N1`, `m1`, `1N`: a bound with what it bounds. "How many orders are over 1000" bounds the orders."""
    item = next(n for n in nodes if n.letter in "NmU")
    operand, text = operand_of(item), words_of(nodes, context)
    if operand.aggregate == "count" and _HOW_MANY.match(item.mark.text):
        of_each = Operand("", (), operand.text, about=operand.links)
        bare = [n for n in nodes if n.letter == BOUNDS]
        return [item, joined(CONDITION, bare, context, Bounded(of_each, limits_in(nodes), text))]
    return joined(CONDITION, nodes, context, Bounded(operand, limits_in(nodes), text))


def bounded_things(nodes: list[Node], context: Context) -> list[Node] | None:
    """`1T` and `T1`: "more than 10 orders", "订单超过10个"; with money it is their amount that is bounded."""
    thing = next(n for n in nodes if n.letter in "Tv")
    limit = next(n for n in nodes if n.letter == BOUNDS)
    if not thing.mark.tables():
        return None
    first = nodes[0] is thing
    counted = _counts(nodes, limit, first, context)
    priced = limit.mark.text.lower().startswith(_PRICED)
    aggregate: Aggregate = "count" if counted else ""
    operand = Operand(
        aggregate, thing.links if counted else (), "price" if priced else thing.mark.text, about=thing.links
    )
    meaning = Bounded(operand, limits_in(nodes), words_of(nodes, context))
    made = joined(CONDITION, nodes, context, meaning)
    if counted:
        return [made]
    return [thing, made] if first else [made, thing]


def bounded_total(nodes: list[Node], context: Context) -> Node | None:
    """`T1S`: "ordered more than 5000000 in total": a sum of money, where the figure is no count."""
    pairs = limits_in(nodes)
    if not nodes[0].mark.tables() or min((value for _, value in pairs), default=Decimal(0)) < SUMS_FROM:
        return None
    operand = Operand("sum", (), nodes[0].mark.text, about=nodes[0].links)
    return joined(CONDITION, nodes, context, Bounded(operand, pairs, words_of(nodes, context)))


def _counts(nodes: list[Node], limit: Node, first: bool, context: Context) -> bool:
    """Is it the things themselves that are counted, and not their money?"""
    sign = context.text[max(limit.mark.start - 1, 0) : limit.mark.end].strip()[:1]
    if _MONEY.match(context.text, limit.mark.end) or sign in "$¥￥":
        return False
    if any(n.letter == "o" for n in nodes):
        return False
    return not first or bool(_CLASSIFIER.match(context.text, limit.mark.end))


def compared(nodes: list[Node], context: Context) -> Node:
    """`NZN`: one column against another."""
    meaning = Compared(nodes[0].links, comparison_in(nodes), nodes[-1].links, words_of(nodes, context))
    return joined(CONDITION, nodes, context, meaning)


def equals_number(nodes: list[Node], context: Context) -> Node:
    """`Dn`: "level 3"."""
    pairs: tuple[tuple[Comparison, Decimal], ...] = (("=", nodes[-1].mark.number or Decimal(0)),)
    return joined(CONDITION, nodes, context, Bounded(operand_of(nodes[0]), pairs, words_of(nodes, context)))


def own_measure(nodes: list[Node], context: Context) -> list[Node] | None:
    """ "Students that have an age over 20": it is the age of those, and they stay."""
    thing, _, column, limit = nodes
    narrowed = own_column([thing, column], context)
    if narrowed is None:
        return None
    operand = Operand("", narrowed.mark.links, column.mark.text)
    meaning = Bounded(operand, limits_in([limit]), words_of([column, limit], context))
    return [thing, joined(CONDITION, [column, limit], context, meaning)]


def narrowed(nodes: list[Node], context: Context) -> list[Node] | None:
    """`ToN`, `NoT`: "客户的信用额度", "budget of departments": of the columns so called, the thing's own."""
    thing = next(n for n in nodes if n.letter == "T")
    column = next(n for n in nodes if n.letter == "N")
    own = own_column([thing, column], context)
    if own is None or own.mark.links == column.mark.links:
        return None
    mark = replace(column.mark, links=own.mark.links)
    return [Node("N", mark) if n is column else n for n in nodes]


def own_column(nodes: list[Node], context: Context) -> Node | None:
    """`TN`: "订单金额", "产品价格": the noun before a measure says what it is of, where such a column is."""
    thing, column = nodes[0], nodes[-1]
    best = max((link.score for link in thing.links), default=0)
    tables = {link.table.lower() for link in thing.links if link.column is None and link.score >= best - 0.1}
    own = tuple(link for link in column.links if link.table.lower() in tables)
    if not own:
        return None
    mark = Mark(Kind.MEASURE, words_of(nodes, context), nodes[0].mark.start, nodes[-1].mark.end, own)
    return Node("N", mark, None)
