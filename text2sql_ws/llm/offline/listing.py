"""Answers that show rows: things with their attributes, or the different values of an attribute. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from text2sql_ws.llm.offline.base import NO_DATE, Filters, Found, Solver
from text2sql_ws.llm.offline.database import Entity, Field
from text2sql_ws.llm.offline.form import Bounded, Missing, Named, NotUnderstood, Question, Related, Target
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.remainder import is_generic
from text2sql_ws.llm.offline.views import Shown
from text2sql_ws.llm.offline.writing import Select, alias, joined_text

MAX_SHOWN = 8
_FAR = 1.2


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of a base, with what is shown of each."""

    question: Question
    base: str
    shown: tuple[tuple[Target, Shown], ...]
    order: tuple[Path, Field] | None
    filters: Filters
    cost: float


def rows(question: Question, solver: Solver) -> Found | NotUnderstood:
    """One statement that shows rows, or why there is none."""
    targets = _targets(question)
    if not targets:
        return NotUnderstood("nothing")
    if question.sort is not None and question.ranking is None:
        return NotUnderstood("by_what")
    if _is_unclear(targets[0]) or _is_whose(targets[0]):
        return NotUnderstood("unplaced", (targets[0].text,))
    best: Plan | None = None
    for name in solver.database.entities:
        plan = _plan(question, name, targets, solver)
        if plan is not None and (best is None or plan.cost < best.cost):
            best = plan
    if best is None:
        return NotUnderstood("unrelated", tuple(target.text for target in targets))
    if best.filters.cost >= NO_DATE:
        return solver.blame(question, best.filters)
    return _write(best, solver)


def _is_whose(target: Target) -> bool:
    """A name or an id, of any of several things."""
    return (
        is_generic(target.text)
        and len({link.table for link in target.links if link.score >= target.links[0].score - 0.15}) > 1
    )


def _is_unclear(target: Target) -> bool:
    """A word that is only part of a name, in several tables, and no thing is named: nobody knows whose."""
    best = target.links[0]
    rivals = {link.table for link in target.links if link.score >= best.score - 0.15}
    return best.column is not None and best.score < 0.8 and len(rivals) > 1


def _targets(question: Question) -> list[Target]:
    subject = (question.subject,) if question.subject is not None else ()
    return [*question.groups, *subject, *question.shown]


def _plan(question: Question, base: str, targets: list[Target], solver: Solver) -> Plan | None:
    found = [(target, next(iter(solver.view(base).shown(target)), None)) for target in targets]
    shown = tuple((target, one) for target, one in found if one is not None)
    subject = question.subject or targets[0]
    if len(shown) < len(targets) or not _may_stand_for(base, subject, question, shown):
        return None
    order = _order(question, base, solver)
    if order is None and question.ranking is not None:
        return None
    filters = solver.filters(question, base, subject=_whose_name(base, subject, question, solver))
    cost = sum(one.cost for _, one in shown) + filters.cost
    if question.subject is not None and base not in _tables_of(subject, 0.75):
        cost += _FAR
    return Plan(question, solver.database.entity(base).name, shown, order, filters, cost)


def _may_stand_for(
    base: str, subject: Target, question: Question, shown: Sequence[tuple[Target, Shown]]
) -> bool:
    """Rows of another table than the subject's stand for it only where several things are shown together.

    What is missing can only be told from the subject's own table.
    """
    if any(isinstance(c, Missing) or (isinstance(c, Related) and c.negated) for c in question.conditions):
        return base in _tables_of(subject, 0.75)
    tables = _tables_of(subject, 0.9)
    return not tables or base in tables or sum(one.entity is not None for _, one in shown) > 1


def _tables_of(target: Target, least: float) -> set[str]:
    return {link.table.lower() for link in target.links if link.column is None and link.score >= least}


def _whose_name(base: str, subject: Target, question: Question, solver: Solver) -> list[str]:
    """The table that a bare name is looked for in: the subject's, or the base's if only columns are asked."""
    own = [link.table for link in subject.links[:1] if link.column is None]
    bare = any(isinstance(c, Named) and not c.links for c in question.conditions)
    return own or ([solver.database.entity(base).name] if bare else [])


