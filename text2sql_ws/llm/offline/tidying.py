"""Tidies what is read: marks before the rules run, nodes between them, conditions after. Pure."""

import re
from collections.abc import Sequence

from text2sql_ws.llm.offline import nodes as rows
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.form import Condition, Question, ValueIs
from text2sql_ws.llm.offline.marks import Kind, Link, Mark
from text2sql_ws.llm.offline.nodes import Node
from text2sql_ws.llm.offline.tokens import key


def without_agents(marks: Sequence[Mark]) -> list[Mark]:
    """ "Owned by students": behind a participle, "by" groups nothing."""
    kept: list[Mark] = []
    for mark in marks:
        before = kept[-1] if kept else None
        passive = before is not None and (before.kind is Kind.VERB or _PARTICIPLE.search(before.text))
        if mark.kind is not Kind.BY or not passive or mark.text.lower() != "by":
            kept.append(mark)
    return kept


def without_relatives(nodes: list[Node], locale: str) -> list[Node]:
    """ "Customers who …", "orders which …": a pronoun behind its noun asks nothing."""
    if locale == "zh":
        return nodes
    return [
        n
        for place, n in enumerate(nodes)
        if not (n.letter == "W" and place and nodes[place - 1].letter in "TD")
    ]


def without_idle_verbs(nodes: list[Node]) -> list[Node]:
    """Verbs that say nothing the schema knows of are only glue, if they are the common ones."""
    kept: list[Node] = []
    for place, item in enumerate(nodes):
        idle = item.letter == "v" and item.mark.payload == "generic"
        beside = rows.letters(nodes[max(place - 1, 0) : place + 2])
        needed = any(letter in beside for letter in "OeX") and item.mark.tables()
        dated = any(link.column and link.score >= 0.7 for link in item.links)
        if (
            not idle
            or (needed and "T" not in rows.letters(nodes[place + 1 : place + 3]))
            or (dated and "X" in beside)
        ):
            kept.append(item)
    return kept


def with_things(marks: Sequence[Mark], database: Database) -> list[Mark]:
    """ "在职员工" and "战略客户" are values, but they also name the thing: it gets a mark of its own."""
    found: list[Mark] = []
    for mark in marks:
        found.append(mark)
        if mark.kind is not Kind.VALUE or not mark.values:
            continue
        entity = database.entity(mark.values[0].table)
        label, words = entity.remark.label.removesuffix("表"), key(" ".join(entity.words))
        own = key(mark.text)
        if (label and mark.text.endswith(label) and mark.text != label) or own.endswith(f" {words}"):
            found.append(
                Mark(
                    Kind.TABLE,
                    label if label and mark.text.endswith(label) else " ".join(entity.words),
                    mark.start,
                    mark.end,
                    (Link(entity.name, None, 1.0),),
                )
            )
    return found


def merged_values(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Two values of one attribute cannot both hold: "男女员工" are those of either."""
    kept: list[Condition] = []
    for one in conditions:
        place = next((n for n, other in enumerate(kept) if _same_attribute(one, other)), None)
        if place is None:
            kept.append(one)
        elif isinstance(other := kept[place], ValueIs) and isinstance(one, ValueIs):
            kept[place] = ValueIs((*other.choices, *one.choices), f"{other.text}, {one.text}", one.negated)
    return tuple(kept)


def _same_attribute(one: Condition, other: Condition) -> bool:
    if not isinstance(one, ValueIs) or not isinstance(other, ValueIs) or one.negated != other.negated:
        return False
    first, second = one.choices[0][:1], other.choices[0][:1]
    same = bool(first and second) and (first[0].table, first[0].column) == (second[0].table, second[0].column)
    return same and first[0].literal is not None and second[0].literal is not None


def with_dated_states(question: Question) -> Question:
    """ "Left last year": with a period, what has happened says which date is meant."""
    states = [
        one
        for one in question.conditions
        if isinstance(one, ValueIs) and all(v.negated for values in one.choices for v in values)
    ]
    if not question.periods or not states:
        return question
    dated = tuple(Link(v.table, v.column, v.score) for one in states for v in one.choices[0])
    return question.but(conditions=tuple(c for c in question.conditions if c not in states), dated=dated)


def tidy(nodes: list[Node]) -> list[Node]:
    """Without a leading "of" and doubled ones, which conditions have left behind."""
    kept: list[Node] = []
    for item in nodes:
        if item.letter in "oa" and (not kept or kept[-1].letter in "oa"):
            continue
        kept.append(item)
    while kept and kept[-1].letter in "oa":
        kept.pop()
    return kept


_PARTICIPLE = re.compile(r"[a-z](?:ed|en|ght|old|ade|aid|un)$")
