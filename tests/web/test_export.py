"""Export over real HTTP: files as other programs read them; exports that fail, stall or are left."""

import asyncio
import csv
import io
import socket
import sqlite3
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import openpyxl
import orjson
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tests.support.mariadb import MariaDb
from tests.support.model_server import ModelServer
from tests.support.serving import Leftovers, Served, make_shop, served, settled
from text2sql_ws.exporting.exports import AT_ONCE
from text2sql_ws.users import User
from text2sql_ws.web.export import disposition
from text2sql_ws.web.identity import Doorman

ODD = [
    ("=1+1", -5, -2.5, "2026-02-28", 9007199254740993),
    ('say "hi",\r\n你好', 0, 1e20, None, None),
    (None, None, None, None, -1),
    ("", 1, 0.5, "1850-01-01", 2),
]
MILLION = "SELECT a.id AS one, b.id AS two, a.amount FROM orders a, orders b"
LONG = f"SELECT a.id, b.id AS two, '{'x' * 300}' AS text FROM orders a, orders b"
WIDE = f"SELECT '{'x' * 2000}' AS wide FROM orders a, orders b"
FOUR = "orders a, orders b, orders c, orders d"
SLOW = f"SELECT MAX(a.amount + b.amount + c.amount + d.amount) AS most FROM {FOUR}"
OVERFLOW = "ABS(-9223372036854775807 - 1)"
FAILS = f"SELECT id, CASE WHEN id = {{at}} THEN {OVERFLOW} ELSE id END AS x FROM orders ORDER BY id"


@asynccontextmanager
async def shop(folder: Path, drain_seconds: float = 0, **limits: Any) -> AsyncIterator[Served]:
    path = make_shop(folder / "shop.db")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE odd (name TEXT, count INTEGER, share REAL, day DATE, number BIGINT)")
        connection.executemany("INSERT INTO odd VALUES (?, ?, ?, ?, ?)", ODD)
    connection.close()
    sqlite = {"type": "sqlite", "path": str(path)}
    async with ModelServer(lambda body: "Hello.") as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {
                "shop": sqlite,
                "huge": sqlite | {"max_rows": 1_000_000},
                "tenth": sqlite | {"max_rows": 10_000},
                "few": sqlite | {"max_rows": 2},
                "shy": sqlite | {"denied_columns": ["odd.share"]},
            },
            "limits": limits,
            "server": {"drain_seconds": drain_seconds},
        }
        async with served(folder, settings) as server:
            yield server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with shop(tmp_path) as running:
        yield running


async def asked(server: Served, sql: str, datasource: str = "shop", **options: Any) -> str:
    """The address of the export of a query that has ended."""
    async with server.client() as client:
        messages = await client.answer(sql, datasource=datasource, explain=False, visualize=False, **options)
    return f"/text2sql/queries/{messages[-1]['data']['query_id']}/export"


async def started(server: Served, sql: str, datasource: str = "shop") -> str:
    """The same of a query that was cancelled once its statement ran."""
    async with server.client() as client:
        query_id = await client.ask(sql, datasource=datasource)
        await client.until("query_sql")
        await client.send("query_cancel", query_id=query_id)
        await client.until("query_cancel")
    return f"/text2sql/queries/{query_id}/export"


async def downloaded(server: Served, address: str) -> tuple[aiohttp.ClientResponse, bytes]:
    async with server.http.get(server.address + address) as response:
        body = await response.read()
        assert response.status == 200, body
        return response, body


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def cuts(logs: list[Any]) -> list[Any]:
    return [line for line in logs if line["event"] == "export_cut_short"]


def csv_rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))


async def test_csv_as_another_program_reads_it(server: Served) -> None:
    response, body = await downloaded(server, await asked(server, "SELECT * FROM odd") + "?format=csv")
    assert csv_rows(body) == [
        ["name", "count", "share", "day", "number"],
        ["'=1+1", "-5", "-2.5", "2026-02-28", "9007199254740993"],
        ['say "hi",\r\n你好', "0", "1e+20", "", ""],
        ["", "", "", "", "-1"],
        ["", "1", "0.5", "1850-01-01", "2"],
    ]
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["X-Row-Limit"] == "100000"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert 'filename="SELECT-FROM-odd.csv"' in response.headers["Content-Disposition"]


