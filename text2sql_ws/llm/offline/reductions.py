"""The rules of reading: which neighbours belong together, and what they mean together. Each rule is a
line below.

Patterns are written over the letters of `Kind` and those in `nodes.py`. The rules run in the order in
which they stand in `RULES`; those of one language only say so in their action.
"""

from text2sql_ws.llm.offline import bounding, conditions, literals
from text2sql_ws.llm.offline.form import (
    Aggregate,
    Operand,
    Target,
    ValueIs,
)
from text2sql_ws.llm.offline.marks import Kind, Link, Mark
from text2sql_ws.llm.offline.nodes import (
    CONDITION,
    GROUP,
    MEASURE,
    Action,
    Context,
    Groups,
    Node,
    joined,
    operand_of,
    rule,
    targets_of,
    words_of,
)

_AGGREGATES: dict[str, Aggregate] = {"S": "sum", "A": "avg", "x": "max", "y": "min"}


# --- numbers ------------------------------------------------------------------------------------------


# --- values -------------------------------------------------------------------------------------------


# --- measures -----------------------------------------------------------------------------------------


def _count(nodes: list[Node], context: Context) -> list[Node] | None:
    """`HT`, `TU`, `HD`: how many things; of an attribute, how many different ones. What stands between
    stays.
    """
    thing = next((n for n in reversed(nodes) if n.letter in "TDvN"), None)
    if thing is None:
        return None
    kept = [n for n in nodes if n.letter in "CP"]
    rows = [n for n in nodes if n.letter == "U" and n.mark.payload == "person"]
    if rows and not literals._is_person(thing.links, context.database):
        return None
    distinct = any(n.letter in "uG" for n in nodes)
    if thing.letter == "v" and not thing.mark.tables():
        return None
    if thing.letter == "N":
        operand = Operand("sum", thing.links, thing.mark.text)
    elif thing.letter in "Tv":
        tables = tuple(link for link in thing.links if link.column is None)
        suffix = "".join(n.mark.text for n in nodes if n.letter == "U")
        operand = Operand("distinct" if distinct else "count", tables, _with_suffix(thing.mark.text, suffix))
    else:
        operand = Operand("distinct", thing.links, thing.mark.text)
    return [*kept, joined(MEASURE, [n for n in nodes if n.letter not in "CP"], context, operand)]


def _count_attribute(nodes: list[Node], context: Context) -> Node | None:
    """ "How many store locations": different values of the thing's attribute."""
    thing, attribute = nodes[-2:]
    own = tuple(link for link in attribute.links if link.table in thing.mark.tables()[:1])
    return (
        joined(MEASURE, nodes, context, Operand("distinct", own, words_of(nodes[-2:], context)))
        if own
        else None
    )


def _with_suffix(thing: str, suffix: str) -> str:
    return f"{thing} {suffix}".strip() if thing.isascii() else thing + suffix


def _count_people(nodes: list[Node], context: Context) -> Node | None:
    return (
        joined(MEASURE, nodes, context, Operand("count", nodes[0].links, nodes[0].mark.text))
        if nodes[0].links
        else None
    )


def _aggregate(nodes: list[Node], context: Context) -> list[Node] | None:
    """`AN`, `NA`, `AToN`: an aggregate with its column; a thing named between is what the column is of."""
    word = next(n for n in nodes if n.letter in _AGGREGATES)
    column = next(n for n in reversed(nodes) if n.letter in "Nm")
    about = tuple(link for n in nodes if n.letter == "T" for link in n.links)
    aggregate = _AGGREGATES[word.letter]
    text = words_of(nodes, context)
    if isinstance(column.meaning, Operand):
        inner = column.meaning
        if word.letter == "S" and inner.aggregate in ("count", "distinct", "sum"):
            return [
                joined(
                    MEASURE,
                    nodes,
                    context,
                    Operand(inner.aggregate, inner.links, text, inner.per, inner.about),
                )
            ]
        if word.letter == "A" and inner.aggregate == "count":
            return [
                joined(
                    MEASURE,
                    nodes,
                    context,
                    Operand("avg", inner.links, text, inner.per, (Link("", None, 0),)),
                )
            ]
        return None
    return [joined(MEASURE, nodes, context, Operand(aggregate, column.links, text, about=about))]


def _total_things(nodes: list[Node], context: Context) -> Node | None:
    """`ST`: "total orders", "总订单"."""
    return joined(MEASURE, nodes, context, Operand("count", nodes[-1].links, words_of(nodes, context)))


def _per(nodes: list[Node], context: Context) -> Node | None:
    """`AGT?m`, `mGT`: "平均每个客户的订单数", "average number of orders per customer"."""
    measure = operand_of(next(n for n in nodes if n.letter == MEASURE))
    thing = next(n for n in nodes if n.letter == "T")
    averaged = any(n.letter == "A" for n in nodes) or (
        measure.aggregate == "avg" and bool(measure.about) and not measure.about[0].table
    )
    if not averaged:
        return None
    return joined(
        MEASURE, nodes, context, Operand("avg", measure.links, words_of(nodes, context), per=thing.links)
    )


# --- groups -------------------------------------------------------------------------------------------


