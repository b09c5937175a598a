"""What is MySQL's own: values, sessions, outages, kills. The server is a real MariaDB."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomysql
import pytest

from tests.engines.rigs import MysqlRig, Taken, eventually, fetch, quiet, running, statement
from tests.support.mariadb import MariaDb
from text2sql_ws.engines.engine import Chunk, Engine
from text2sql_ws.engines.mysql_session import STALE_SECONDS
from text2sql_ws.errors import Code, Fault


@pytest.fixture
def rig(mariadb: MariaDb) -> MysqlRig:
    return MysqlRig(mariadb)


@pytest.fixture
async def engine(rig: MysqlRig) -> AsyncIterator[Engine]:
    opened = rig.open()
    yield opened
    await opened.close()


# --- values --------------------------------------------------------------------------------------------

VALUES = [
    ("1", "integer", 1),
    ("NULL", "string", None),
    ("9007199254740993", "integer", "9007199254740993"),
    ("CAST(18446744073709551615 AS UNSIGNED)", "integer", "18446744073709551615"),
    ("1.10", "decimal", "1.10"),
    ("CAST('-0.05' AS DECIMAL(5,2))", "decimal", "-0.05"),
    ("1.5e3", "number", 1500.0),
    ("PI() * 1e300", "number", 3.141592653589793e300),
    ("TRUE", "integer", 1),
    ("'引号\"与\\\\反斜杠'", "string", '引号"与\\反斜杠'),
    ("'😀'", "string", "😀"),
    ("_binary 'ab\\0'", "binary", "base64:YWIA"),
    ("b'101'", "binary", "base64:BQ=="),
    ("ST_GeomFromText('POINT(1 2)')", "binary", "base64:AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA=="),
    ("DATE '2025-02-28'", "date", "2025-02-28"),
    ("TIMESTAMP '2025-02-28 10:00:00.25'", "datetime", "2025-02-28T10:00:00.25"),
    ("TIME '100:00:01'", "time", "100:00:01"),
    ("CAST('-838:59:59' AS TIME)", "time", "-838:59:59"),
    ("JSON_OBJECT('a', 1)", "string", '{"a": 1}'),  # MariaDB's JSON is text to its clients
    ("INET6_ATON('::1')", "binary", "base64:AAAAAAAAAAAAAAAAAAAAAQ=="),
    ("UUID() IS NOT NULL", "integer", 1),
    ("DATE_FORMAT('2025-02-28', '%Y-%m')", "string", "2025-02"),
    ("CONCAT(1, DATE '2025-02-28')", "string", "12025-02-28"),
    ("GROUP_CONCAT(1)", "string", "1"),
    ("COUNT(*)", "integer", 1),
    ("SUM(1)", "decimal", "1"),
    ("AVG(1.5)", "decimal", "1.50000"),
]


@pytest.mark.parametrize(("expression", "type_", "value"), VALUES)
async def test_an_expressions_value(engine: Engine, expression: str, type_: str, value: object) -> None:
    taken, _ = await fetch(engine, f"SELECT {expression} AS x")
    assert (taken.types, taken.rows) == ([type_], [[value]])


async def test_the_columns_of_a_table(mariadb: MariaDb, engine: Engine) -> None:
    await mariadb.execute(
        "CREATE OR REPLACE TABLE every_type (a TINYINT(1), b BIT(12), c YEAR, d SET('x','y'), "
        "e ENUM('甲','乙'), f LONGBLOB, g LONGTEXT, h INT(8) ZEROFILL, i FLOAT, j DATE, k DATETIME, "
        "l TIMESTAMP NULL, m TIME(3), "
        "n UUID, o INET6, p VARBINARY(9), q BIGINT UNSIGNED, r JSON, s CHAR(3) CHARACTER SET gbk)"
    )
    await mariadb.execute("SET sql_mode = ''")
    await mariadb.execute(
        "INSERT INTO every_type VALUES (7, b'100000000001', 2025, 'x,y', '乙', 'ab', 'long', 42, 0.5, "
        "'2025-01-02', '2025-01-02 03:04:05', '2025-01-02 03:04:05', '-25:00:00.5', "
        "'123e4567-e89b-12d3-a456-426655440000', '::ffff:1.2.3.4', 'z', 18446744073709551615, '[1]', '中文')"
    )
    taken, _ = await fetch(engine, "SELECT * FROM every_type")
    got = dict(zip("abcdefghijklmnopqrs", zip(taken.types, taken.rows[0], strict=True), strict=True))
    assert got == {
        "a": ("integer", 7),
        "b": ("integer", 2049),
        "c": ("integer", 2025),
        "d": ("string", "x,y"),
        "e": ("string", "乙"),
        "f": ("binary", "base64:YWI="),
        "g": ("string", "long"),
        "h": ("integer", 42),
        "i": ("number", 0.5),
        "j": ("date", "2025-01-02"),
        "k": ("datetime", "2025-01-02T03:04:05"),
        "l": ("datetime", "2025-01-02T03:04:05"),
        "m": ("time", "-25:00:00.500"),
        "n": ("string", "123e4567-e89b-12d3-a456-426655440000"),
        "o": ("string", "::ffff:1.2.3.4"),
        "p": ("binary", "base64:eg=="),
        "q": ("integer", "18446744073709551615"),
        "r": ("string", "[1]"),
        "s": ("string", "中文"),
    }


async def test_zero_dates_are_text_as_they_are(mariadb: MariaDb, engine: Engine) -> None:
    await mariadb.execute("CREATE OR REPLACE TABLE zeros (d DATE, t DATETIME, y YEAR)")
    await mariadb.execute(
        "INSERT IGNORE INTO zeros VALUES ('0000-00-00', '0000-00-00', 0), (NULL, NULL, NULL)"
    )
    taken, _ = await fetch(engine, "SELECT * FROM zeros")
    assert taken.rows == [["0000-00-00", "0000-00-00T00:00:00", 0], [None, None, None]]


async def test_large_cells(rig: MysqlRig, engine: Engine) -> None:
    taken, _ = await fetch(engine, "SELECT seq, REPEAT('中', seq * 50000) FROM seq_1_to_20")
    assert [len(text) for _, text in taken.rows] == [50_000 * i for i in range(1, 21)]
    assert [chunk.row_count for chunk in taken.chunks if len(chunk.rows_json) > 200_000] == [1] * 19


async def test_a_row_of_16_mib_is_refused(rig: MysqlRig, engine: Engine) -> None:
    with pytest.raises(Fault) as large:
        await fetch(engine, "SELECT REPEAT('x', 10000000), REPEAT('y', 10000000)")
    assert large.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    await quiet(rig, engine)


@pytest.mark.usefixtures("any_words")
async def test_a_statement_without_a_result(engine: Engine) -> None:
    taken, total = await fetch(engine, "DO 1")
    assert [(chunk.columns, chunk.rows_json, chunk.is_last) for chunk in taken.chunks] == [((), b"[]", True)]
    assert total.row_count == 0


# --- sessions ------------------------------------------------------------------------------------------


async def test_every_statement_bears_its_tag(mariadb: MariaDb, rig: MysqlRig, engine: Engine) -> None:
    run = asyncio.create_task(engine.run(statement(rig.stuck, query_id="a-b*/; DROP"), Taken()))
    await running(rig)
    ((_, sql),) = await mariadb.processlist()
    assert sql == "/* t2s:test.shop:a-b2a2f3b20DROP */ SELECT SLEEP(30)"
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


@pytest.mark.usefixtures("any_words")
async def test_nothing_leaks_to_the_next_borrower(rig: MysqlRig) -> None:
    engine = rig.open_as_admin(pool_size=1)
    settings = (
        "SELECT @@autocommit, @@sql_mode, @@tx_read_only, @@max_statement_time, @@character_set_results, @x"
    )
    before, _ = await fetch(engine, settings)
    assert before.rows == [[1, "", 1, 22.0, "utf8mb4", None]]
    for sql in (
        "SET autocommit = 0, sql_mode = 'ANSI_QUOTES', @x = 5, max_statement_time = 0",
        "SET SESSION TRANSACTION READ WRITE",
        "SET NAMES latin1",
        "SELECT GET_LOCK('t2s', 0)",
    ):
        await fetch(engine, sql)
    after, _ = await fetch(engine, settings)
    assert after.rows == before.rows
    assert (await fetch(engine, "SELECT IS_FREE_LOCK('t2s'), '中文'"))[0].rows == [[1, "中文"]]
    await engine.close()


async def test_the_server_has_a_limit_of_its_own_after_ours(engine: Engine) -> None:
    taken, _ = await fetch(engine, "SELECT @@max_statement_time", timeout_seconds=7.5)
    assert taken.rows == [[10.0]]
    taken, _ = await fetch(engine, "SELECT @@max_statement_time", timeout_seconds=7.5, client_seconds=600)
    assert taken.rows == [[610.0]]


async def test_a_server_in_another_mode_reads_the_sql_that_the_guard_read(
    mariadb: MariaDb, rig: MysqlRig
) -> None:
    await mariadb.execute("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY'")
    try:
        engine = rig.open()
        assert (await fetch(engine, 'SELECT "a\\"b", @@sql_mode'))[0].rows == [['a"b', "ONLY_FULL_GROUP_BY"]]
        await engine.close()
    finally:
        await mariadb.execute("SET GLOBAL sql_mode = DEFAULT")


@pytest.mark.usefixtures("any_words")
async def test_no_local_file_is_ever_sent(rig: MysqlRig) -> None:
    engine = rig.open_as_admin()
    with pytest.raises(Fault):
        await fetch(engine, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE departments")
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    await engine.close()


@pytest.mark.usefixtures("any_words")
async def test_a_procedure_with_several_results_costs_only_its_connection(
    mariadb: MariaDb, rig: MysqlRig
) -> None:
    await mariadb.execute("CREATE OR REPLACE PROCEDURE several() BEGIN SELECT 1; SELECT 2; END")
    engine = rig.open_as_admin(pool_size=1)
    assert (await fetch(engine, "CALL several()"))[0].rows == [[1]]
    assert (await fetch(engine, "SELECT 3"))[0].rows == [[3]]
    await engine.close()


async def test_connections_are_used_again(mariadb: MariaDb, rig: MysqlRig) -> None:
    engine = rig.open(pool_size=1)
    ids = [(await fetch(engine, "SELECT CONNECTION_ID()"))[0].rows for _ in range(5)]
    assert len({str(rows) for rows in ids}) == 1
    await engine.close()


async def test_connect_costs_no_round_trip_shortly_after_an_answer(mariadb: MariaDb) -> None:
    async with _relay(mariadb) as relay:
        engine: Any = MysqlRig(mariadb).open(port=relay.port)
        now = 100.0
        engine._clock = lambda: now
        assert await engine.connect() == (await mariadb.execute("SELECT VERSION()"))[0][0]
        before = relay.requests
        now += 4
        await engine.connect()
        assert relay.requests == before
        now += 2
        await engine.connect()
        assert relay.requests == before + 1
        await fetch(engine, "SELECT 1")
        await eventually(lambda: _is_quiet(engine))
        before = relay.requests
        now += 4
        await engine.connect()
        assert relay.requests == before
        await engine.close()


# --- errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "code", "mendable"),
    [
        ("SELECT * FROM elsewhere.secrets", Code.INSUFFICIENT_PERMISSIONS, False),
        ("SELECT * FROM mysql.user", Code.INSUFFICIENT_PERMISSIONS, False),
        ("SELECT SUM(COUNT(*)) FROM orders", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT o.id FROM orders o JOIN employees o", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT 18446744073709551615 * 10", Code.SQL_EXECUTION_FAILED, True),
    ],
)
async def test_what_the_server_refuses(engine: Engine, sql: str, code: Code, mendable: bool) -> None:
    with pytest.raises(Fault) as refused:
        await fetch(engine, sql)
    assert (refused.value.code, refused.value.mendable) == (code, mendable)
    assert not any(word in refused.value.message.en for word in ("reader", "127.0.0.1", "/tmp"))


@pytest.mark.usefixtures("any_words")
@pytest.mark.parametrize(
    "sql", ["SELECT 1 INTO OUTFILE '/tmp/out'", "INSERT INTO departments VALUES (9, 'x')"]
)
async def test_what_the_account_may_not(engine: Engine, sql: str) -> None:
    with pytest.raises(Fault) as refused:
        await fetch(engine, sql)
    assert refused.value.code is Code.INSUFFICIENT_PERMISSIONS
    assert not any(word in refused.value.message.en for word in ("reader", "127.0.0.1", "/tmp"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "wrong-secret"}, "refused the account"),
        ({"user": "stranger"}, "refused the account"),
        ({"database": "nowhere"}, "refused the account"),
        ({"port": 1}, "can't be reached"),
        ({"host": "host.invalid"}, "can't be reached"),
    ],
)
async def test_why_there_is_no_connection(rig: MysqlRig, changes: dict[str, Any], says: str) -> None:
    engine = rig.open(**changes)
    for attempt in (engine.connect(), engine.end_leftovers(), fetch(engine, "SELECT 1")):
        with pytest.raises(Fault, match=says) as refused:
            await attempt
        assert refused.value.code is Code.DATABASE_CONNECTION_FAILED
        assert not any(word in str(refused.value) for word in ("secret", "reader", "127.0.0.1", "invalid"))
    await engine.close()


async def test_an_unknown_database(rig: MysqlRig) -> None:
    engine = rig.open_as_admin(database="nowhere")
    with pytest.raises(Fault, match="no database of the configured name"):
        await engine.connect()
    await engine.close()


# --- what the server expects, and what the account may ---------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 1", 0),
        ("SELECT SLEEP(30)", 0),
        ("SELECT * FROM seq_1_to_1000", 1000),
        ("SELECT * FROM seq_1_to_1000 LIMIT 1", 1000),
        ("SELECT * FROM seq_1_to_1000 a, seq_1_to_1000 b", 1_001_000),
        ("SELECT * FROM orders WHERE id = 3", 1),
        ("SELECT seq FROM seq_1_to_10 UNION SELECT seq FROM seq_1_to_20", 30),
        (
            "SELECT o.seq, (SELECT COUNT(*) FROM seq_1_to_100 s WHERE s.seq + o.seq > 5) FROM seq_1_to_500 o",
            50_500,
        ),
        ("SELECT 1 FROM " + ", ".join(f"seq_1_to_1000000 s{n}" for n in range(60)), 2**63 - 1),
        ("SHOW TABLES", None),
        ("EXPLAIN SELECT 1", None),
        ("DESCRIBE orders", None),
    ],
)
async def test_what_the_server_expects_to_examine(engine: Engine, sql: str, rows: int | None) -> None:
    assert await engine.estimate(statement(sql, timeout_seconds=2)) == rows


async def test_an_estimate_fails_as_the_statement_would(rig: MysqlRig, engine: Engine) -> None:
    with pytest.raises(Fault, match="absent") as refused:
        await engine.estimate(statement("SELECT absent FROM orders"))
    assert refused.value.mendable
    await quiet(rig, engine)


async def test_an_account_that_only_reads_has_no_further_rights(engine: Engine) -> None:
    assert await engine.rights() == frozenset()


async def test_every_right_beyond_reading_is_named(mariadb: MariaDb, rig: MysqlRig) -> None:
    admin = rig.open_as_admin()
    assert await admin.rights() == {"ALL PRIVILEGES", "GRANT OPTION"}
    await admin.close()
    for sql in (
        "CREATE OR REPLACE USER clerk IDENTIFIED BY 'clerk-secret'",
        "GRANT SELECT (id, name), INSERT (id, name) ON shop.departments TO clerk",
        "GRANT FILE, PROCESS, SUPER ON *.* TO clerk",
        "GRANT EXECUTE, SHOW VIEW ON shop.* TO clerk",
        "CREATE OR REPLACE ROLE keeper",
        "GRANT DELETE ON shop.* TO keeper",
        "GRANT keeper TO clerk",
    ):
        await mariadb.execute(sql)
    named = {"INSERT", "FILE", "PROCESS", "SUPER", "EXECUTE"}
    for expected in (named, named | {"DELETE"}):
        clerk = rig.open(user="clerk", password="clerk-secret")
        assert await clerk.rights() == expected
        await clerk.close()
        await mariadb.execute("SET DEFAULT ROLE keeper FOR clerk")


# --- outages ----------------------------------------------------------------------------------------------


async def test_a_restarted_server_is_not_noticed(mariadb: MariaDb, rig: MysqlRig) -> None:
    engine = rig.open(pool_size=3)
    await asyncio.gather(*(fetch(engine, "SELECT SLEEP(0.05)") for _ in range(3)))
    await quiet(rig, engine)
    await mariadb.stop()
    await mariadb.start()
    for _ in range(4):
        assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    await engine.connect()
    await engine.close()


async def test_connections_killed_while_idle_are_not_noticed(mariadb: MariaDb, rig: MysqlRig) -> None:
    engine = rig.open(pool_size=1)
    for _ in range(10):
        ((number,),) = (await fetch(engine, "SELECT CONNECTION_ID()"))[0].rows
        await quiet(rig, engine)
        await mariadb.execute(f"KILL {number}")
        assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    await engine.close()


async def test_a_connection_that_dies_as_it_is_used_is_replaced_once(mariadb: MariaDb) -> None:
    async with _relay(mariadb) as relay:
        engine = MysqlRig(mariadb).open(port=relay.port)
        await fetch(engine, "SELECT 1")
        await eventually(lambda: _is_quiet(engine))
        relay.cut_next_request = True
        assert (await fetch(engine, "SELECT 2"))[0].rows == [[2]]
        assert relay.connections == 2
        await engine.close()


async def test_a_fresh_connection_that_dies_is_an_error(mariadb: MariaDb) -> None:
    async with _relay(mariadb) as relay:
        engine = MysqlRig(mariadb).open(port=relay.port)
        relay.cut_at = b"t2s:"
        with pytest.raises(Fault) as lost:
            await fetch(engine, "SELECT 2")
        assert lost.value.code is Code.DATABASE_CONNECTION_FAILED
        assert relay.connections == 1
        await engine.close()


async def test_a_server_that_is_down_and_comes_back(mariadb: MariaDb, rig: MysqlRig) -> None:
    engine = rig.open()
    await mariadb.stop()
    try:
        for attempt in (engine.connect(), fetch(engine, "SELECT 1")):
            with pytest.raises(Fault) as down:
                await attempt
            assert down.value.code is Code.DATABASE_CONNECTION_FAILED
    finally:
        await mariadb.start()
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    await engine.close()


async def test_a_server_that_crashes_in_the_middle_of_rows(mariadb: MariaDb, rig: MysqlRig) -> None:
    engine = rig.open(pool_size=1)
    seen = asyncio.Event()

    async def take(_chunk: Chunk) -> None:
        seen.set()
        await asyncio.sleep(0.01)

    run = asyncio.create_task(engine.run(statement(rig.many(10_000_000), max_rows=10**9), take))
    await seen.wait()
    await mariadb.kill()
    try:
        with pytest.raises(Fault) as lost:
            await run
        assert lost.value.code is Code.DATABASE_CONNECTION_FAILED
    finally:
        await mariadb.start()
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    await engine.close()


LABOUR = "SELECT COUNT(*) FROM seq_1_to_100000 a JOIN seq_1_to_100000 b ON a.seq <> b.seq"


async def test_a_statement_killed_by_somebody_else(mariadb: MariaDb, rig: MysqlRig, engine: Engine) -> None:
    for how, code in (("QUERY", Code.TIMEOUT_ERROR), ("CONNECTION", Code.DATABASE_CONNECTION_FAILED)) * 2:
        run = asyncio.create_task(fetch(engine, LABOUR))
        await running(rig)
        ((number, _),) = await mariadb.processlist()
        await asyncio.sleep(STALE_SECONDS)
        await mariadb.execute(f"KILL {how} {number}")
        with pytest.raises(Fault) as ended:
            await run
        assert ended.value.code is code
        await quiet(rig, engine)


async def test_a_silent_server_costs_three_seconds_and_no_more(rig: MysqlRig) -> None:
    async with _impostor(b"") as port:
        engine = rig.open(port=port)
        began = time.monotonic()
        outcomes = await asyncio.gather(*(engine.connect() for _ in range(4)), return_exceptions=True)
        assert 2.5 < time.monotonic() - began < 10
        assert {str(outcome) for outcome in outcomes} == {"The database did not answer within 3 s"}
        await engine.close()


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n" * 4,
        b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(5000),
        b"\x05\x00\x00\x00\x0a",
        b"\x01\x00\x00\x00\x00",
        b"\x0a\x00\x00\x00\x0aabcdefgh\x00",
        bytes(4),
        b"\x17\x00\x00\x00\xff\x6a\x04Host is not allowed",
    ],
)
async def test_a_server_that_is_no_mysql(rig: MysqlRig, greeting: bytes) -> None:
    async with _impostor(greeting, hang_up=True) as port:
        engine = rig.open(port=port)
        with pytest.raises(Fault) as refused:
            await engine.connect()
        assert refused.value.code is Code.DATABASE_CONNECTION_FAILED
        await engine.close()


# --- leftovers ----------------------------------------------------------------------------------------------


async def test_leftovers_of_this_instance_are_ended_and_nobody_elses(
    mariadb: MariaDb, rig: MysqlRig, engine: Engine
) -> None:
    tags = ["/* t2s:test.shop:old */", "/* t2s:test.shop2:x */", "/* t2s:test:x */", "/* mine */"]
    async with _strays(mariadb, [f"{tag} SELECT SLEEP(20)" for tag in tags]):
        ours = asyncio.create_task(fetch(engine, rig.stuck))

        async def all_run() -> bool:
            return len(await mariadb.processlist()) == len(tags) + 1

        await eventually(all_run, seconds=5)
        assert await engine.end_leftovers() == 1
        left = {sql for _, sql in await mariadb.processlist()}
        assert left == {
            *(f"{tag} SELECT SLEEP(20)" for tag in tags[1:]),
            "/* t2s:test.shop:q1 */ SELECT SLEEP(30)",
        }
        assert await engine.end_leftovers() == 0
        ours.cancel()
        await asyncio.gather(ours, return_exceptions=True)


async def _is_quiet(engine: Any) -> bool:
    return bool(engine._pool.is_quiet)


@asynccontextmanager
async def _strays(mariadb: MariaDb, statements: list[str]) -> AsyncIterator[None]:
    """Statements that another life of ours, or somebody else, left running as the same account."""
    connections = [
        await aiomysql.connect(
            host=mariadb.host, port=mariadb.port, user=mariadb.user, password=mariadb.password
        )
        for _ in statements
    ]
    runs = [
        asyncio.create_task(connection.query(sql))
        for connection, sql in zip(connections, statements, strict=True)
    ]
    try:
        yield
    finally:
        for connection in connections:
            with suppress(aiomysql.OperationalError):  # one that has been ended already
                await mariadb.execute(f"KILL {connection.thread_id()}")
        await asyncio.gather(*runs, return_exceptions=True)
        for connection in connections:
            connection.close()


class Relay:
    """Stands before the server and breaks connections: at the next request, or where some bytes pass."""

    def __init__(self, target: MariaDb) -> None:
        self.port = 0
        self.connections = 0
        self.requests = 0
        self.cut_next_request = False
        self.cut_at = b""
        self._target = target

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        back_reader, back_writer = await asyncio.open_connection(self._target.host, self._target.port)
        back = asyncio.create_task(_copy(back_reader, writer))
        try:
            while data := await reader.read(65536):
                if self.cut_next_request or (self.cut_at and self.cut_at in data):
                    self.cut_next_request = False
                    break
                self.requests += 1
                back_writer.write(data)
        except OSError:
            pass
        finally:
            back.cancel()
            writer.transport.abort()
            back_writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def _relay(mariadb: MariaDb) -> AsyncIterator[Relay]:
    relay = Relay(mariadb)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    yield relay
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def _impostor(greeting: bytes, *, hang_up: bool = False) -> AsyncIterator[int]:
    """Something else on the port: it says this to whoever connects, and then nothing."""
    writers: list[asyncio.StreamWriter] = []

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(greeting)
        if hang_up:
            writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    for writer in writers:
        writer.close()
    server.close()
    await server.wait_closed()
