"""What `engine.py` promises, held against every engine on a real database."""

import asyncio
import random

import orjson
import pytest

from tests.engines.rigs import Rig, Taken, fetch, held, quiet, running, statement
from text2sql_ws.engines import pool
from text2sql_ws.engines.engine import Chunk, Engine
from text2sql_ws.engines.outflow import CHUNK_BYTES, FIRST_ROWS
from text2sql_ws.errors import Code, Fault

# --- chunks ------------------------------------------------------------------------------------------


async def test_rows_arrive_in_order_and_the_last_chunk_says_so(rig: Rig, engine: Engine) -> None:
    taken, total = await fetch(engine, rig.many(2345), chunk_rows=300)
    assert taken.rows == [[i, f"row {i}"] for i in range(1, 2346)]
    assert [chunk.is_last for chunk in taken.chunks] == [False] * (len(taken.chunks) - 1) + [True]
    assert sum(chunk.row_count for chunk in taken.chunks) == total.row_count == 2345
    assert total.chunks == len(taken.chunks)
    assert not total.truncated
    assert {chunk.columns for chunk in taken.chunks} == {total.columns}
    assert [(column.name, column.type) for column in total.columns] == [("i", "integer"), ("name", "string")]


@pytest.mark.parametrize(
    "rows", [1, FIRST_ROWS - 1, FIRST_ROWS, FIRST_ROWS + 1, 499, 500, 501, 549, 550, 551]
)
async def test_every_number_of_rows_round_a_boundary(rig: Rig, engine: Engine, rows: int) -> None:
    taken, total = await fetch(engine, rig.many(rows))
    assert [row[0] for row in taken.rows] == list(range(1, rows + 1))
    assert [chunk.is_last for chunk in taken.chunks].index(True) == len(taken.chunks) - 1
    assert (total.row_count, total.truncated) == (rows, False)


async def test_no_rows_give_one_empty_last_chunk_with_columns(engine: Engine) -> None:
    taken, total = await fetch(engine, "SELECT id, name FROM departments WHERE id < 0")
    (chunk,) = taken.chunks
    assert (chunk.rows_json, chunk.row_count, chunk.is_last) == (b"[]", 0, True)
    assert [(column.name, column.type) for column in chunk.columns] == [("id", "integer"), ("name", "string")]
    assert (total.row_count, total.chunks) == (0, 1)


async def test_the_first_chunk_is_small_and_none_is_large(rig: Rig, engine: Engine) -> None:
    taken, _ = await fetch(engine, rig.many(30_000), chunk_rows=100_000)
    assert taken.chunks[0].row_count <= FIRST_ROWS
    assert max(len(chunk.rows_json) for chunk in taken.chunks) <= CHUNK_BYTES
    assert max(chunk.row_count for chunk in taken.chunks) > 1000


async def test_no_chunk_has_more_rows_than_asked(rig: Rig, engine: Engine) -> None:
    taken, _ = await fetch(engine, rig.many(1000), chunk_rows=7)
    assert max(chunk.row_count for chunk in taken.chunks) == 7
    assert len(taken.rows) == 1000


async def test_text_that_grows_when_escaped_still_fits_chunks(engine: Engine) -> None:
    quotes = '"' * 900
    sql = f"SELECT a.id, '{quotes}' AS q FROM departments a " + " ".join(
        f"CROSS JOIN departments {name}" for name in "bcdefg"
    )
    taken, total = await fetch(engine, sql)
    assert total.row_count == 3**7
    assert all(row[1] == quotes for row in taken.rows)
    assert max(len(chunk.rows_json) for chunk in taken.chunks) <= CHUNK_BYTES


async def test_rows_json_is_json_of_as_many_rows_as_it_says(rig: Rig, engine: Engine) -> None:
    taken, _ = await fetch(engine, rig.many(1200))
    assert all(len(orjson.loads(chunk.rows_json)) == chunk.row_count for chunk in taken.chunks)


