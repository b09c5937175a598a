"""One period against another: this year and last, 同比, 环比, growth from month to month. Pure.

A period that is still going on is compared with the same days of the earlier one: half a year is no decline.
"""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from text2sql_ws.llm.offline import calendar
from text2sql_ws.llm.offline.base import Filters, Found, Solver
from text2sql_ws.llm.offline.calendar import Period
from text2sql_ws.llm.offline.form import NotUnderstood, Question
from text2sql_ws.llm.offline.predicates import within
from text2sql_ws.llm.offline.writing import Select, alias, bucket, part

if TYPE_CHECKING:
    from text2sql_ws.llm.offline.aggregating import Plan


def compare(plan: "Plan", solver: Solver) -> Found | NotUnderstood:
    """The measure in both periods and its growth; with a bucket, month by month."""
    question = plan.question
    if plan.filters.axis is None:
        return NotUnderstood("no_date", tuple(mark.text for mark in question.periods))
    yearly = question.growth == "yoy" and question.bucket in ("month", "quarter")
    if (
        question.growth is not None
        and question.bucket is not None
        and len(question.periods) < 2
        and not yearly
    ):
        return _from_bucket_to_bucket(plan, solver)
    pair = _pair(question, solver)
    if pair is None:
        return NotUnderstood("compare_what")
    return _side_by_side(plan, solver, *pair)


def _pair(question: Question, solver: Solver) -> tuple[Period, Period] | None:
    """The later period and the earlier one."""
    marks = [mark for mark in question.periods if mark.period and mark.period.start and mark.period.end]
    periods = sorted((mark.period for mark in marks if mark.period), key=lambda p: p.start or solver.today)
    if len(periods) == 2:
        earlier, later = periods
        same = any(mark.same_period for mark in marks)
        if same:
            earlier = replace(later.shifted(-12), words=earlier.words)
        elif question.growth is None or question.bucket is not None:
            return later, earlier
        return _even(later, earlier, solver)
    if len(periods) > 2 or question.growth is None:
        return None
    later = (
        periods[0]
        if periods
        else calendar.around(solver.today, "month" if question.growth == "mom" else "year", 0)
    )
    return _even(later, _before(later, question.growth), solver)


def _before(period: Period, growth: str) -> Period:
    if growth == "mom":
        if period.grain in ("day", "week") and period.start and period.end:
            length = period.end - period.start
            return Period(period.start - length, period.start, period.grain)
        months = {"month": 1, "quarter": 3, "year": 12}.get(period.grain, 12)
        return period.shifted(-months)
    return period.shifted(-12)


def _even(later: Period, earlier: Period, solver: Solver) -> tuple[Period, Period]:
    """Both up to the same day, where the later one has not ended yet."""
    tomorrow = solver.today + timedelta(days=1)
    if (
        later.start is None
        or later.end is None
        or earlier.start is None
        or not later.start < tomorrow < later.end
    ):
        return later, earlier
    passed = (tomorrow.year - later.start.year) * 12 + tomorrow.month - later.start.month
    end = calendar.add_months(earlier.start, passed)
    end = calendar.add_days(end, tomorrow.day - later.start.day)
    return replace(later, end=tomorrow), replace(earlier, end=end)


def _side_by_side(plan: "Plan", solver: Solver, later: Period, earlier: Period) -> Found:
    from text2sql_ws.llm.offline.aggregating import notes, write_key

    question, axis = plan.question, plan.filters.axis
    select = Select(plan.base, solver.database.dialect)
    for target, key in plan.keys:
        write_key(select, target, key)
    column = select.column(axis[0], axis[1].name) if axis else ""
    if question.bucket in ("month", "quarter"):
        sql = part(select.dialect, question.bucket, column)
        select.show(
            sql,
            {"month": ("月份", "month"), "quarter": ("季度", "quarter")}[question.bucket][
                question.locale == "en"
            ],
        )
        select.groups.append(sql)
        select.order = [alias(select.columns[-1][1])]
    one = plan.measures[0]
    now, then = (one.sql(select, within(column, period)) for period in (later, earlier))
    name = one.name(question.locale)
    select.show(now, _label(name, later, question))
    select.show(then, _label(name, earlier, question))
    select.show(
        f"ROUND(({now} - {then}) * 100.0 / NULLIF({then}, 0), 2)",
        "增长率（%）" if question.locale == "zh" else "growth (%)",
    )
    if plan.keys and not select.order:
        select.order = [f"{alias(select.columns[-1][1])} DESC"]
    bare = Filters(plan.filters.cost, plan.filters.places, plan.filters.axis, dated=False, nearby=())
    solver.apply(select, bare, question)
    select.where.append(f"{column} >= {_text(earlier.start)} AND {column} < {_text(later.end)}")
    extra = ("compare", f"[{later.start}, {later.end}) / [{earlier.start}, {earlier.end})")
    return Found(select.text(), (*notes(plan, solver, select), extra))


def _from_bucket_to_bucket(plan: "Plan", solver: Solver) -> Found | NotUnderstood:
    """Each month against the one before it; 同比 by year against the year before."""
    from text2sql_ws.llm.offline.aggregating import notes

    question, axis = plan.question, plan.filters.axis
    if (
        plan.keys
        or question.bucket is None
        or axis is None
        or (question.growth == "yoy" and question.bucket != "year")
    ):
        return NotUnderstood("compare_what")
    select = Select(plan.base, solver.database.dialect)
    sql = bucket(select.dialect, question.bucket, select.column(axis[0], axis[1].name))
    zh = question.locale == "zh"
    select.show(sql, "时间" if zh else question.bucket)
    select.groups.append(sql)
    value = plan.measures[0].sql(select)
    select.show(value, plan.measures[0].name(question.locale))
    before = f"LAG({value}) OVER (ORDER BY {sql})"
    select.show(
        f"ROUND(({value} - {before}) * 100.0 / NULLIF({before}, 0), 2)", "增长率（%）" if zh else "growth (%)"
    )
    select.order = [alias(select.columns[0][1])]
    solver.apply(select, plan.filters, question)
    return Found(select.text(), notes(plan, solver, select))


def _label(name: str, period: Period, question: Question) -> str:
    words = period.words or f"{period.start}~{period.end - timedelta(days=1) if period.end else ''}"
    return f"{words}{name}" if question.locale == "zh" else f"{name}, {words}"


def _text(day: object) -> str:
    return f"'{day}'"