def _order(question: Question, base: str, solver: Solver) -> tuple[Path, Field] | None:
    if question.ranking is None or question.ranking.operand is None:
        return None
    spots = [spot for spot in solver.view(base).spots(question.ranking.operand.links) if not spot.exists]
    return (spots[0].path, spots[0].field) if spots else None


def _write(plan: Plan, solver: Solver) -> Found | NotUnderstood:
    question = plan.question
    select = Select(plan.base, solver.database.dialect)
    select.outer = True
    plain = [target for target, one in plan.shown if one.entity is not None and not one.path]
    for target, one in plan.shown:
        _show(select, target, one)
    for target in _beside(plan, solver):
        found = solver.view(plan.base).shown(target)
        if found:
            _show(select, target, found[0])
    _show_conditions(select, plan, solver)
    if plan.order is not None:
        sql = select.value(*plan.order)
        if sql not in [shown for shown, _ in select.columns]:
            select.show(sql, plan.order[1].called(question.locale))
    if len(plan.shown) == 1 and plain and not question.conditions and plan.order is None:
        _show_all(select, plan.shown[0][1].entity, question.locale)
    select.outer = False
    solver.apply(select, plan.filters, question)
    _finish(select, plan, bool(plain))
    notes = [("show", ", ".join(name for _, name in select.columns)), *solver.notes(plan.filters, question)]
    if plan.order is not None and question.ranking is not None:
        notes.append(("order", f"{plan.order[1].label} {question.ranking.direction}"))
    notes.append(("tables", ", ".join(dict.fromkeys(select.tables()))))
    return Found(select.text(), tuple(notes))


def _finish(select: Select, plan: Plan, plain: bool) -> None:
    """Rows that stand for no thing of their own are shown once each."""
    question = plan.question
    if plan.order is not None and question.ranking is not None:
        column = select.value(*plan.order)
        select.order = [f"{column} {question.ranking.direction.upper()}"]
        if question.ranking.limit is not None:
            select.where.append(f"{column} IS NOT NULL")
        select.limit = question.ranking.limit
    elif question.limit is not None:
        select.limit = question.limit
    if not plain and plan.order is None:
        select.distinct = True
        select.order = [alias(select.columns[0][1])]


def _show(select: Select, target: Target, one: Shown) -> None:
    _, path, fields, entity = one
    sql = joined_text(select.dialect, [select.value(path, item) for item in fields])
    if sql in [shown for shown, _ in select.columns]:
        return
    select.show(sql, target.text or (entity.label if entity else fields[0].label))


def _beside(plan: Plan, solver: Solver) -> list[Target]:
    """Things named beside the subject that nothing else has used: they are to be shown with it."""
    used = plan.filters.tables() | {plan.base.lower()}
    used |= {one.entity.name.lower() for _, one in plan.shown if one.entity is not None}
    view = solver.view(plan.base)
    loose = [(target, target.links[0].table) for target, _ in plan.filters.nearby if target.links]
    return [target for target, table in loose if table.lower() not in used and view.near(table) is not None]


def _show_conditions(select: Select, plan: Plan, solver: Solver) -> None:
    """Numbers that a bound was put on are shown, so that one sees them hold."""
    view = solver.view(plan.base)
    for condition, _ in plan.filters.places:
        if isinstance(condition, Bounded) and not condition.operand.aggregate:
            spot = next((one for one in view.spots(condition.operand.links) if not one.exists), None)
            sql = select.value(spot.path, spot.field) if spot else ""
            if spot and sql not in [shown for shown, _ in select.columns]:
                select.show(sql, condition.operand.text or spot.field.label)


def _show_all(select: Select, entity: Entity | None, locale: str) -> None:
    """A thing asked for as such is shown with what it has, keys aside."""
    for item in entity.fields.values() if entity else ():
        if len(select.columns) >= MAX_SHOWN:
            return
        sql = select.value((), item)
        if item.role != "key" and item.factors is None and sql not in [shown for shown, _ in select.columns]:
            select.show(sql, item.called(locale))
