"""Finds what is ranked by what: "销售额最高的5个产品", "which region sold the most", "top 10 customers by
revenue".

Works on the row of nodes without its conditions and periods, which may stand anywhere. What is found is
taken out of the row. A superlative without anything to rank is a maximum ("highest salary").
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from text2sql_ws.llm.offline.form import Direction, Operand, Ranking, Target
from text2sql_ws.llm.offline.nodes import GROUP, MEASURE, Context, Node, letters, operand_of

MOST_ROWS = 100_000
_COUNTS = re.compile(r"most$|fewest|least|最多|最少|frequent|often|common", re.I)
_OPERANDS = "mNTvd"
_SUBJECTS = "TDgI"


@dataclass(frozen=True, slots=True)
class Ranked:
    """`subject` is what is ranked, None where nothing was named; `rest` the nodes that were not needed."""

    ranking: Ranking
    subject: Node | None
    rest: list[Node]


@dataclass(frozen=True, slots=True)
class Extreme:
    """A superlative that ranks nothing: the highest or lowest of a column."""

    operand: Operand
    rest: list[Node]


def find(nodes: list[Node], context: Context) -> Ranked | Extreme | None:
    """The ranking of a question, if it has one."""
    row = letters(nodes)
    if "X" in row:
        return (_chinese if context.locale == "zh" else _english)(nodes, row.index("X"))
    return _top(nodes, row.index("K")) if "K" in row else None


# --- Chinese: the measure stands before the superlative, what is ranked behind it ------------------------


def _chinese(nodes: list[Node], place: int) -> Ranked | Extreme | None:
    operand, subject = _named_before(nodes, place)
    if operand is None and not nodes[place].mark.concept:
        return _measure_behind(nodes, place, subject)
    if subject is None and operand is not None and nodes[operand].letter in "Nm":
        return _extreme(nodes, place, operand)
    return _ranked(nodes, place, operand, subject)


def _named_before(nodes: list[Node], place: int) -> tuple[int | None, int | None]:
    """ "哪个部门员工最多", "入职最早的员工", "最早入职的员工": what it goes by, and what is ranked."""
    concept, asked = nodes[place].mark.concept, _asked(nodes, place)
    before, after = _skip_back(nodes, place - 1, "on"), _skip(nodes, place + 1, "onG")
    operand = before if _is(nodes, before, _OPERANDS) and before != asked else None
    if concept and _is(nodes, operand, "T"):
        operand, asked = None, asked if asked is not None else operand
    subject = after if _is(nodes, after, _SUBJECTS) else None
    if concept and operand is None and _is(nodes, after, "vd"):
        operand, subject = after, _skip(nodes, (after or 0) + 1, "on")
    if concept == "date" and not _is(nodes, operand, "vd"):
        operand = None
    if not _is(nodes, subject, _SUBJECTS):
        subject = asked
    if subject is None and concept and after is None and _is(nodes, before, "TD"):
        subject = before
    return operand, subject


def _measure_behind(nodes: list[Node], place: int, subject: int | None) -> Ranked | Extreme | None:
    """ "最高工资的员工" ranks, "最高工资" is a maximum, "最大的订单" goes by its amount."""
    operand = _skip(nodes, place + 1, "onG")
    if not _is(nodes, operand, _OPERANDS) or operand is None:
        return None
    further = _skip(nodes, operand + 1, "o")
    behind_of = further is not None and further > operand + 1 and _is(nodes, further, _SUBJECTS)
    named = further if behind_of else _asked(nodes, place)
    if named is not None:
        return _ranked(nodes, place, operand, named)
    if _is(nodes, operand, "T"):
        return _ranked(nodes, place, None, operand, "amount")
    return _extreme(nodes, place, operand)


# --- English: the measure stands behind the superlative, what is ranked before it or behind both ---------


def _english(nodes: list[Node], place: int) -> Ranked | Extreme | None:
    operand = _english_operand(nodes, place)
    subject, follows = _english_subject(nodes, place, operand)
    if operand is None and not nodes[place].mark.concept:
        return _ranked(nodes, place, None, subject, "amount") if subject is not None and follows else None
    if subject is None:
        return _extreme(nodes, place, operand) if operand is not None else None
    return _ranked(nodes, place, None if subject == operand else operand, subject)


def _english_operand(nodes: list[Node], place: int) -> int | None:
    """ "the most orders", "highest price", "earliest hire date"; "returned the most" has it before."""
    concept, after = nodes[place].mark.concept, _skip(nodes, place + 1, "n")
    before = place - 1 if place else None
    if concept == "date":
        behind = after if _is(nodes, after, "mNdv") else None
        return behind if behind is not None or after is not None or not _is(nodes, before, "vd") else before
    if concept:
        return after if _is(nodes, after, "mN") else None
    counts = bool(_COUNTS.search(nodes[place].mark.text))
    amounts = after is not None and bool(nodes[after].mark.amounts())
    if _is(nodes, after, _OPERANDS) and (counts or amounts or not _is(nodes, after, "Tv")):
        return after
    return before if _is(nodes, before, "mNTv") and before != _asked(nodes, place) else None


def _english_subject(nodes: list[Node], place: int, operand: int | None) -> tuple[int | None, bool]:
    """What is ranked, and whether it follows: "most expensive product", "highest revenue product"."""
    start = (operand if operand is not None and operand > place else place) + 1
    follows = _skip(nodes, start, "n")
    behind = follows if _is(nodes, follows, "TD") else None
    asked = _asked(nodes, place)
    if asked is not None:
        return asked, behind is not None
    if behind is not None:
        return behind, True
    before = next((n for n in range(place - 1, -1, -1) if _is(nodes, n, _SUBJECTS) and n != operand), None)
    return (None if _is(nodes, before, GROUP) else before), False


def _top(nodes: list[Node], place: int) -> Ranked | None:
    """`K`: the subject is the thing behind it or else before, the operand the nearest measure."""
    behind, before = range(place + 1, len(nodes)), range(place - 1, -1, -1)
    subject = next((n for n in (*behind, *before) if _is(nodes, n, _SUBJECTS)), None)
    if subject is None:
        return None
    near = [n for n in range(len(nodes)) if _is(nodes, n, "Nm")]
    operand = min(near, key=lambda n: abs(n - place), default=None)
    things = [n for n in range(len(nodes)) if _is(nodes, n, "Tv") and n != subject]
    if operand is None and len(things) == 1:
        operand = things[0]
    return _ranked(nodes, place, operand, subject)


# --- both -----------------------------------------------------------------------------------------------


def _ranked(
    nodes: list[Node], place: int, operand: int | None, subject: int | None, concept: str = ""
) -> Ranked:
    """What was found, taken out of the row; "top 3 best-selling" has its number before."""
    word = nodes[place]
    top = next((n for n in nodes if n.letter == "K"), None)
    limit = top.mark.number if top is not None else _limit(nodes, place)
    count = min(max(int(limit), 1), MOST_ROWS) if limit is not None else 1
    counted = bool(_COUNTS.search(word.mark.text))
    meant = _operand(nodes[operand], counted) if operand is not None else None
    if meant is None:
        concept = word.mark.concept or concept
    else:
        concept = word.mark.concept if word.mark.concept == "date" else ""
    gone = [word, top, *(nodes[n] for n in (operand, subject) if n is not None)]
    rest = [n for n in nodes if n not in gone and not (n.letter == "n" and n.mark.number == limit)]
    direction: Direction = "asc" if word.mark.payload == "asc" else "desc"
    return Ranked(
        Ranking(direction, count, meant, concept), None if subject is None else nodes[subject], rest
    )


def _extreme(nodes: list[Node], place: int, operand: int) -> Extreme | None:
    found = nodes[operand]
    if found.letter not in "Nd":
        return None
    aggregate = "min" if nodes[place].mark.payload == "asc" else "max"
    text = (
        f"{nodes[place].mark.text}{found.mark.text}"
        if not found.mark.text.isascii()
        else f"{nodes[place].mark.text} {found.mark.text}"
    )
    rest = [n for n in nodes if n is not nodes[place] and n is not found]
    return Extreme(Operand(aggregate, found.links, text), rest)  # type: ignore[arg-type]


def _operand(found: Node, counted: bool) -> Operand:
    if found.letter == MEASURE:
        return operand_of(found)
    if found.letter == "T" and found.mark.amounts() and not counted:
        return Operand("", found.mark.amounts(), found.mark.text)
    if found.letter == "T":
        return Operand("count", tuple(link for link in found.links if link.column is None), found.mark.text)
    if found.letter == "v":
        tables = tuple(link for link in found.links if link.column is None)
        dates = tuple(link for link in found.links if link.column is not None)
        return Operand("" if dates and not tables else "count", tables or dates, found.mark.text, about=dates)
    return Operand("", found.links, found.mark.text)


def _asked(nodes: list[Node], place: int) -> int | None:
    """The thing that "which" asks for; a "who" alone asks for people, and is its own node."""
    for number, each in enumerate(nodes):
        if each.letter == "W":
            follows = _skip(nodes, number + 1, "nco")
            if follows is not None and nodes[follows].letter in _SUBJECTS and follows != place:
                return follows
            behind = _skip_back(nodes, number - 1, "o")
            if behind is not None and nodes[behind].letter in "TDg" and behind > place:
                return behind
    return None


def _limit(nodes: list[Node], place: int) -> Decimal | None:
    """The number beside the superlative: "3 most expensive", "最高的5个"."""
    beside = (place + 1, place + 2, place - 1)
    return next((nodes[n].mark.number for n in beside if _is(nodes, n, "n")), None)


def _is(nodes: list[Node], place: int | None, kinds: str) -> bool:
    """Is there a node at `place`, and of one of these kinds?"""
    return place is not None and 0 <= place < len(nodes) and nodes[place].letter in kinds


def _skip(nodes: list[Node], place: int, over: str) -> int | None:
    while place < len(nodes) and nodes[place].letter in over:
        place += 1
    return place if place < len(nodes) else None


def _skip_back(nodes: list[Node], place: int, over: str) -> int | None:
    while place >= 0 and nodes[place].letter in over:
        place -= 1
    return place if place >= 0 else None


def target_of(found: Node) -> Target:
    """A node as something to group by or to show."""
    return Target(found.links, found.mark.text)