@pytest.mark.parametrize("cap", [1, 49, 50, 51, 550, 551, 999])
async def test_a_result_beyond_the_cap_is_cut_and_says_so(rig: Rig, engine: Engine, cap: int) -> None:
    taken, total = await fetch(engine, rig.many(1000), max_rows=cap)
    assert [row[0] for row in taken.rows] == list(range(1, cap + 1))
    assert (total.row_count, total.truncated) == (cap, True)
    assert [chunk.is_last for chunk in taken.chunks].index(True) == len(taken.chunks) - 1


async def test_a_result_of_exactly_the_cap_is_whole(rig: Rig, engine: Engine) -> None:
    for rows in (1, 50, 500, 1000):
        taken, total = await fetch(engine, rig.many(rows), max_rows=rows)
        assert (len(taken.rows), total.truncated) == (rows, False)


async def test_a_truncated_endless_result_leaves_nothing_running(rig: Rig, engine: Engine) -> None:
    _, total = await fetch(engine, rig.many(50_000_000), max_rows=1000)
    assert total.truncated
    await quiet(rig, engine)


# --- errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "code", "mendable"),
    [
        ("SELECT 1 1 FROM", Code.SQL_SYNTAX_ERROR, True),
        ("SELECT 1 FROM", Code.SQL_SYNTAX_ERROR, True),
        ("SELECT absent FROM departments", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT * FROM nowhere", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT id FROM departments a, departments b", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT no_such_function(1)", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT (SELECT id, name FROM departments)", Code.SQL_EXECUTION_FAILED, True),
        ("SELECT 1; SELECT 2", Code.SQL_SYNTAX_ERROR, True),
        ("SELECT 1; DROP TABLE departments", Code.SQL_SYNTAX_ERROR, True),
        ("SELECT '\ud800'", Code.SQL_SYNTAX_ERROR, True),
    ],
)
async def test_what_the_database_refuses(
    rig: Rig, engine: Engine, sql: str, code: Code, mendable: bool
) -> None:
    taken = Taken()
    with pytest.raises(Fault) as refused:
        await engine.run(statement(sql), taken)
    assert (refused.value.code, refused.value.mendable) == (code, mendable)
    assert refused.value.message.en
    assert taken.chunks == []
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
    await quiet(rig, engine)


async def test_the_databases_own_words_are_quoted(engine: Engine) -> None:
    with pytest.raises(Fault, match="absent"):
        await fetch(engine, "SELECT absent FROM departments")


@pytest.mark.usefixtures("any_words")
async def test_writing_is_refused_by_the_session_itself(rig: Rig) -> None:
    engine = rig.open_as_admin()  # type: ignore[attr-defined]
    for sql in rig.write:
        with pytest.raises(Fault) as refused:
            await fetch(engine, sql)
        assert refused.value.code is Code.SQL_NOT_READ_ONLY, sql
    taken, _ = await fetch(engine, "SELECT COUNT(*), MIN(name) FROM departments")
    assert taken.rows[0][0] == 3
    await engine.close()


@pytest.mark.parametrize(
    ("sql", "kind", "name"),
    [
        ("SELECT nme FROM departments", "column", "nme"),
        ("SELECT d.nme FROM departments d", "column", "d.nme"),
        ("SELECT * FROM departmnts", "table", "departmnts"),
        ("SELECT * FROM `单位`", "table", "单位"),
        ("SELECT id FROM departments a, departments b", "ambiguous", "id"),
    ],
)
async def test_the_name_that_the_database_could_not_place(
    engine: Engine, sql: str, kind: str, name: str
) -> None:
    with pytest.raises(Fault) as refused:
        await fetch(engine, sql)
    misnamed = refused.value.misnamed
    assert misnamed is not None
    assert (misnamed.kind, misnamed.name) == (kind, name)


async def test_a_mistake_without_a_name_names_none(engine: Engine) -> None:
    with pytest.raises(Fault) as refused:
        await fetch(engine, "SELECT (SELECT id, name FROM departments)")
    assert refused.value.misnamed is None


