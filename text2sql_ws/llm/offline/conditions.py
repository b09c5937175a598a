"""Rules that make conditions: values, with what they are of; what is missing; what is related or is not.

An action takes the nodes that its pattern in `reductions.py` has matched, and gives what takes their
place.
"""

from text2sql_ws.llm.offline.form import Missing, Related, ValueIs
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.nodes import CONDITION, Context, Node, joined, words_of


def value(nodes: list[Node], context: Context) -> Node:
    negated = any(n.letter in "lO" for n in nodes) or any(
        n.letter == "Z" and n.mark.payload == "<>" for n in nodes
    )
    choices = [n.mark.values for n in nodes if n.letter == "V"]
    if len(choices) > 1:
        common = set.intersection(*({(v.table, v.column) for v in values} for values in choices))
        choices = [tuple(v for v in values if (v.table, v.column) in common) for values in choices]
    return joined(CONDITION, nodes, context, ValueIs(tuple(choices), words_of(nodes, context), negated))


def values(nodes: list[Node], context: Context) -> Node | None:
    choices = [{(v.table, v.column) for v in n.mark.values} for n in nodes if n.letter == "V"]
    return value(nodes, context) if set.intersection(*choices) else None


def value_of_thing(nodes: list[Node], context: Context) -> list[Node] | None:
    """ "active employees": of what a value may belong to, the thing behind it goes first."""
    tables = {table.lower() for table in nodes[-1].mark.tables()[:1]}
    own = tuple(value for value in nodes[0].mark.values if value.table.lower() in tables)
    if not own:
        return None
    return [joined(CONDITION, nodes[:1], context, ValueIs((own,), nodes[0].mark.text)), *nodes[1:]]


def value_of(nodes: list[Node], context: Context) -> Node | None:
    """`DC`, `CD`: the attribute that the value is of, named beside it, says which candidate is meant."""
    column = next(n for n in nodes if n.letter in "TDN")
    condition = next(n.meaning for n in nodes if n.letter == CONDITION)
    if not isinstance(condition, ValueIs):
        return None
    meant = {(link.table, link.column) for link in column.links if link.column is not None}
    meant |= {(f.table, f.name) for t in column.mark.tables()[:1] for f in context.database.entity(t).naming}
    kept = tuple(tuple(v for v in values if (v.table, v.column) in meant) for values in condition.choices)
    if not all(kept):
        return None
    is_thing = column.letter == "T"
    negated = (
        condition.negated
        or any(n.letter in "l" for n in nodes)
        or any(n.letter == "Z" and n.mark.payload == "<>" for n in nodes)
    )
    made = joined(CONDITION, nodes, context, ValueIs(kept, condition.text, negated))
    return made if not is_thing else None


def value_or_measure(nodes: list[Node], context: Context) -> list[Node] | None:
    """`NT`: "sales department": a measure's word that is a value of the thing behind it."""
    tables = {table.lower() for table in nodes[-1].mark.tables()[:1]}
    values = tuple(value for value in nodes[0].mark.values if value.table.lower() in tables)
    if not values:
        return None
    return [joined(CONDITION, nodes[:1], context, ValueIs((values,), nodes[0].mark.text)), nodes[-1]]


def missing(nodes: list[Node], context: Context) -> Node:
    column = next(n for n in nodes if n.letter in "NDd")
    negated = sum(n.letter in "lO" for n in nodes) % 2 == 1 and nodes[-1].letter == "j"
    return joined(CONDITION, nodes, context, Missing(column.links, words_of(nodes, context), negated))


def lacking(nodes: list[Node], context: Context) -> Node | None:
    """`OD`: "customers without email", "do not have a payment method"."""
    column = nodes[-1]
    if any(link.column is None and link.score >= 0.9 for link in column.links[:1]):
        return None
    return joined(CONDITION, nodes, context, Missing(column.links, words_of(nodes, context)))


def related(nodes: list[Node], context: Context) -> Node | None:
    """`OT`, `Ov`: "从未下过单", "without orders"; `eT`: "有过订单". A verb alone tells of its table."""
    things = [n for n in nodes if n.letter in "Tv" and n.mark.tables()]
    if not things:
        return _not_yet(nodes, context)
    thing = next((n for n in things if n.letter == "T"), things[0])
    links = tuple(link for link in thing.links if link.column is None)
    return joined(
        CONDITION,
        nodes,
        context,
        Related(links, words_of(nodes, context), any(n.letter == "O" for n in nodes)),
    )


def _not_yet(nodes: list[Node], context: Context) -> Node | None:
    """`Ov`: "没有离职", "have not shipped": the date of what did not happen is missing."""
    dates = tuple(
        link for n in nodes for link in n.links if link.column is not None and _is_date(link, context)
    )
    if not dates:
        return None
    return joined(
        CONDITION,
        nodes,
        context,
        Missing(dates, words_of(nodes, context), not any(n.letter == "O" for n in nodes)),
    )


def happened(nodes: list[Node], context: Context) -> Node | None:
    """`v` that may mean a state: "have left the company" where a missing date means still there."""
    values = nodes[0].mark.values
    if not values or not any(v.negated for v in values):
        return None
    return joined(CONDITION, nodes, context, ValueIs((values,), nodes[0].mark.text))


def _is_date(link: Link, context: Context) -> bool:
    return link.column is not None and context.database.field(link.table, link.column).role == "date"
