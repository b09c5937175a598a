"""How many orders a day has, and who and what is likely in a month. No single order is made here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from text2sql_ws.demo.company import REGIONS
from text2sql_ws.demo.customers import Customer
from text2sql_ws.demo.market import PRODUCTS, SUMMER, YEAR_END, Product
from text2sql_ws.demo.seasons import YEARLY_GROWTH, Period, grown, month_end, spring_festival, weight
from text2sql_ws.demo.staff import Employee

ORDERS = 50_000
CHANNELS = ("直销", "线上商城", "经销商", "展会")

_FEWEST_A_DAY = 2


@dataclass(frozen=True, slots=True)
class Mix:
    """What is likely in one month: cumulative weights of buyers, products and channels; who sells where."""

    buyers: Sequence[Customer]
    buyer_weights: Sequence[float]
    products: Sequence[int]
    product_weights: Sequence[float]
    channel_weights: Sequence[float]
    sellers: Mapping[str, Sequence[int]]


def orders_a_day(rng: Random, period: Period) -> list[tuple[date, int]]:
    """Each day of the period with its number of orders; about `ORDERS` in all, and some on every day."""
    days = period.days()
    festivals = {year: spring_festival(year) for year in range(period.first.year, period.today.year + 1)}
    weights = [
        weight(day, festivals) * grown(YEARLY_GROWTH, period.years_until(day)) * rng.uniform(0.85, 1.15)
        for day in days
    ]
    scale = ORDERS / sum(weights)
    return [
        (day, max(_FEWEST_A_DAY, int(one * scale + rng.random())))
        for day, one in zip(days, weights, strict=True)
    ]


def mix(month: date, period: Period, customers: Sequence[Customer], staff: Sequence[Employee]) -> Mix:
    """The mix of `month`, given as its first day. Products go by their place in `PRODUCTS`."""
    years = period.years_until(month)
    buyers = [one for one in customers if one.buys(month)]
    products = [number for number, one in enumerate(PRODUCTS) if _on_sale(one, month, period)]
    online = 0.24 + 0.07 * years
    return Mix(
        buyers=buyers,
        buyer_weights=_buyer_weights(buyers, years),
        products=products,
        product_weights=list(accumulate(_demand(PRODUCTS[number], month, years) for number in products)),
        channel_weights=list(accumulate((0.95 - online - 0.2, online, 0.2, 0.05))),
        sellers=_sellers(month, staff),
    )


def _buyer_weights(buyers: Sequence[Customer], years: float) -> list[float]:
    in_region = {region.name: sum(one.demand for one in buyers if one.region is region) for region in REGIONS}
    pull = {region.name: region.share * grown(region.growth, years) for region in REGIONS}
    return list(accumulate(one.demand * pull[one.region.name] / in_region[one.region.name] for one in buyers))


def _sellers(month: date, staff: Sequence[Employee]) -> dict[str, list[int]]:
    end = month_end(month)
    here = [one for one in staff if one.region is not None and one.employed(month, end)]
    return {region.name: [one.id for one in here if one.region == region.name] for region in REGIONS}


def _on_sale(product: Product, month: date, period: Period) -> bool:
    if product.discontinued is not None and period.ago(product.discontinued) <= month_end(month):
        return False
    return period.ago(product.launched) <= month


def _demand(product: Product, month: date, years: float) -> float:
    return product.demand * grown(product.growth, years) * _season(product.category, month.month)


def _season(category: str, month: int) -> float:
    if category == SUMMER:
        return {5: 1.4, 6: 2.0, 7: 2.2, 8: 1.8, 9: 1.1}.get(month, 0.75)
    if category == YEAR_END:
        return {12: 1.8, 1: 1.5, 3: 1.2}.get(month, 0.9)
    return 1.0