async def test_what_on_chunk_raises_comes_out_as_it_is(rig: Rig, engine: Engine) -> None:
    async def fail(_chunk: Chunk) -> None:
        raise ValueError("not yours")

    with pytest.raises(ValueError, match="not yours"):
        await engine.run(statement(rig.many(100_000)), fail)
    await quiet(rig, engine)


# --- time --------------------------------------------------------------------------------------------


async def test_a_statement_that_takes_too_long_is_stopped(rig: Rig, engine: Engine) -> None:
    with pytest.raises(Fault) as late:
        await fetch(engine, rig.stuck, timeout_seconds=0.3)
    assert late.value.code is Code.TIMEOUT_ERROR
    assert "0.3" in late.value.message.en
    await quiet(rig, engine)


async def test_rows_that_take_too_long_are_stopped(rig: Rig, engine: Engine) -> None:
    with pytest.raises(Fault) as late:
        await fetch(engine, rig.slow_rows, timeout_seconds=0.5)
    assert late.value.code is Code.TIMEOUT_ERROR
    await quiet(rig, engine)


async def test_the_clients_time_is_not_the_statements(rig: Rig, engine: Engine) -> None:
    rows = 0

    async def dawdle(chunk: Chunk) -> None:
        nonlocal rows
        rows += chunk.row_count
        await asyncio.sleep(0.3 if rows < 1000 else 0)

    await engine.run(statement(rig.many(20_000), timeout_seconds=0.5), dawdle)
    assert rows == 20_000


# --- pressure ----------------------------------------------------------------------------------------


async def test_while_a_chunk_is_not_taken_no_more_is_read(rig: Rig, engine: Engine) -> None:
    blocked, go = asyncio.Event(), asyncio.Event()
    rows = 0

    async def block(chunk: Chunk) -> None:
        nonlocal rows
        rows += chunk.row_count
        if rows > 100:
            blocked.set()
            await go.wait()

    run = asyncio.create_task(engine.run(statement(rig.many(300_000), max_rows=1_000_000), block))
    await blocked.wait()
    before = rows
    await asyncio.sleep(0.2)  # nothing tells when a thing has not happened
    assert rows == before
    assert await rig.running() <= 1
    go.set()
    assert (await run).row_count == rows == 300_000


async def test_the_event_loop_is_never_held_up(rig: Rig, engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    stalls: list[float] = []

    async def tick() -> None:
        while True:
            before = loop.time()
            await asyncio.sleep(0)
            stalls.append(loop.time() - before)

    ticking = asyncio.create_task(tick())
    await fetch(engine, rig.many(60_000))
    ticking.cancel()
    stalls.sort()
    assert stalls[-3] < 0.1  # generous: the machine that runs this may be busy with other things


# --- cancelling --------------------------------------------------------------------------------------


async def test_cancelled_before_the_first_row(rig: Rig, engine: Engine) -> None:
    run = asyncio.create_task(fetch(engine, rig.stuck))
    await running(rig)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await quiet(rig, engine)
    assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]


async def test_cancelled_in_the_middle_of_rows(rig: Rig, engine: Engine) -> None:
    first = asyncio.Event()

    async def take(_chunk: Chunk) -> None:
        first.set()
        await asyncio.sleep(0)

    run = asyncio.create_task(engine.run(statement(rig.many(50_000_000), max_rows=10**9), take))
    await first.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await quiet(rig, engine)


async def test_cancelled_while_the_client_dawdles(rig: Rig, engine: Engine) -> None:
    blocked = asyncio.Event()

    async def block(_chunk: Chunk) -> None:
        blocked.set()
        await asyncio.Event().wait()

    run = asyncio.create_task(engine.run(statement(rig.many(50_000_000), max_rows=10**9), block))
    await blocked.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await quiet(rig, engine)


