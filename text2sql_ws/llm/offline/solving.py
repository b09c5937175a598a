"""From what is asked to one SELECT: which table is the base, what is shown, grouped, filtered, sorted. Pure.

Every table that may serve as a base is tried; the cheapest that has a place for everything wins. If none has,
the question is not understood, and the answer says which part has no place.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from text2sql_ws.llm.offline import aggregating, listing
from text2sql_ws.llm.offline.base import Found, Solver
from text2sql_ws.llm.offline.columns import is_amount
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.form import (
    Bounded,
    Condition,
    NotUnderstood,
    Operand,
    Question,
    Ranking,
    Target,
    ValueIs,
)
from text2sql_ws.llm.offline.knowledge import Knowledge
from text2sql_ws.llm.offline.lexicon import CONCEPTS
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.placing import place
from text2sql_ws.llm.offline.views import View


def solve(question: Question, knowledge: Knowledge, today: date) -> Found | NotUnderstood:
    """One statement, or why there is none."""
    if question.unread:
        return NotUnderstood("unread", question.unread)
    if _nothing(question):
        return NotUnderstood("nothing")
    complete = _with_concept(question, knowledge)
    if isinstance(complete, NotUnderstood):
        return complete
    return _solved(complete, Solver(knowledge.database, complete, today))


def _nothing(question: Question) -> bool:
    asked = question.measures or question.subject or question.shown or question.groups or question.ranking
    return not asked and not (question.conditions and question.share)


def _solved(question: Question, solver: Solver) -> Found | NotUnderstood:
    having, where = _split_bounds(question, solver)
    question = question.but(conditions=where)
    if having:
        return aggregating.having(question, having, solver)
    if question.ranking is not None and question.ranking.operand is not None:
        return _ranked(question, question.ranking, question.ranking.operand, solver)
    if _is_aggregate(question, solver):
        complete = _with_measures(question, solver.database)
        return complete if isinstance(complete, NotUnderstood) else aggregating.aggregate(complete, solver)
    return listing.rows(question, solver)


def _ranked(question: Question, ranking: Ranking, operand: Operand, solver: Solver) -> Found | NotUnderstood:
    """Rows by a column of their own, or groups by an aggregate."""
    if (
        question.groups
        and question.subject is not None
        and ranking.limit is not None
        and not question.measures
    ):
        return aggregating.within_groups(question, operand, solver)
    if not operand.aggregate and question.subject is not None and question.bucket is None:
        own = _own_column(question.subject, operand, solver)
        if own is not None:
            return listing.rows(
                question.but(ranking=replace(ranking, operand=replace(operand, links=own))), solver
            )
    if (
        question.subject is None
        and question.groups == ()
        and question.bucket is None
        and not operand.aggregate
    ):
        return listing.rows(question, solver)
    groups = question.groups
    if question.subject is not None:
        groups = (question.subject,)
    measures = (operand, *(m for m in question.measures if m != operand))
    if any(not _is_number(target, solver.database) for target in question.shown):
        return NotUnderstood("unplaced", tuple(target.text for target in question.shown))
    shown = _as_measures(question.shown)
    return aggregating.aggregate(
        question.but(groups=groups, subject=None, measures=(*measures, *shown), shown=()), solver
    )


def _own_column(subject: Target, operand: Operand, solver: Solver) -> tuple[Link, ...] | None:
    """The columns of the operand that belong to the subject itself, if those fit about as well as any."""
    tables = {link.table.lower() for link in subject.links if link.column is None and link.score >= 0.8}
    columns = [link for link in operand.links if link.column is not None and link.table.lower() in tables]
    own = tuple(
        link
        for link in columns
        if solver.database.field(link.table, link.column or "").role in ("number", "date")
    )
    best = max((link.score for link in operand.links), default=0)
    if own and own[0].score >= best - 0.4:
        return own
    return None


def _split_bounds(question: Question, solver: Solver) -> tuple[list[Bounded], tuple[Condition, ...]]:
    """The bounds that speak of groups: on a count, an aggregate, or a column that the subject has many of."""
    having: list[Bounded] = []
    where: list[Condition] = []
    for condition in question.conditions:
        if isinstance(condition, Bounded) and _is_of_groups(condition, question, solver):
            having.append(condition)
        else:
            where.append(condition)
    return having, tuple(where)


def _is_of_groups(condition: Bounded, question: Question, solver: Solver) -> bool:
    if condition.operand.aggregate:
        return True
    near = {link.table for target in question.nearby for link in target.links[:1]}
    if question.locale == "en" and any(link.table in near for link in condition.operand.links[:1]):
        return False
    subject = question.subject or (question.groups[0] if question.groups and not question.measures else None)
    links = subject.links if subject else question.measures[0].links if question.measures else ()
    tables = [link for link in links if link.column is None and link.score >= 0.75]
    if not tables:
        return (
            bool(subject)
            and not any(condition.operand.links == shown.links for shown in question.shown)
            and _additive(condition, solver)
            and not question.measures
        )
    view = solver.view(tables[0].table)
    return place(view, condition).cost >= 3.5 and _additive(condition, solver)


def _additive(condition: Bounded, solver: Solver) -> bool:
    return any(
        link.column is not None and solver.database.field(link.table, link.column).additive
        for link in condition.operand.links
    )


def _is_aggregate(question: Question, solver: Solver) -> bool:
    if (
        question.measures
        or question.bucket
        or question.trend
        or question.share
        or question.growth is not None
        or question.versus
    ):
        return True
    numbers = [target for target in question.shown if _is_number(target, solver.database)]
    if not numbers or len(numbers) != len(question.shown):
        return bool(
            question.groups and question.subject and question.subject.amounts() and not question.shown
        )
    if question.groups:
        return not _same_table(question.groups[0], numbers[0])
    if question.subject is None:
        return all(_summable(target, solver.database) for target in numbers)
    subject = {link.table.lower() for link in question.subject.links[:1] if link.column is None}
    return not any(link.table.lower() in subject for link in numbers[0].links) and _summable(
        numbers[0], solver.database
    )


def _same_table(group: Target, number: Target) -> bool:
    best = number.links[0].table.lower()
    return any(link.column is None and link.table.lower() == best for link in group.links[:2])


def _is_number(target: Target, database: Database) -> bool:
    return bool(target.links) and any(
        link.column is not None and database.field(link.table, link.column).role == "number"
        for link in target.links[:1]
    )


def _summable(target: Target, database: Database) -> bool:
    link = target.links[0]
    return link.column is not None and database.field(link.table, link.column).additive


def _with_shown_groups(question: Question, database: Database) -> Question | NotUnderstood:
    """ "Names of singers and the total sales of their songs": what is shown beside a measure is what it
    goes by.
    """
    shown = tuple(target for target in question.shown if not _is_number(target, database))
    if question.distinct and question.measures:
        shown = question.shown
    if not shown:
        return question
    if question.groups or len(shown) > 1 or not question.measures:
        return NotUnderstood("unplaced", tuple(target.text for target in shown))
    rest = tuple(target for target in question.shown if target not in shown)
    subject = question.subject
    if subject is not None and subject.links[0].column is None:
        own = database.entity(subject.links[0].table)
        named = any(
            link.table == own.name and any(link.column == item.name for item in own.naming)
            for link in shown[0].links[:1]
        )
        return question.but(groups=(subject if named else shown[0],), shown=rest, subject=None)
    return question.but(groups=shown, shown=rest)


def _with_measures(question: Question, database: Database) -> Question | NotUnderstood:
    """Bare numbers, and what is shared or counted over time, as measures."""
    grouped = _with_shown_groups(question, database)
    if isinstance(grouped, NotUnderstood):
        return grouped
    question = grouped
    measures = (*question.measures, *_as_measures(question.shown))
    nearby, subject = question.nearby, question.subject
    if not measures and subject is not None and any(link.column is None for link in subject.links[:1]):
        measures, subject = _itself(subject), None
    if question.sort and subject is not None and measures and not question.groups:
        question, subject = question.but(groups=(subject,)), None
    if subject is not None and subject.links[0].column is not None and measures:
        if not question.everything:
            return NotUnderstood("each_or_total", (subject.text,))
        question, subject = question.but(groups=(*question.groups, subject)), None
    if subject is not None:
        nearby, subject = (*nearby, subject), None
    if not measures and question.share:
        measures = tuple(
            Operand("count", (Link(c.choices[0][0].table, None, 1.0),), "")
            for c in question.conditions[:1]
            if isinstance(c, ValueIs)
        )
    return question.but(measures=measures, shown=(), subject=subject, nearby=nearby)


def _itself(subject: Target) -> tuple[Operand, ...]:
    """A thing that is named after its measure, or counted: "每月的销售目标", "orders per month"."""
    if subject.amounts():
        return (Operand("", subject.amounts(), subject.text),)
    return (Operand("count", tuple(link for link in subject.links if link.column is None), subject.text),)


def _as_measures(shown: Iterable[Target]) -> tuple[Operand, ...]:
    return tuple(Operand("", target.links, target.text) for target in shown)


def _with_concept(question: Question, knowledge: Knowledge) -> Question | NotUnderstood:
    """Give "most expensive" its column: what the concept's words mean in this schema."""
    ranking = question.ranking
    if ranking is None or ranking.operand is not None:
        return question
    if not ranking.concept:
        by = (
            question.measures[0]
            if question.measures
            else Operand("", question.shown[0].links, question.shown[0].text)
            if question.shown
            else None
        )
        return question.but(ranking=replace(ranking, operand=by)) if by else NotUnderstood("by_what")
    links, direction = _of_concept(ranking.concept, question, knowledge)
    if not links:
        return NotUnderstood("by_what")
    flipped = {"asc": "desc", "desc": "asc"}[ranking.direction] if direction else ranking.direction
    text = _called(links[0], knowledge.database, question.locale)
    counted = links[0].column is None
    operand = Operand("count" if counted else "", tuple(links), text)
    limit = None if counted and _is_plural(question.subject) else ranking.limit
    return question.but(ranking=replace(ranking, operand=operand, direction=flipped, limit=limit))  # type: ignore[arg-type]