async def test_csv_for_excel_starts_with_a_byte_order_mark(server: Served) -> None:
    address = await asked(server, "SELECT name AS 城市 FROM cities ORDER BY id")
    _, body = await downloaded(server, address + "?format=csv&bom=1")
    assert body == b"\xef\xbb\xbf" + "城市\r\n上海\r\n北京\r\n广州\r\n".encode()


async def test_json_lines_have_the_values_of_the_rows(server: Served) -> None:
    async with server.client() as client:
        messages = await client.answer("SELECT name, count, share, day, number FROM odd", datasource="shop")
    complete = messages[-1]["data"]
    response, body = await downloaded(server, f"/text2sql/queries/{complete['query_id']}/export?format=json")
    assert response.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert [orjson.loads(line) for line in body.splitlines()] == complete["results"]["data"]


async def test_xlsx_as_another_program_reads_it(server: Served, tmp_path: Path) -> None:
    response, body = await downloaded(server, await asked(server, "SELECT * FROM odd") + "?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(body))
    header, first, second, *_, last = book.active.iter_rows()
    assert [cell.value for cell in header] == ["name", "count", "share", "day", "number"]
    assert [cell.value for cell in first[:3]] == ["=1+1", -5, -2.5]
    assert first[0].data_type == "s"
    assert (first[3].value.isoformat(), first[3].is_date) == ("2026-02-28T00:00:00", True)
    assert first[4].value == "9007199254740993"
    assert [cell.value for cell in second] == ['say "hi",\n你好', 0, 1e20, None, None]
    assert last[3].value == "1850-01-01"
    assert len(book.worksheets) == 1
    assert response.headers["X-Truncated"] == "false"
    assert int(response.headers["Content-Length"]) == len(body)
    assert not list((tmp_path / "var" / "exports").iterdir())


async def test_all_rows_not_only_those_that_the_question_asked_for(server: Served) -> None:
    address = await asked(server, "SELECT id FROM orders ORDER BY id", max_rows=3)
    _, body = await downloaded(server, address + "?format=csv")
    assert csv_rows(body) == [["id"], *([str(number)] for number in range(1, 1001))]


async def test_the_data_sources_limit_holds_and_is_told(server: Served) -> None:
    address = await asked(server, "SELECT id FROM orders ORDER BY id", "few")
    response, body = await downloaded(server, address + "?format=csv")
    assert (csv_rows(body), response.headers["X-Row-Limit"]) == ([["id"], ["1"], ["2"]], "2")
    response, body = await downloaded(server, address + "?format=xlsx&locale=en")
    assert (response.headers["X-Row-Limit"], response.headers["X-Truncated"]) == ("2", "true")
    assert "first 2 rows" in openpyxl.load_workbook(io.BytesIO(body))["Note"]["A1"].value


@pytest.mark.parametrize(
    ("format_", "body"), [("csv", b"id\r\n"), ("json", b""), ("csv&bom=1", b"\xef\xbb\xbfid\r\n")]
)
async def test_no_rows_are_a_file_too(server: Served, format_: str, body: bytes) -> None:
    address = await asked(server, "SELECT id FROM orders WHERE id < 0")
    assert (await downloaded(server, f"{address}?format={format_}"))[1] == body


async def test_denied_columns_stay_out(server: Served) -> None:
    _, body = await downloaded(server, await asked(server, "SELECT * FROM odd", "shy") + "?format=csv")
    assert csv_rows(body)[0] == ["name", "count", "day", "number"]


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asks_for", "names"),
    [
        ("", ["format", "csv, xlsx, json"]),
        ("?format=", ["format", "csv, xlsx, json"]),
        ("?format=pdf", ["format", "csv, xlsx, json"]),
        ("?format=CSV", ["format", "csv, xlsx, json"]),
        ("?format=csv&bom=yes", ["bom", "0, 1"]),
    ],
)
async def test_what_is_not_known_is_named(server: Served, asks_for: str, names: list[str]) -> None:
    address = await asked(server, "SELECT id FROM cities")
    error = (await server.get(address + asks_for, status=422))["error"]
    assert error["code"] == "INVALID_MESSAGE"
    assert all(name in error["message"] for name in names)


async def test_a_query_without_sql(server: Served) -> None:
    error = (await server.get(await asked(server, "你好") + "?format=csv", status=422))["error"]
    assert error["code"] == "INVALID_MESSAGE"
    assert "没有SQL" in error["message"]