async def test_cancelled_after_every_turn_of_the_loop(rig: Rig, engine: Engine) -> None:
    for turns in range(60):
        run = asyncio.create_task(fetch(engine, rig.many(2000)))
        for _ in range(turns):
            await asyncio.sleep(0)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    await quiet(rig, engine)
    assert len((await fetch(engine, rig.many(2000)))[0].rows) == 2000


async def test_a_slot_is_free_only_when_its_statement_is_gone(rig: Rig) -> None:
    engine = rig.open(pool_size=1)
    for _ in range(5):
        run = asyncio.create_task(fetch(engine, rig.stuck))
        await running(rig)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        assert (await fetch(engine, "SELECT 1"))[0].rows == [[1]]
        assert await rig.running() == 0
    await engine.close()


async def test_two_hundred_rounds_leave_nothing_behind(rig: Rig) -> None:
    engine = rig.open(pool_size=4)
    await asyncio.gather(*(fetch(engine, "SELECT 1") for _ in range(4)))
    await quiet(rig, engine)
    before, dice = held(), random.Random(7)
    for start in range(0, 200, 10):
        await asyncio.gather(*(_round(rig, engine, number, dice) for number in range(start, start + 10)))
    await quiet(rig, engine)
    await engine.connect()
    await quiet(rig, engine)
    assert held()[0] == before[0]
    assert held()[1] <= before[1]
    assert held()[2] <= before[2]
    assert await rig.open_connections() <= 4
    await engine.close()
    async with asyncio.timeout(10):  # the server notices a closed connection in its own time
        while await rig.open_connections():
            await asyncio.sleep(0.01)


async def _round(rig: Rig, engine: Engine, number: int, dice: random.Random) -> None:
    match number % 4:
        case 0:
            assert len((await fetch(engine, rig.many(1500)))[0].rows) == 1500
        case 1:
            with pytest.raises(Fault):
                await fetch(engine, "SELECT * FROM nowhere")
        case _:
            sql = rig.stuck if number % 4 == 2 else rig.many(10_000_000)
            run = asyncio.create_task(fetch(engine, sql, max_rows=10**9))
            await asyncio.sleep(dice.random() * 0.02)
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


# --- slots, connecting, closing ----------------------------------------------------------------------


async def test_no_slot_in_time_is_a_limit_not_a_failure(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SLOT_SECONDS", 0.1)
    engine = rig.open(pool_size=2)
    runs = [asyncio.create_task(fetch(engine, rig.stuck)) for _ in range(2)]
    await running(rig, 2)
    with pytest.raises(Fault) as crowded:
        await fetch(engine, "SELECT 1")
    assert crowded.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    for run in runs:
        run.cancel()
    await asyncio.gather(*runs, return_exceptions=True)
    await engine.close()


async def test_more_queries_than_slots_wait_their_turn(rig: Rig) -> None:
    engine = rig.open(pool_size=2)
    results = await asyncio.gather(*(fetch(engine, rig.many(700)) for _ in range(12)))
    assert {len(taken.rows) for taken, _ in results} == {700}
    assert await rig.open_connections() <= 2
    await engine.close()


async def test_connect_gives_the_version(engine: Engine) -> None:
    version = await engine.connect()
    assert version[0].isdigit()
    assert version == await engine.connect()


async def test_close_ends_what_runs_and_may_be_repeated(rig: Rig) -> None:
    engine = rig.open()
    runs = [asyncio.create_task(fetch(engine, rig.stuck)) for _ in range(3)]
    await running(rig, 3)
    async with asyncio.timeout(10):
        await engine.close()
    outcomes = await asyncio.gather(*runs, return_exceptions=True)
    assert all(isinstance(outcome, Fault) for outcome in outcomes)
    await engine.close()
    assert await rig.running() == 0
    with pytest.raises(Fault) as closed:
        await fetch(engine, "SELECT 1")
    assert closed.value.code is Code.DATABASE_CONNECTION_FAILED
