"""Answers that count, sum or average: alone, by groups, over time, as shares, with a bound on the groups."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from text2sql_ws.llm.offline import comparing
from text2sql_ws.llm.offline.base import NO_DATE, Filters, Found, Solver
from text2sql_ws.llm.offline.calendar import Grain
from text2sql_ws.llm.offline.columns import amounts
from text2sql_ws.llm.offline.form import Bounded, NotUnderstood, Operand, Question, Related, Target, ValueIs
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.measuring import Measure, measure
from text2sql_ws.llm.offline.views import Shown
from text2sql_ws.llm.offline.writing import Select, alias, bucket, joined_text, literal

_TOTAL = re.compile(r"总|合计|一共|共有|所有|全部|全体|total|overall|altogether|all\b|sum", re.I)
_BUCKET_NAMES: dict[Grain, tuple[str, str]] = {
    "day": ("日期", "day"), "week": ("周（起始日）", "week from"), "month": ("月份", "month"),
    "quarter": ("季度", "quarter"), "year": ("年份", "year"),
}  # fmt: skip
MANY_TABLES = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """A question with its base, measures, group keys and filters found."""

    question: Question
    base: str
    measures: tuple[Measure, ...]
    keys: tuple[tuple[Target, Shown], ...]
    filters: Filters
    cost: float


def aggregate(question: Question, solver: Solver) -> Found | NotUnderstood:
    """One statement that aggregates, or why there is none."""
    question = _with_values_as_groups(_with_bucket(question))
    if not question.measures:
        return NotUnderstood("nothing")
    plan = plan_of(question, solver)
    if isinstance(plan, NotUnderstood):
        return plan
    unasked = [c for c, _ in plan.filters.places if isinstance(c, Related) and c not in question.conditions]
    if question.share and unasked:
        return NotUnderstood("share_of_what")
    if question.growth is not None or (question.versus and len(question.periods) == 2):
        return comparing.compare(plan, solver)
    if question.share and (question.rate or (not question.groups and question.bucket is None)):
        return _share_of_all(plan, solver)
    select = Select(plan.base, solver.database.dialect)
    names = _write(select, plan, solver)
    _order(select, plan.question, names)
    return Found(select.text(), notes(plan, solver, select))


def having(question: Question, bounds: Sequence[Bounded], solver: Solver) -> Found | NotUnderstood:
    """Groups that a bound on an aggregate picks: "customers with more than 10 orders", or how many such."""
    counted = not question.groups and question.subject is None and bool(question.measures)
    if counted:
        subject = Target(question.measures[0].links, question.measures[0].text)
        measures: tuple[Operand, ...] = ()
    else:
        subject = question.subject or (question.groups[0] if question.groups else Target((), ""))
        measures = question.measures
    if not subject.links:
        return NotUnderstood("unplaced", tuple(bound.text for bound in bounds))
    operands = tuple(_operand(bound, solver) for bound in bounds)
    shown = tuple(Operand("", t.links, t.text) for t in question.shown)
    others = tuple(m for m in (*measures, *shown) if m.links != operands[0].links)
    asked = question.but(groups=(subject,), subject=None, measures=(*operands, *others), shown=())
    plan = plan_of(asked, solver)
    if isinstance(plan, NotUnderstood):
        return plan
    select = Select(plan.base, solver.database.dialect)
    names = _write(select, plan, solver)
    for bound, one in zip(bounds, plan.measures, strict=False):
        select.having += [
            f"{one.sql(select)} {operator} {literal(value)}" for operator, value in bound.bounds
        ]
    lines = (*notes(plan, solver, select), ("filter", ", ".join(bound.text for bound in bounds)))
    if not counted:
        _order(select, plan.question, names)
        return Found(select.text(), lines)
    name = "数量" if question.locale == "zh" else "count"
    inner = select.text().replace("\n", "\n  ")
    return Found(f"SELECT COUNT(*) AS {alias(name)}\nFROM (\n  {inner}\n) AS picked", lines)


def within_groups(question: Question, operand: Operand, solver: Solver) -> Found | NotUnderstood:
    """The first few of each group: "each department's best paid employee"."""
    ranking, subject = question.ranking, question.subject
    if ranking is None or subject is None:
        return NotUnderstood("nothing")
    thing = subject.links[0]
    if thing.column is not None and solver.database.field(thing.table, thing.column).role == "key":
        return NotUnderstood("unplaced", (subject.text,))
    rows = not operand.aggregate and any(
        link.table.lower() in {s.table.lower() for s in subject.links[:1]} for link in operand.links
    )
    asked = question.but(
        groups=(*question.groups, subject),
        subject=None,
        measures=(replace(operand, aggregate="max" if rows else operand.aggregate),),
        ranking=None,
    )
    plan = plan_of(asked, solver)
    if isinstance(plan, NotUnderstood):
        return plan
    select = Select(plan.base, solver.database.dialect)
    names = _write(select, plan, solver)
    keys = [shown for shown, _ in select.columns[: len(question.groups)]]
    value = plan.measures[0].sql(select)
    place = "名次" if question.locale == "zh" else "place"
    select.show(
        f"RANK() OVER (PARTITION BY {', '.join(keys)} ORDER BY {value} {ranking.direction.upper()})", place
    )
    inner = select.text().replace("\n", "\n  ")
    order = ", ".join([alias(select.columns[0][1]), alias(place)])
    picked = f"WHERE {alias(place)} <= {ranking.limit or 1}\nORDER BY {order}"
    sql = f"SELECT *\nFROM (\n  {inner}\n) AS ranked\n{picked}"
    return Found(sql, (*notes(plan, solver, select), ("order", names[-1])))


def plan_of(question: Question, solver: Solver) -> Plan | NotUnderstood:
    """The cheapest base that has a place for every part."""
    best: Plan | None = None
    for name in _bases(question, solver):
        plan = _plan(question, name, solver)
        if plan is not None and (best is None or plan.cost < best.cost):
            best = plan
    if best is None:
        return _blame(question, solver)
    if best.filters.cost >= NO_DATE:
        return solver.blame(question, best.filters)
    return _unless_ambiguous(best, solver)


def _bases(question: Question, solver: Solver) -> list[str]:
    entities = list(solver.database.entities)
    if len(entities) <= MANY_TABLES:
        return entities
    named = {link.table.lower() for operand in question.measures for link in operand.links}
    return [name for name in entities if name in named]


def _plan(question: Question, base: str, solver: Solver) -> Plan | None:
    view = solver.view(base)
    measures = [measure(operand, view, solver.database) for operand in question.measures]
    if any(one is None for one in measures):
        return None
    found = [one for one in measures if one is not None]
    related = question.groups or question.conditions or question.nearby or question.hints
    if any(one.path for one in found if one.field is None) and not related and len(found) == 1:
        return None  # things are not counted by way of another table unless the question speaks of it
    keys = [(target, next(iter(view.shown(target)), None)) for target in question.groups]
    if any(key is None for _, key in keys):
        return None
    sums = any(one.aggregate in ("sum", "avg", "per") for one in found)
    filters = solver.filters(
        question,
        base,
        may_exist=not sums,
        needs_axis=question.bucket is not None or question.growth is not None,
    )
    if any(not view.is_meant(measured.entity, key) for measured in found for _, key in keys if key):
        return None
    chosen = tuple((target, key) for target, key in keys if key is not None)
    hinted = {link.table.lower() for link in question.hints}
    missed = 0.4 if hinted and base not in hinted else 0.0
    cost = missed + sum(one.cost for one in found) + sum(key.cost for _, key in chosen) + filters.cost
    return Plan(question, solver.database.entity(base).name, tuple(found), chosen, filters, cost)


def _blame(question: Question, solver: Solver) -> NotUnderstood:
    """Why no base has a place for all: the measure itself, or what it is to be grouped by."""
    for operand in question.measures:
        if not any(measure(operand, solver.view(name), solver.database) for name in solver.database.entities):
            return NotUnderstood("not_additive", (operand.text,))
    return NotUnderstood(
        "unrelated",
        tuple(t.text for t in (*question.groups, *question.nearby))
        or tuple(m.text for m in question.measures),
    )


def _unless_ambiguous(plan: Plan, solver: Solver) -> Plan | NotUnderstood:
    """ "产品的销售额": of each, or of all? What is named beside a measure must be used."""
    used = plan.filters.tables() | {plan.base.lower()} | {one.entity.name.lower() for one in plan.measures}
    used |= {key.entity.name.lower() for _, key in plan.keys if key.entity is not None}
    used |= {field.table.lower() for _, key in plan.keys for field in key.fields}
    used |= {step.other.lower() for one in plan.measures for step in one.per or ()}
    if any(one.path for one in plan.measures):
        used |= {
            step.other.lower() for step in solver.database.links.get(plan.base.lower(), ()) if step.to_one
        }
    if _TOTAL.search(plan.question.text):
        return plan
    for target, _ in plan.filters.nearby:
        best = target.links[0].score - 0.1 if target.links else 0
        tables = [link.table.lower() for link in target.links if link.column is None and link.score >= best]
        known = solver.database.entity(tables[0]) if tables else None
        if known is not None and known.naming and not used & set(tables):
            return NotUnderstood("each_or_total", (target.text,))
    return plan


# --- writing ------------------------------------------------------------------------------------------


def _write(select: Select, plan: Plan, solver: Solver) -> list[str]:
    """Keys, bucket, measures and filters into `select`; gives the names of the measures."""
    question = plan.question
    for target, key in plan.keys:
        write_key(select, target, key)
    _write_bucket(select, plan)
    names = []
    for one in plan.measures:
        sql = one.sql(select)
        select.show(sql, one.name(question.locale))
        names.append(select.columns[-1][1])
    if question.share and plan.measures:
        whole = plan.measures[0].sql(select)
        share = "占比（%）" if question.locale == "zh" else "share (%)"
        select.show(f"ROUND({whole} * 100.0 / SUM({whole}) OVER (), 2)", share)
    solver.apply(select, plan.filters, question)
    return names


def write_key(select: Select, target: Target, key: Shown) -> None:
    """Show what a group is called, and group by what tells it apart."""
    _, path, fields, entity = key
    shown = [select.value(path, field) for field in fields]
    if entity is not None:
        select.groups += [select.column(path, item.name) for item in entity.primary_key]
    select.groups += shown
    select.show(joined_text(select.dialect, shown), target.text)


def _write_bucket(select: Select, plan: Plan) -> None:
    question, axis = plan.question, plan.filters.axis
    if question.bucket is None or axis is None:
        return
    sql = bucket(select.dialect, question.bucket, select.column(axis[0], axis[1].name))
    select.show(sql, _BUCKET_NAMES[question.bucket][0 if question.locale == "zh" else 1])
    select.groups.append(sql)


def _order(select: Select, question: Question, names: list[str]) -> None:
    ranking = question.ranking
    if ranking is not None:
        select.order = [f"{alias(names[0])} {ranking.direction.upper()}"]
        select.limit = ranking.limit
    elif question.bucket is not None:
        select.order = [alias(name) for sql, name in select.columns if sql in select.groups][::-1]
    elif select.groups and names:
        select.order = [f"{alias(names[0])} {'ASC' if question.sort == 'asc' else 'DESC'}"]


def _share_of_all(plan: Plan, solver: Solver) -> Found | NotUnderstood:
    """The part of all rows, or of the whole sum, for which the conditions hold."""
    filters, question = plan.filters, plan.question
    if not filters.places or question.bucket is not None:
        return NotUnderstood("share_of_what")
    select = Select(plan.base, solver.database.dialect)
    for target, key in plan.keys:
        write_key(select, target, key)
    tests = [place.write(select) for _, place in filters.places]
    when = " AND ".join(test for test in tests if test)
    one = plan.measures[0]
    part, whole = one.sql(select, when), one.sql(select)
    zh = question.locale == "zh"
    select.show(f"ROUND({part} * 100.0 / {whole}, 2)", "占比（%）" if zh else "share (%)")
    select.show(part, one.name(question.locale))
    select.show(whole, "总计" if zh else "total")
    bare = Filters(filters.cost, (), filters.axis, filters.dated, ())
    solver.apply(select, bare, question)
    if question.groups:
        select.order = [f"{alias(select.columns[len(plan.keys)][1])} DESC"]
    return Found(select.text(), notes(plan, solver, select))


# --- what a question leaves open ----------------------------------------------------------------------


def _with_bucket(question: Question) -> Question:
    """A trend without a unit goes by month, a short one by day; several whole years or months go by those."""
    if question.bucket is not None or question.growth is not None:
        return question
    if question.trend:
        return question.but(bucket=_fine(question))
    periods = [mark.period for mark in question.periods if mark.period]
    grains = {period.grain for period in periods}
    if (
        len(periods) > 1
        and len(grains) == 1
        and not question.versus
        and not question.groups
        and not question.share
        and not question.ranking
    ):
        return question.but(bucket=grains.pop())
    return question


def _fine(question: Question) -> Grain:
    for mark in question.periods:
        period = mark.period
        if period and period.start and period.end and (period.end - period.start).days <= 62:
            return "day"
    return "month"


def _with_values_as_groups(question: Question) -> Question:
    """ "Compare 华东 and 华南": the attribute whose values are named is what it goes by."""
    averaged = any(operand.aggregate == "avg" for operand in question.measures)
    if question.groups or not (question.versus or question.everything or averaged):
        return question
    for condition in question.conditions:
        if isinstance(condition, ValueIs) and len(condition.choices) > 1 and not condition.negated:
            links = tuple(Link(v.table, v.column, v.score) for v in condition.choices[0])
            return question.but(groups=(Target(links, condition.text),), versus=False)
    return question


def _operand(bound: Bounded, solver: Solver) -> Operand:
    operand = bound.operand
    links = operand.links or amounts(solver.database, operand.about)
    return replace(operand, links=links)


def notes(plan: Plan, solver: Solver, select: Select) -> tuple[tuple[str, str], ...]:
    """How it was read, for people."""
    question = plan.question
    found = [
        ("measure", f"{one.name(question.locale)} ({one.sql(Select(plan.base, select.dialect))})")
        for one in plan.measures
    ]
    found += [("group", target.text) for target, _ in plan.keys]
    if question.bucket:
        found.append(("group", _BUCKET_NAMES[question.bucket][0 if question.locale == "zh" else 1]))
    found += solver.notes(plan.filters, question)
    if question.ranking is not None:
        found.append(("order", f"{question.ranking.direction}, {question.ranking.limit or '∞'}"))
    found.append(("tables", ", ".join(dict.fromkeys(select.tables()))))
    return tuple(found)
