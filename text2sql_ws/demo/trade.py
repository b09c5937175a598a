"""The orders and their lines: what was sold to whom, by whom, at what price. Returns are made elsewhere.

An order's total is the sum of its lines minus its discount, to the cent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from random import Random

from text2sql_ws.demo.customers import Customer
from text2sql_ws.demo.demand import CHANNELS, Mix, mix, orders_a_day
from text2sql_ws.demo.market import PRODUCTS
from text2sql_ws.demo.seasons import Period
from text2sql_ws.demo.staff import Employee

DONE, SHIPPED, WAITING, UNPAID, CANCELLED = "已完成", "已发货", "待发货", "待付款", "已取消"

_STATUSES = (DONE, SHIPPED, WAITING, UNPAID, CANCELLED)
_STATUS_BY_AGE: tuple[tuple[int, tuple[float, ...]], ...] = (
    (2, (0.0, 0.15, 0.60, 0.92, 1.0)),
    (7, (0.10, 0.65, 0.85, 0.93, 1.0)),
    (30, (0.60, 0.93, 0.93, 0.93, 1.0)),
)
_STATUS_AFTERWARDS = (0.94, 0.94, 0.94, 0.94, 1.0)

_PAYMENTS, _PAYMENT_WEIGHTS = ("银行转账", "支付宝", "微信支付", "承兑汇票"), (0.55, 0.77, 0.93, 1.0)
_LINES, _LINE_WEIGHTS = (1, 2, 3, 4), (0.55, 0.83, 0.95, 1.0)
_PRICE_BY_LEVEL = (0.92, 0.96, 1.0)
_LOTS_BY_LEVEL = (2.2, 1.4, 0.9)


@dataclass(frozen=True, slots=True)
class Line:
    product: int
    quantity: int
    price: float

    @property
    def amount(self) -> float:
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Order:
    """`lines` are of different products, which go by their place in `PRODUCTS`."""

    id: int
    customer: Customer
    seller_id: int
    day: date
    channel: str
    status: str
    payment: str | None
    discount: int
    shipped: str | None
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def gross(self) -> float:
        return sum(line.amount for line in self.lines)

    @property
    def total(self) -> float:
        return self.gross - self.discount


def trade(
    rng: Random, period: Period, customers: Sequence[Customer], staff: Sequence[Employee]
) -> list[Order]:
    """Every order of the period, by date, ids from 1."""
    orders: list[Order] = []
    days = orders_a_day(rng, period)
    for month, of_month in groupby(days, lambda one: one[0].replace(day=1)):
        likely = mix(month, period, customers, staff)
        for day, count in of_month:
            orders.extend(_day(rng, likely, day, count, len(orders) + 1, period))
    return orders


def _day(rng: Random, likely: Mix, day: date, count: int, first_id: int, period: Period) -> Iterator[Order]:
    buyers = rng.choices(likely.buyers, cum_weights=likely.buyer_weights, k=count)
    channels = rng.choices(CHANNELS, cum_weights=likely.channel_weights, k=count)
    statuses = rng.choices(_STATUSES, cum_weights=_status_weights((period.today - day).days), k=count)
    payments = rng.choices(_PAYMENTS, cum_weights=_PAYMENT_WEIGHTS, k=count)
    sizes = rng.choices(_LINES, cum_weights=_LINE_WEIGHTS, k=count)
    for place, buyer in enumerate(buyers):
        lines = _lines(rng, likely, buyer.level, sizes[place])
        status = statuses[place]
        yield Order(
            id=first_id + place,
            customer=buyer,
            seller_id=_seller(likely, buyer),
            day=day,
            channel=channels[place],
            status=status,
            payment=None if status in (UNPAID, CANCELLED) else payments[place],
            discount=_discount(rng, day, lines),
            shipped=_shipped(rng, day, period.today) if status in (DONE, SHIPPED) else None,
            lines=lines,
        )


def _lines(rng: Random, likely: Mix, level: int, size: int) -> tuple[Line, ...]:
    products = rng.choices(likely.products, cum_weights=likely.product_weights, k=size)
    return tuple(
        Line(product, _quantity(rng, product, level), _price(product, level))
        for product in dict.fromkeys(products)
    )


def _quantity(rng: Random, product: int, level: int) -> int:
    return 1 + int(PRODUCTS[product].lot * _LOTS_BY_LEVEL[level] * (0.2 + 1.3 * rng.random() ** 2))


def _price(product: int, level: int) -> float:
    """A multiple of a half, as list prices are."""
    return round(PRODUCTS[product].list_price * _PRICE_BY_LEVEL[level] * 2) / 2


def _discount(rng: Random, day: date, lines: tuple[Line, ...]) -> int:
    festive = (day.month, day.day) in ((11, 11), (6, 18))
    if rng.random() > (0.7 if festive else 0.22):
        return 0
    rate = 0.10 if festive else 0.04
    return int(sum(line.amount for line in lines) * rate / 10) * 10


def _seller(likely: Mix, buyer: Customer) -> int:
    sellers = likely.sellers[buyer.region.name]
    return buyer.manager_id if buyer.manager_id in sellers else sellers[buyer.id % len(sellers)]


def _shipped(rng: Random, day: date, today: date) -> str:
    shipped = min(day + timedelta(days=int(rng.random() * 4)), today)
    minute = int(rng.random() * 600)
    return f"{shipped.isoformat()} {8 + minute // 60:02}:{minute % 60:02}:00"


def _status_weights(age: int) -> tuple[float, ...]:
    return next((weights for days, weights in _STATUS_BY_AGE if age <= days), _STATUS_AFTERWARDS)


def rows(orders: Sequence[Order]) -> Iterator[tuple[object, ...]]:
    for one in orders:
        yield (
            one.id, one.customer.id, one.seller_id, one.day.isoformat(), one.channel, one.status,
            one.payment, one.discount, one.total, one.shipped,
        )  # fmt: skip


def line_rows(orders: Sequence[Order]) -> Iterator[tuple[object, ...]]:
    lines = ((one.id, line) for one in orders for line in one.lines)
    for number, (order_id, line) in enumerate(lines, 1):
        yield number, order_id, line.product + 1, line.quantity, line.price, line.amount