async def test_only_for_the_owner(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.get("/text2sql/queries/nope/export?format=csv", status=404)
    address = await asked(server, "SELECT id FROM cities")

    def stranger(doorman: Doorman, request: web.BaseRequest) -> User:
        return User(id="2", wire_id="2", is_admin=True)

    monkeypatch.setattr(Doorman, "user", stranger)
    error = (await server.get(address + "?format=csv", status=404))["error"]
    assert error["code"] == "QUERY_NOT_FOUND"


async def test_head_runs_nothing(server: Served) -> None:
    address = await asked(server, "SELECT id FROM cities")
    async with server.http.head(f"{server.address}{address}?format=csv") as response:
        assert response.status == 405


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
async def test_what_fails_before_the_first_row_is_an_error_like_any(server: Served, format_: str) -> None:
    address = await asked(server, FAILS.format(at=1))
    error = (await server.get(f"{address}?format={format_}", status=422))["error"]
    assert error["code"] == "SQL_EXECUTION_FAILED"
    assert "overflow" in error["message"]


async def test_an_xlsx_that_fails_later_is_still_an_error_and_leaves_nothing(
    server: Served, tmp_path: Path
) -> None:
    address = await asked(server, FAILS.format(at=900))
    await server.get(f"{address}?format=xlsx", status=422)
    assert not list((tmp_path / "var" / "exports").iterdir())


@pytest.mark.parametrize("format_", ["csv", "json"])
async def test_what_fails_later_cuts_the_connection_and_is_logged_without_a_traceback(
    server: Served, format_: str
) -> None:
    address = await asked(server, FAILS.format(at=900))
    with capture_logs() as logs:
        async with server.http.get(f"{server.address}{address}?format={format_}") as response:
            assert response.status == 200
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
        await until(lambda: any(line.get("path") == address for line in logs))
    assert [cut["why"] for cut in cuts(logs)] == ["SQL_EXECUTION_FAILED"]
    assert not [line for line in logs if line["log_level"] == "error"]


# --- memory, slow clients, clients that leave --------------------------------------------------------------


async def peak_of(server: Served, address: str, rows: int) -> int:
    """Bytes that Python had at most while a file of so many lines passed through."""
    lines = 0
    tracemalloc.start()
    try:
        async with server.http.get(server.address + address) as response:
            async for data in response.content.iter_any():
                lines += data.count(b"\n")
        assert lines >= rows or "xlsx" in address
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format_", ["csv", "json"])
async def test_memory_does_not_grow_with_the_rows(server: Served, format_: str) -> None:
    tenth, whole = await started(server, LONG, "tenth"), await started(server, LONG, "shop")
    small = await peak_of(server, f"{tenth}?format={format_}", 10_000)
    large = await peak_of(server, f"{whole}?format={format_}", 100_000)
    assert large < 1.5 * small + (1 << 20)


async def test_memory_of_a_workbook_does_not_grow_with_the_rows(server: Served) -> None:
    few = await started(server, LONG + " WHERE a.id <= 1", "tenth")
    many = await started(server, LONG + " WHERE a.id <= 10", "tenth")
    small = await peak_of(server, few + "?format=xlsx", 1_000)
    large = await peak_of(server, many + "?format=xlsx", 10_000)
    assert large < 1.5 * small + (1 << 20)


class Stalled:
    """A client that asks, and then reads nothing."""

    def __init__(self, server: Served, address: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect(("127.0.0.1", int(server.address.rsplit(":", 1)[1])))
        self._socket.setblocking(False)
        self._socket.send(f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def first_bytes(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._socket, 64)

    async def rest(self) -> bytes:
        """What it reads in the end."""
        loop, read = asyncio.get_running_loop(), b""
        while data := await loop.sock_recv(self._socket, 1 << 16):
            read += data
        return read

    def close(self) -> None:
        self._socket.close()


async def test_a_few_at_once_and_who_takes_nothing_is_cut_off(tmp_path: Path) -> None:
    async with shop(tmp_path, slow_client_timeout=0.3) as server:
        address = await started(server, WIDE)
        small = await asked(server, "SELECT id FROM cities") + "?format=csv"
        stalled = [Stalled(server, f"{address}?format=csv") for _ in range(AT_ONCE)]
        for client in stalled:
            assert await client.first_bytes()
        with capture_logs() as logs:
            error = (await server.get(small, status=429))["error"]
            assert error["code"] == "RESOURCE_LIMIT_EXCEEDED"
            await until(lambda: len(cuts(logs)) == AT_ONCE)
        assert {cut["why"] for cut in cuts(logs)} == {"NETWORK_ERROR"}
        await downloaded(server, small)
        for client in stalled:
            assert not (await client.rest()).endswith(b"0\r\n\r\n"), (
                "the last chunk that ends a whole response"
            )
            client.close()


@pytest.fixture
async def crowded(mariadb: MariaDb) -> AsyncIterator[MariaDb]:
    """The test database with enough orders for a statement that runs for years."""
    await mariadb.execute(
        "INSERT INTO orders (id, amount, status, placed_at) "
        "SELECT seq + 1000, seq, '已付款', '2025-01-01' FROM seq_1_to_3000"
    )
    yield mariadb
    await mariadb.execute("DELETE FROM orders WHERE id > 1000")


async def until_no_statements(database: MariaDb, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await database.processlist(database.user):
            await asyncio.sleep(0.01)


async def until_tagged(database: MariaDb, query_id: str, seconds: float) -> None:
    """Wait for the statement that is tagged with the query; what sets up its session may be seen before."""
    async with asyncio.timeout(seconds):
        while query_id not in str(await database.processlist(database.user)):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("sql", [SLOW, MILLION], ids=["before the first row", "during rows"])
async def test_a_client_that_leaves_stops_the_statement(
    tmp_path: Path, crowded: MariaDb, sql: str, format_: str
) -> None:
    source = {
        "type": "mysql", "host": crowded.host, "port": crowded.port, "user": crowded.user,
        "password": crowded.password, "database": crowded.database, "max_rows": 10_000_000,
    }  # fmt: skip
    async with served(tmp_path, {"datasources": {"shop": source}}) as server:
        address = await started(server, sql)
        await until_no_statements(crowded, 2)
        before = Leftovers.now()
        client = Stalled(server, f"{address}?format={format_}")
        await until_tagged(crowded, address.split("/")[3], 5)
        if sql is MILLION and format_ != "xlsx":
            assert await client.first_bytes()
        client.close()
        await until_no_statements(crowded, 1)
        after = await settled(before)
        assert after.tasks <= before.tasks
        exports = tmp_path / "var" / "exports"
        assert not exports.exists() or not list(exports.iterdir())


@pytest.mark.parametrize("drain_seconds", [0, 20])
async def test_shutting_down_lets_a_download_end_or_cuts_it(tmp_path: Path, drain_seconds: int) -> None:
    async with aiohttp.ClientSession() as http:
        async with shop(tmp_path, drain_seconds) as server:
            address = server.address + await started(server, MILLION)
            response = await http.get(f"{address}?format=csv")
            reading = asyncio.create_task(response.read())
        if drain_seconds:
            assert len(csv_rows(await reading)) == 100_001
        else:
            with pytest.raises(aiohttp.ClientPayloadError):
                await reading


# --- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "header"),
    [
        (
            "Sales by month, 2026?",
            "filename=\"Sales-by-month-2026.csv\"; filename*=UTF-8''Sales-by-month-2026.csv",
        ),
        ("各城市", "filename=\"export.csv\"; filename*=UTF-8''%E5%90%84%E5%9F%8E%E5%B8%82.csv"),
        ("../../etc/passwd", "filename=\"etc-passwd.csv\"; filename*=UTF-8''etc-passwd.csv"),
        ('a"; filename="b.exe', "filename=\"a-filename-b-exe.csv\"; filename*=UTF-8''a-filename-b-exe.csv"),
        ("a\r\nSet-Cookie: x", "filename=\"a-Set-Cookie-x.csv\"; filename*=UTF-8''a-Set-Cookie-x.csv"),
        ("\u202egpj.exe", "filename=\"gpj-exe.csv\"; filename*=UTF-8''gpj-exe.csv"),
        ("？！", "filename=\"export.csv\"; filename*=UTF-8''export.csv"),
        ("x" * 100, f"filename=\"{'x' * 60}.csv\"; filename*=UTF-8''{'x' * 60}.csv"),
    ],
)
def test_a_download_is_named_for_the_question(question: str, header: str) -> None:
    assert disposition(question, "csv") == f"attachment; {header}"
