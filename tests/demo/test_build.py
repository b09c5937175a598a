"""The file: the same each time, always whole, and built again only when it must be."""

import sqlite3
import threading
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.demo.conftest import TODAY
from text2sql_ws.demo import build, build_demo, demand, ensure_demo, trade


@pytest.fixture
def _few_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller company, where only the file matters and not what is in it."""
    monkeypatch.setattr(demand, "ORDERS", 1_000)


few_orders = pytest.mark.usefixtures("_few_orders")


def newest_order(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        (day,) = connection.execute("SELECT MAX(order_date) FROM orders").fetchone()
    return str(day)


def test_the_same_day_gives_the_same_bytes(demo_file: Path, tmp_path: Path) -> None:
    build_demo(tmp_path / "again.db", TODAY)
    assert (tmp_path / "again.db").read_bytes() == demo_file.read_bytes()


@few_orders
def test_another_day_gives_another_database_that_ends_on_it(tmp_path: Path) -> None:
    build_demo(tmp_path / "next.db", TODAY + timedelta(days=1))
    assert newest_order(tmp_path / "next.db") == "2026-11-22"


@few_orders
@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 1, 1), date(2027, 2, 6), date(2051, 12, 31)])
def test_it_can_be_built_on_any_day(today: date, tmp_path: Path) -> None:
    """A leap day, New Year, the Spring Festival, and a day beyond any table of festivals."""
    build_demo(tmp_path / "demo.db", today)
    assert newest_order(tmp_path / "demo.db") == today.isoformat()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        build_demo(path, TODAY)
    assert path.read_text() == "mine"


@few_orders
def test_a_fresh_demo_is_left_alone(tmp_path: Path) -> None:
    path = ensure_demo(tmp_path / "var", TODAY)
    before = path.stat()
    assert ensure_demo(tmp_path / "var", TODAY) == path
    assert ensure_demo(tmp_path / "var", TODAY - timedelta(days=1)) == path, "the clock was set back"
    assert path.stat().st_ino == before.st_ino
    assert list(path.parent.iterdir()) == [path]


@few_orders
def test_the_next_day_it_is_built_again(tmp_path: Path) -> None:
    ensure_demo(tmp_path, TODAY)
    assert newest_order(ensure_demo(tmp_path, TODAY + timedelta(days=1))) == "2026-11-22"


@few_orders
def test_another_version_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ensure_demo(tmp_path, TODAY).stat().st_ino
    monkeypatch.setattr(build, "VERSION", build.VERSION + 1)
    assert ensure_demo(tmp_path, TODAY).stat().st_ino != before


@few_orders
@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00" + bytes(90)])
def test_what_is_no_demo_is_built_anew(content: bytes, tmp_path: Path) -> None:
    (tmp_path / build.FILE_NAME).write_bytes(content)
    assert newest_order(ensure_demo(tmp_path, TODAY)) == "2026-11-21"


class PowerCut(BaseException):
    """Not an `Exception`, as a cancel or an interrupt is not."""


@few_orders
@pytest.mark.parametrize("table", ["regions", "orders", "project_members"])
def test_an_aborted_build_leaves_the_old_file_and_nothing_else(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ensure_demo(tmp_path, TODAY)
    before = path.read_bytes()
    insert = build._insert

    def insert_until_power_cut(connection: sqlite3.Connection, name: str, rows: build.Rows) -> None:
        if name == table:
            raise PowerCut
        insert(connection, name, rows)

    monkeypatch.setattr(build, "_insert", insert_until_power_cut)
    with pytest.raises(PowerCut):
        ensure_demo(tmp_path, TODAY + timedelta(days=1))
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


@few_orders
def test_whoever_has_the_old_one_open_keeps_reading_it(tmp_path: Path) -> None:
    path = ensure_demo(tmp_path, TODAY)
    with closing(sqlite3.connect(path)) as reader:
        rows = reader.execute("SELECT order_date FROM orders ORDER BY order_id DESC")
        assert rows.fetchone() == ("2026-11-21",)
        ensure_demo(tmp_path, TODAY + timedelta(days=1))
        assert len(rows.fetchall()) > 1_000
        assert reader.execute("SELECT MAX(order_date) FROM orders").fetchone() == ("2026-11-21",)


@few_orders
def test_two_that_build_at_once_both_get_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ensure_demo(tmp_path / "alone", TODAY).read_bytes()
    folder = tmp_path / "shared"
    both_are_building = threading.Barrier(2, timeout=30)
    make_orders = trade.trade

    def together(*arguments: object) -> object:
        both_are_building.wait()
        return make_orders(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(trade, "trade", together)
    found: list[Path] = []
    builders = [threading.Thread(target=lambda: found.append(ensure_demo(folder, TODAY))) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert found == [folder / build.FILE_NAME] * 2
    assert list(folder.iterdir()) == found[:1]
    assert found[0].read_bytes() == alone


def test_the_stamp_is_no_table_that_users_see(demo: sqlite3.Connection) -> None:
    assert demo.execute("PRAGMA user_version").fetchone() == (20261121,)
    (named,) = demo.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()
    assert named == len(build.TABLES)


def test_it_is_small(demo_file: Path) -> None:
    assert demo_file.stat().st_size < 15_000_000
