"""Builds the demo database, and sees to it that one as of today lies in a folder.

The demo's rows are made here and written with `sqlite3` itself: this room, next to the engines, may use it.
The one rule: the same day and version give the same rows, to the byte, and a file that bears the demo's name
is always a whole one. It is made in memory and written in one go.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random

from text2sql_ws.demo import aftermath, customers, endeavours, staff, trade
from text2sql_ws.demo.company import DEPARTMENTS, REGIONS, WAREHOUSES
from text2sql_ws.demo.market import CATEGORIES, PRODUCTS
from text2sql_ws.demo.seasons import Period, three_years
from text2sql_ws.demo.tables import INDEXES, TABLES

FILE_NAME = "demo.db"
VERSION = 1
"""Raised with every change to the tables or the rows: demos of other versions are built again."""

_SEED = 20_240_607
_APPLICATION_ID = 0x5432_5300  # "T2S", and the version in the last byte

Rows = Iterable[tuple[object, ...]]


def ensure_demo(folder: Path, today: date) -> Path:
    """The path of a demo database as of `today` in `folder`, built now unless one is there. Blocks.

    It is built again when it is of another version or was made for an earlier day; that takes a second or
    two. A new one takes the place of the old in one step: whoever has the old one open keeps reading that.
    Two processes may do this at once. Raises `OSError` or `sqlite3.Error` when the folder can't be written.
    """
    path = folder / FILE_NAME
    if _is_fresh(path, today):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=folder) as building:
        half = Path(building) / FILE_NAME
        build_demo(half, today)
        half.replace(path)
    return path


def build_demo(path: Path, today: date) -> None:
    """Write the demo database as of `today` to `path`, where no file may be. Blocks for a second or two.

    About 50,000 orders in the month of `today` and the 36 before it; the same day gives the same bytes.
    Raises `FileExistsError`. Not atomic: use `ensure_demo` where others may look.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID + VERSION}")
        connection.execute(f"PRAGMA user_version = {_as_number(today)}")
        with connection:
            _fill(connection, three_years(today))
        with path.open("xb") as file:
            file.write(connection.serialize())
            file.flush()
            os.fsync(file.fileno())


def _is_fresh(path: Path, today: date) -> bool:
    """Of this version, and made for `today` or a later day (a clock may be set back)."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            (day,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(application_id == _APPLICATION_ID + VERSION and day >= _as_number(today))


def _as_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _fill(connection: sqlite3.Connection, period: Period) -> None:
    for statement in TABLES:
        connection.execute(statement)
    for table, rows in _company(period):
        _insert(connection, table, rows)
    for statement in INDEXES:
        connection.execute(statement)


def _insert(connection: sqlite3.Connection, table: str, rows: Rows) -> None:
    (width,) = connection.execute("SELECT COUNT(*) FROM pragma_table_info(?)", (table,)).fetchone()
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)


def _company(period: Period) -> Iterable[tuple[str, Rows]]:
    """Every table with its rows, each after those that it refers to."""
    rng = Random(_SEED)  # noqa: S311 - invented figures, no secrets
    region_ids = {region.name: number for number, region in enumerate(REGIONS, 1)}
    people = staff.hire(rng, period)
    buyers = customers.win(rng, people, period)
    orders = trade.trade(rng, period, buyers, people)
    projects = list(endeavours.project_rows(rng, period, buyers, people))
    yield "regions", ((number, one.name, one.office_city) for number, one in enumerate(REGIONS, 1))
    yield "departments", _department_rows(region_ids, period)
    yield "employees", staff.rows(people)
    yield "customers", customers.rows(buyers, region_ids)
    yield "product_categories", ((number, *one) for number, one in enumerate(CATEGORIES, 1))
    yield "products", _product_rows(period)
    yield "orders", trade.rows(orders)
    yield "order_items", trade.line_rows(orders)
    yield "returns", aftermath.return_rows(rng, period, orders)
    yield "warehouses", _warehouse_rows(region_ids)
    yield "stock", aftermath.stock_rows(rng, period)
    yield "sales_targets", aftermath.target_rows(rng, period, orders)
    yield "projects", projects
    yield "project_members", endeavours.member_rows(rng, projects, people)


def _department_rows(region_ids: dict[str, int], period: Period) -> Rows:
    for number, one in enumerate(DEPARTMENTS, 1):
        founded = date(period.today.year - one.age_years, number % 12 + 1, 1)
        region = region_ids[one.region] if one.region else None
        yield number, one.name, one.type, region, one.city, one.budget, founded.isoformat()


def _warehouse_rows(region_ids: dict[str, int]) -> Rows:
    for number, (name, region, city, capacity) in enumerate(WAREHOUSES, 1):
        yield number, name, region_ids[region], city, capacity


def _product_rows(period: Period) -> Rows:
    category_ids = {name: number for number, (name, _) in enumerate(CATEGORIES, 1)}
    for number, one in enumerate(PRODUCTS, 1):
        discontinued = None if one.discontinued is None else period.ago(one.discontinued).isoformat()
        yield (
            number, one.name, category_ids[one.category], one.unit, one.list_price, one.cost_price,
            period.ago(one.launched).isoformat(), discontinued,
        )  # fmt: skip