def _group(nodes: list[Node], context: Context) -> Node:
    """`GT`, `BD`: "各部门", "by region"."""
    targets = tuple(Target(n.links, n.mark.text) for n in nodes if n.letter in "TDdN")
    return joined(GROUP, nodes, context, Groups(targets))


def _more_groups(nodes: list[Node], context: Context) -> Node:
    """`IaI`: "by region and channel"."""
    return joined(GROUP, nodes, context, Groups((*targets_of(nodes[0]), *targets_of(nodes[-1]))))


def _group_and_bucket(nodes: list[Node], context: Context) -> list[Node]:
    return [nodes[0], _bucket(nodes[-1:], context)]


def _bucket(nodes: list[Node], context: Context) -> Node:
    grain = next(n.mark.payload for n in nodes if n.letter in "gb")
    start, end = nodes[0].mark.start, nodes[-1].mark.end
    return Node("b", Mark(Kind.PERIODIC, context.text[start:end], start, end, payload=grain), None)


def _rate(nodes: list[Node], context: Context) -> list[Node] | None:
    """`Cf`: "取消率": the share of rows in that state."""
    state = nodes[0]
    if state.letter == "v":
        values = tuple(value for value in state.mark.values if value.negated)
        if not values:
            return None
        state = joined(CONDITION, nodes[:1], context, ValueIs((values,), state.mark.text))
    return [state, Node("p", nodes[-1].mark)]


def _last(nodes: list[Node], context: Context) -> Node:
    return nodes[-1]


def _english_only(action: Action) -> Action:
    return lambda nodes, context: action(nodes, context) if context.locale == "en" else None


RULES = (
    rule(r"ZP", _last),
    rule(r"NT", conditions.value_or_measure),
    # names
    rule(r"Q", literals.name_alike),
    rule(r"[TD]Z?l?Q|[TD]k[Q]|Q(?=[^TD]|$)|Q[TD]", literals.literal_of),
    rule(r"[TDN]k[iV]", literals.liked),
    rule(r"[TD]i", literals.name_after),
    rule(r"iT", literals.name_before),
    rule(r"io?v?o?[DTN]|[DTN]oi|Di|Qo[DN]|[DN]oQ", literals.possessor),
    # periods and buckets
    rule(r"[GB]b|[GB]o?[gb]", _bucket),
    # numbers
    rule(r"wno?[ac]?n|na?nw?", bounding.between),
    rule(r"Znz?|nz", bounding.bound),
    rule(r"NoZ?o?Z?[o]?Z(?=oN)|NZo?N", bounding.compared),
    # values
    rule(r"(?:OV(?!T)|lV)(?:[acr]+V)*l?|V(?:[acr]+V)*l(?=o|T|$|c)", conditions.value),
    rule(r"V(?:[acr]+[lO]?V)+", conditions.values),
    rule(r"Vo?T", conditions.value_of_thing),
    rule(r"V", conditions.value),
    rule(r"[DN]o?l?Z?C", conditions.value_of),
    rule(r"CD", conditions.value_of),
    rule(r"[DNd]Z?O?l?j", conditions.missing),
    rule(r"O[DN](?!Z|C|1)", conditions.lacking),
    # how many
    rule(r"Hu?TD", _english_only(_count_attribute)),
    rule(r"Hu?o?(?:[CP]o?)*G?u?T(?:U)?|Hu?o?(?:[CP]o?)*[Gu]*[DN]", _count),
    rule(r"(?:uo?)?To?U|Do?U|vU|TvU", _count),
    rule(r"U(?=o?1|$|[^a-z])", _count_people),
    # aggregates
    rule(r"ToN|NoT|To?[SAxy]o?N", bounding.narrowed),
    rule(r"[SAxy]T?o?N|Nol?[SAxy](?![TNm])|N[SAxy](?!o?[TNm])|[SA]o?T?o?m", _aggregate),
    rule(r"ST(?!o?[NXm])", _total_things),
    rule(r"ATo?N|T[SAxy]o?N", _aggregate),
    rule(r"AGTo?T?o?m|mGT", _per),
    rule(r"TeN1", bounding.own_measure),
    rule(r"To?N(?=1)", bounding.narrowed),
    rule(r"TN(?!1)", bounding.own_column),
    # bounds with what they bound
    rule(r"[NmU]o?l?[o]?1|1o?N", bounding.bounded),
    rule(r"[Tv]1S", bounding.bounded_total),
    rule(r"1o?T|[Tv]v?1", bounding.bounded_things),
    rule(r"D[oZ]?n", bounding.equals_number),
    # what is related or not
    rule(r"Ov?e?T|Ove?|eT|Te(?=oT)", conditions.related),
    rule(r"[Cv]f", _rate),
    # groups
    rule(r"GH[DN]", lambda nodes, context: _group([nodes[0], nodes[2]], context)),
    rule(r"Go?[TDdN](?:[ac]+G?[TDd](?!o?[NmUX]))*", _group),
    rule(r"B[TDd](?![Nm])(?:[ac]+[TDd])*", _group),
    rule(r"I[ac]+[I]", _more_groups),
    rule(r"I[ac]+[gb]", _group_and_bucket),
)