def _of_concept(concept: str, question: Question, knowledge: Knowledge) -> tuple[list[Link], bool]:
    """What a superlative speaks of, and whether it counts the other way (an age against a birthday)."""
    database, subject = knowledge.database, question.subject
    tables = [link.table for link in subject.links if link.column is None] if subject else []
    match concept:
        case "common":
            return [Link(subject.links[0].table, None, 1.0)] if subject else [], False
        case "amount":
            return (_amounts_of(tables[0], database) if tables else []), False
        case "date":
            axis = View(database, tables[0]).axis(question.dated, strict=False) if tables else None
            return [Link(axis[1].table, axis[1].name, 1.0)] if axis and not axis[0] else [], False
        case "units" if not _is_direct(knowledge, tables):
            return _in_words("spend", tables, knowledge), False
    found = _in_words(concept, tables, knowledge)
    counted = any(database.field(link.table, link.column or "").role == "number" for link in found[:1])
    return found, concept == "birth" and counted


def _amounts_of(table: str, database: Database) -> list[Link]:
    """The one amount of money that a thing is large or small by."""
    entity = database.entity(table)
    own = [item for item in entity.numbers() if item.additive and is_amount(item)]
    labelled = [item for item in own if item.remark.label.startswith(entity.label[:2])]
    totals = [item for item in own if "total" in item.words or "总" in item.remark.label]
    return [Link(item.table, item.name, 1.0) for item in (labelled or totals or own)[:1]]


