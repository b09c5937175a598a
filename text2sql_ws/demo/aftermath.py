"""What follows from the trade: goods that came back, what lies in the warehouses, what was aimed at."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from text2sql_ws.demo.company import REGIONS, WAREHOUSES
from text2sql_ws.demo.market import INCIDENT, PRODUCTS
from text2sql_ws.demo.seasons import YEARLY_GROWTH, Period, grown, months, spring_festival, weight
from text2sql_ws.demo.trade import DONE, Line, Order

_REASONS = ("质量问题", "运输损坏", "发错货", "需求变更", "与描述不符")
_REASON_WEIGHTS = (30, 20, 14, 24, 12)
_RATE, _INCIDENT_RATE = 0.025, 0.22
_INCIDENT_DAYS = range(150, 250)

_AMBITION = 1.04


def return_rows(rng: Random, period: Period, orders: Sequence[Order]) -> list[tuple[object, ...]]:
    """Rows of `returns`, by date. Nothing is refunded for what was refused, nor more than was paid."""
    returned: list[tuple[date, Order, Line, str]] = []
    for order in orders:
        if order.status != DONE:
            continue
        for line in order.lines:
            faulty = PRODUCTS[line.product].name == INCIDENT and _in_incident(order.day, period)
            if rng.random() < (_INCIDENT_RATE if faulty else _RATE):
                day = order.day + timedelta(days=rng.randrange(5, 30))
                reason = "质量问题" if faulty else rng.choices(_REASONS, _REASON_WEIGHTS)[0]
                returned.append((day, order, line, reason))
    known = sorted((one for one in returned if one[0] <= period.today), key=lambda one: (one[0], one[1].id))
    return [_return(rng, period, number, *one) for number, one in enumerate(known, 1)]


def _in_incident(day: date, period: Period) -> bool:
    return (period.today - day).days in _INCIDENT_DAYS


def _return(
    rng: Random, period: Period, number: int, day: date, order: Order, line: Line, reason: str
) -> tuple[object, ...]:
    quantity = rng.randint(1, line.quantity)
    paid = quantity * line.price * order.total / order.gross
    fresh = day > period.ago(12)
    status = "处理中" if fresh and rng.random() < 0.7 else "已拒绝" if rng.random() < 0.08 else "已退款"
    refund = 0 if status == "已拒绝" else math.floor(paid * 2) / 2
    return number, order.id, line.product + 1, day.isoformat(), quantity, refund, reason, status


def stock_rows(rng: Random, period: Period) -> Iterator[tuple[object, ...]]:
    """Rows of `stock`: most products in most warehouses, some below their safety quantity."""
    for warehouse, (_, _, _, capacity) in enumerate(WAREHOUSES, 1):
        for number, product in enumerate(PRODUCTS, 1):
            if product.category == "软件服务" or rng.random() > 0.85:
                continue
            safety = max(5, round(product.demand * product.lot * capacity / 40_000) * 5)
            quantity = (
                int(safety * rng.uniform(0.4, 4.0)) if product.discontinued is None else rng.randrange(9)
            )
            counted = period.ago(rng.randrange(1, 60))
            yield warehouse, number, quantity, safety, counted.isoformat()


def target_rows(rng: Random, period: Period, orders: Sequence[Order]) -> list[tuple[object, ...]]:
    """Rows of `sales_targets` for each month of the period and on to the end of its last year.

    What was planned is what a planner could have known: the season, and growth alike for every region. So a
    region that outgrows the others beats its targets, and one that shrinks misses them.
    """
    scheduled = months(period.first, date(period.today.year, 12, 1))
    planned = {month: _month_weight(month, period) for month in scheduled}
    whole = [month for month in scheduled if month < period.today.replace(day=1)]
    turnover = _turnover_until(period.today.replace(day=1), orders)
    yuan = sum(turnover.values()) / sum(planned[month] for month in whole)
    shares = {region: amount / sum(turnover.values()) for region, amount in turnover.items()}
    aims = [
        (number, month, planned[month] * yuan * shares[region.name] * _AMBITION * rng.uniform(0.93, 1.07))
        for month in scheduled
        for number, region in enumerate(REGIONS, 1)
    ]
    return [
        (number, region, month.isoformat(), round(amount / 10_000) * 10_000)
        for number, (region, month, amount) in enumerate(aims, 1)
    ]


def _month_weight(month: date, period: Period) -> float:
    festivals = {month.year: spring_festival(month.year)}
    days = (month + timedelta(days=number) for number in range(31))
    season = sum(weight(day, festivals) for day in days if day.month == month.month)
    return season * grown(YEARLY_GROWTH, period.years_until(month))


def _turnover_until(end: date, orders: Sequence[Order]) -> dict[str, float]:
    turnover: dict[str, float] = defaultdict(float)
    for order in orders:
        if order.day < end:
            turnover[order.customer.region.name] += order.total
    return turnover
