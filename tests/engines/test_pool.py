"""The pool alone, with connections that do what the test says."""

import asyncio

import pytest

from text2sql_ws.engines import pool
from text2sql_ws.engines.pool import Pool
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say


class Wire:
    """A connection whose settling waits for the test."""

    def __init__(self) -> None:
        self.is_alive = True
        self.is_reusable = True
        self.is_closed = False
        self.settled = asyncio.Event()
        self.settled.set()

    async def settle(self) -> bool:
        await self.settled.wait()
        return self.is_reusable

    async def close(self) -> None:
        self.is_closed = True


class Dialler:
    def __init__(self) -> None:
        self.made: list[Wire] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.refusals = 0

    async def __call__(self) -> Wire:
        await self.hold.wait()
        if self.refusals:
            self.refusals -= 1
            raise Fault(Code.DATABASE_CONNECTION_FAILED, say("database.unreachable"))
        self.made.append(Wire())
        return self.made[-1]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SLOT_SECONDS", 0.05)


async def test_what_came_back_is_lent_again() -> None:
    dial = Dialler()
    lender = Pool(dial, 2)
    first = await lender.borrow()
    lender.give_back(first)
    await turns()
    assert await lender.borrow() is first
    assert len(dial.made) == 1


async def test_a_slot_is_not_free_before_its_connection_is_settled() -> None:
    lender = Pool(Dialler(), 1)
    wire = await lender.borrow()
    wire.settled.clear()
    lender.give_back(wire)
    with pytest.raises(Fault) as crowded:
        await lender.borrow()
    assert crowded.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    wire.settled.set()
    assert await lender.borrow() is wire


async def test_what_cannot_be_settled_is_closed_and_replaced() -> None:
    lender = Pool(Dialler(), 1)
    wire = await lender.borrow()
    wire.is_reusable = False
    lender.give_back(wire)
    assert await lender.borrow() is not wire
    assert wire.is_closed


async def test_what_died_idle_is_closed_and_replaced() -> None:
    lender = Pool(Dialler(), 1)
    wire = await lender.borrow()
    lender.give_back(wire)
    await turns()
    wire.is_alive = False
    assert await lender.borrow() is not wire
    await turns()
    assert wire.is_closed


async def test_given_back_twice_is_given_back_once() -> None:
    lender = Pool(Dialler(), 1)
    wire = await lender.borrow()
    lender.give_back(wire)
    lender.give_back(wire)
    await turns()
    assert await lender.borrow() is wire
    with pytest.raises(Fault):
        await lender.borrow()


async def test_a_refused_connection_costs_no_slot() -> None:
    dial = Dialler()
    dial.refusals = 5
    lender = Pool(dial, 1)
    for _ in range(5):
        with pytest.raises(Fault):
            await lender.borrow()
    assert await lender.borrow()


async def test_no_slot_is_lost_to_a_cancel_at_any_turn() -> None:
    dial = Dialler()
    lender = Pool(dial, 2)
    for count in range(12):
        holders = [await lender.borrow() for _ in range(2)]
        waiting = [asyncio.create_task(lender.borrow()) for _ in range(3)]
        await turns(1)
        for holder in holders:
            lender.give_back(holder)
        await turns(count)
        for task in waiting:
            task.cancel()
        for got in await asyncio.gather(*waiting, return_exceptions=True):
            if isinstance(got, Wire):
                lender.give_back(got)
        await turns()
        assert lender.is_quiet
        again = [await lender.borrow() for _ in range(2)]
        for wire in again:
            lender.give_back(wire)
        await turns()


async def test_one_that_dials_slowly_holds_up_nobody_with_an_idle_connection() -> None:
    dial = Dialler()
    lender = Pool(dial, 3)
    idle = await lender.borrow()
    other = await lender.borrow()
    dial.hold.clear()
    slow = asyncio.create_task(lender.borrow())
    await turns()
    lender.give_back(other)
    lender.give_back(idle)
    await turns()
    assert await lender.borrow() in (idle, other)
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_close_closes_all_and_refuses_more() -> None:
    dial = Dialler()
    lender = Pool(dial, 3)
    wires = [await lender.borrow() for _ in range(3)]
    lender.give_back(wires[0])
    await turns()
    await lender.close()
    await lender.close()
    assert all(wire.is_closed for wire in wires)
    with pytest.raises(Fault):
        await lender.borrow()


async def test_closed_while_one_is_being_dialled() -> None:
    dial = Dialler()
    dial.hold.clear()
    lender = Pool(dial, 1)
    late = asyncio.create_task(lender.borrow())
    await turns()
    await lender.close()
    dial.hold.set()
    with pytest.raises(Fault):
        await late
    await turns()
    assert dial.made[0].is_closed


async def test_close_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "CLOSE_SECONDS", 0.05)
    lender = Pool(Dialler(), 1)
    wire = await lender.borrow()
    wire.settled.clear()
    await lender.close()
    wire.settled.set()
    await turns()
    assert wire.is_closed