def _in_words(concept: str, tables: list[str], knowledge: Knowledge) -> list[Link]:
    """The numbers and dates that the concept's words name, the asked thing's own first."""
    found: list[Link] = []
    for word in CONCEPTS[concept].split(","):
        found += [link for link in knowledge.links(word) if _is_measurable(link, knowledge.database)]
        if any(link.table in tables for link in found):
            break
    return sorted(found, key=lambda link: (link.table not in tables, -link.score))


def _is_measurable(link: Link, database: Database) -> bool:
    if link.column is None or link.score < 0.6:
        return False
    return database.field(link.table, link.column).role in ("number", "date")


def _is_direct(knowledge: Knowledge, tables: list[str]) -> bool:
    """Do the rows that count units point at these things themselves? Units of a whole region say little."""
    links = [link for link in knowledge.links(CONCEPTS["units"]) if link.column is not None]
    steps = [step for link in links for step in knowledge.database.links.get(link.table.lower(), ())]
    return any(step.to_one and step.other == table for step in steps for table in tables[:1])


def _called(link: Link, database: Database, locale: str) -> str:
    if link.column is None:
        return database.entity(link.table).called(locale)
    return database.field(link.table, link.column).called(locale)


def _is_plural(subject: Target | None) -> bool:
    """ "The most common reasons" are all of them, in order; "the most common reason" is one."""
    return subject is not None and subject.text.isascii() and subject.text.lower().endswith("s")
