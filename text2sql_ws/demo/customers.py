"""Who buys: companies with a region, an industry, a level, an account manager, and how much they order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from text2sql_ws.demo.company import REGIONS, Region
from text2sql_ws.demo.market import BRANDS, INDUSTRIES
from text2sql_ws.demo.seasons import Period
from text2sql_ws.demo.staff import Employee

CUSTOMERS = 420
LEVELS = ("战略客户", "重点客户", "普通客户")

_LEVEL_SHARES = (5, 25, 70)
_LEVEL_DEMAND = (5.5, 2.5, 1.0)
_LEVEL_CREDIT = (5_000_000, 1_500_000, 300_000)
_LOST_REGION = "华北"


@dataclass(frozen=True, slots=True)
class Customer:
    """`demand` is relative within the region, 0 for one that never buys; after `lost` it orders no more."""

    id: int
    name: str
    industry: str
    level: int
    region: Region
    city: str
    manager_id: int
    credit: int | None
    registered: date
    demand: float
    lost: date | None = None

    def buys(self, month: date) -> bool:
        return self.demand > 0 and self.registered < month and (self.lost is None or month < self.lost)


def win(rng: Random, staff: Sequence[Employee], period: Period) -> list[Customer]:
    """All customers by date of registration, ids from 1. One big one was lost about eight months ago."""
    sellers = {
        region.name: [one for one in staff if one.region == region.name and one.left is None]
        for region in REGIONS
    }
    taken: set[str] = set()
    dates = sorted(_registered(rng, period) for _ in range(CUSTOMERS))
    customers = [_customer(rng, number, day, sellers, taken, period) for number, day in enumerate(dates, 1)]
    return _lose_one(customers, period)


def _registered(rng: Random, period: Period) -> date:
    if rng.random() < 0.55:
        return period.first - timedelta(days=rng.randrange(40, 2600))
    return period.ago(rng.randrange((period.today - period.first).days))


def _customer(
    rng: Random,
    number: int,
    registered: date,
    sellers: Mapping[str, Sequence[Employee]],
    taken: set[str],
    period: Period,
) -> Customer:
    region = rng.choices(REGIONS, [one.share**0.7 for one in REGIONS])[0]
    industry, _, words = rng.choices(INDUSTRIES, [one[1] for one in INDUSTRIES])[0]
    city = rng.choice(region.cities)
    level = rng.choices(range(len(LEVELS)), _LEVEL_SHARES)[0]
    return Customer(
        id=number,
        name=_name(rng, city, words, level, taken),
        industry=industry,
        level=level,
        region=region,
        city=city,
        manager_id=rng.choice(sellers[region.name]).id,
        credit=_credit(rng, level),
        registered=registered,
        demand=_demand(rng, level, registered, period),
    )


def _name(rng: Random, city: str, words: Sequence[str], level: int, taken: set[str]) -> str:
    while True:
        form = "集团有限公司" if level == 0 else rng.choice(("有限公司", "有限公司", "股份有限公司"))
        name = f"{city}{rng.choice(BRANDS)}{rng.choice(words)}{form}"
        if name not in taken:
            taken.add(name)
            return name


def _credit(rng: Random, level: int) -> int | None:
    if level == 2 and rng.random() < 0.3:
        return None
    return round(_LEVEL_CREDIT[level] * rng.uniform(0.5, 1.6) / 10_000) * 10_000


def _demand(rng: Random, level: int, registered: date, period: Period) -> float:
    if registered > period.ago(40) or (level == 2 and rng.random() < 0.025):
        return 0.0
    return _LEVEL_DEMAND[level] * rng.uniform(0.4, 1.6)


def _lose_one(customers: Sequence[Customer], period: Period) -> list[Customer]:
    candidates = [
        one for one in customers if one.region.name == _LOST_REGION and one.registered < period.first
    ]
    biggest = max(candidates, key=lambda one: (one.demand, -one.id))
    return [replace(one, lost=period.ago(240)) if one is biggest else one for one in customers]


def rows(customers: Sequence[Customer], region_ids: Mapping[str, int]) -> Iterator[tuple[object, ...]]:
    for one in customers:
        yield (
            one.id, one.name, one.industry, LEVELS[one.level], region_ids[one.region.name], one.city,
            one.manager_id, one.credit, one.registered.isoformat(),
        )  # fmt: skip
