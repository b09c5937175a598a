"""The channel: order, fairness, bounds, priority, and a journal that is whole."""

import asyncio
from datetime import UTC, datetime
from typing import ClassVar

import orjson
import pytest

from tests.support.fakes import ManualClock
from text2sql_ws.channel import FRAME_OVERHEAD, NOTICES, Channel, Overwhelmed
from text2sql_ws.dialects.dialect import Frames
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.events import (
    Event,
    HeartbeatSent,
    Notice,
    QueryCancelled,
    QueryStarted,
    RowsReady,
    SqlReady,
    Stage,
    StageProgressed,
    Stamped,
    Token,
)
from text2sql_ws.texts import verbatim

AT = datetime(2026, 11, 21, tzinfo=UTC)


def channel(limit: int = 1 << 20, journal: int = 4 << 20) -> Channel:
    return Channel(Text2Sql("s", 1, "zh", 4000), ManualClock(), limit, journal)


def of(query_id: str, event: Event) -> Stamped:
    return Stamped(query_id, AT, "zh", event)


def token(text: str, index: int = 0, attempt: int = 1) -> Token:
    return Token("sql", text, index, attempt)


def rows(size: int) -> RowsReady:
    return RowsReady(0, 0, (), b"[" + b" " * (size - 2) + b"]", 0, False)


def drained(ch: Channel) -> list[dict]:
    frames = []
    while (frame := ch.take_now()) is not None:
        frames.append(orjson.loads(frame))
    return frames


async def test_sequences_count_from_one_without_a_gap_in_the_order_of_the_wire() -> None:
    ch = channel()
    await ch.put(of("a", SqlReady("1", 1)))
    await ch.put(of("b", SqlReady("2", 1)))
    await ch.put(of("a", SqlReady("3", 1)))
    assert [(f["sequence"], f["data"]["sql"]) for f in drained(ch)] == [(1, "1"), (2, "2"), (3, "3")]


async def test_waiting_deltas_of_one_kind_and_attempt_travel_together() -> None:
    ch = channel()
    for index, text in enumerate("SELECT"):
        await ch.put(of("a", token(text, index)))
    await ch.put(of("a", token("x", 0, attempt=2)))
    await ch.put(of("a", Token("reasoning", "hm", 0, 2)))
    frames = drained(ch)
    assert [f["data"]["delta"] for f in frames] == ["SELECT", "x", "hm"]
    assert [f["data"]["index"] for f in frames] == [0, 0, 0]


async def test_a_lone_delta_waits_for_no_company() -> None:
    ch = channel()
    await ch.put(of("a", token("S")))
    assert orjson.loads(await ch.take())["data"]["delta"] == "S"


async def test_waiting_progress_gives_way_to_newer_progress_of_its_stage_only() -> None:
    ch = channel()
    for stage, progress in (
        (Stage.GENERATING_SQL, 45),
        (Stage.GENERATING_SQL, 50),
        (Stage.VALIDATING_SQL, 55),
    ):
        await ch.put(of("a", StageProgressed(stage, progress, verbatim("…"))))
    assert [f["data"]["progress"]["progress"] for f in drained(ch)] == [50, 55]


async def test_progress_with_details_is_not_dropped() -> None:
    ch = channel()
    await ch.put(of("a", StageProgressed(Stage.GENERATING_SQL, 45, verbatim("…"), {"tables": ["t"]})))
    await ch.put(of("a", StageProgressed(Stage.GENERATING_SQL, 46, verbatim("…"))))
    assert len(drained(ch)) == 2


async def test_notices_overtake_and_bear_no_sequence() -> None:
    ch = channel()
    await ch.put(of("a", SqlReady("1", 1)))
    ch.offer(HeartbeatSent())
    frames = drained(ch)
    assert [f["type"] for f in frames] == ["heartbeat", "query_sql"]
    assert "sequence" not in frames[0]


async def test_a_full_outbox_makes_rows_wait_until_something_is_taken() -> None:
    ch = channel(limit=10_000)
    await ch.put(of("a", rows(6000)))
    waiting = asyncio.ensure_future(ch.put(of("a", rows(6000))))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert ch.is_crowded
    ch.take_now()
    await waiting
    assert not ch.is_crowded


async def test_one_querys_rows_never_hold_up_another_querys_tokens() -> None:
    ch = channel(limit=10_000)
    await ch.put(of("a", rows(9500)))
    async with asyncio.timeout(5):
        await ch.put(of("b", token("S")))
    assert [f["type"] for f in drained(ch)] == ["query_result", "query_token"]


async def test_lanes_take_turns() -> None:
    ch = channel()
    for number in range(3):
        await ch.put(of("a", SqlReady(f"a{number}", 1)))
    for number in range(2):
        await ch.put(of("b", SqlReady(f"b{number}", 1)))
    assert [f["data"]["sql"] for f in drained(ch)] == ["a0", "b0", "a1", "b1", "a2"]


async def test_a_cancel_drops_what_waits_but_the_start_and_the_end() -> None:
    ch = channel(limit=10_000)
    ch.put_now(of("a", QueryStarted("q")))
    await ch.put(of("a", rows(6000)))
    waiting = asyncio.ensure_future(ch.put(of("a", rows(6000))))
    await asyncio.sleep(0)
    ch.drop("a")
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    ch.drop("a")
    ch.put_now(of("a", QueryCancelled()))
    assert [f["type"] for f in drained(ch)] == ["query_start", "query_cancel"]


async def test_taking_everything_frees_everything() -> None:
    ch = channel(limit=10_000)
    for _ in range(100):
        await ch.put(of("a", rows(5000)))
        ch.put_now(of("a", QueryCancelled()))
        drained(ch)
    async with asyncio.timeout(5):
        await ch.put(of("b", SqlReady("1", 1)))
        await ch.put(of("b", rows(10_000 - 2 * FRAME_OVERHEAD)))


@pytest.mark.parametrize("seen", range(11))
async def test_who_comes_back_gets_all_that_followed_and_nothing_twice(seen: int) -> None:
    ch = channel()
    for number in range(10):
        await ch.put(of("a", SqlReady(str(number), 1)))
    whole = drained(ch)
    await ch.put(of("a", SqlReady("new", 1)))
    assert ch.attach(seen) == ("resumed", 10 - seen)
    resumed = drained(ch)
    assert resumed[: 10 - seen] == whole[seen:]
    assert [f["sequence"] for f in resumed] == list(range(seen + 1, 12))


async def test_what_is_no_longer_kept_is_a_gap_and_what_never_was_is_unknown() -> None:
    ch = channel(journal=1500)
    for number in range(10):
        await ch.put(of("a", SqlReady(str(number), 1)))
    drained(ch)
    assert ch.attach(0) == ("gap", 0)
    assert ch.attach(10) == ("resumed", 0)
    assert ch.attach(11) == ("unknown", 0)
    assert ch.attach(None) == ("resumed", 0)


async def test_more_notices_than_anyone_would_let_wait_are_refused() -> None:
    ch = channel()
    for _ in range(NOTICES):
        ch.offer(HeartbeatSent())
    with pytest.raises(Overwhelmed):
        ch.offer(HeartbeatSent())


class Thrice:
    """A renderer that makes three frames of everything, numbered as it was told to."""

    name: ClassVar[str] = "thrice"

    def render(self, stamped: Stamped, sequence: int) -> Frames:
        return tuple(f"{stamped.query_id}{sequence + n}".encode() for n in range(3))

    def notice(self, notice: Notice, at: datetime) -> bytes:
        return b"notice"


def taken(ch: Channel, most: int = 100) -> list[str]:
    frames = []
    while len(frames) < most and (frame := ch.take_now()) is not None:
        frames.append(frame.decode())
    return frames


async def test_several_frames_of_an_event_stay_together_but_for_notices() -> None:
    ch = Channel(Thrice(), ManualClock(), 1 << 20, 4 << 20)
    await ch.put(of("a", SqlReady("1", 1)))
    await ch.put(of("b", SqlReady("2", 1)))
    assert taken(ch, 2) == ["a1", "a2"]
    assert not ch.is_empty
    ch.offer(HeartbeatSent())
    assert taken(ch) == ["notice", "a3", "b4", "b5", "b6"]
    assert ch.is_empty
    assert ch.last_sequence == 6


async def test_a_cancel_drops_the_rest_of_an_event_and_leaves_no_gap() -> None:
    ch = Channel(Thrice(), ManualClock(), 1 << 20, 4 << 20)
    await ch.put(of("a", SqlReady("1", 1)))
    assert taken(ch, 1) == ["a1"]
    ch.drop("b")
    assert taken(ch, 1) == ["a2"]
    ch.drop("a")
    ch.put_now(of("a", QueryCancelled()))
    assert taken(ch) == ["a3", "a4", "a5"]


@pytest.mark.parametrize("seen", range(7))
async def test_who_comes_back_between_two_frames_of_an_event_misses_none(seen: int) -> None:
    ch = Channel(Thrice(), ManualClock(), 1 << 20, 4 << 20)
    await ch.put(of("a", SqlReady("1", 1)))
    await ch.put(of("a", SqlReady("2", 1)))
    arrived = taken(ch, seen)[: seen // 2]
    assert ch.attach(len(arrived)) == ("resumed", seen - len(arrived))
    assert arrived + taken(ch) == [f"a{n}" for n in range(1, 7)]


async def test_deltas_may_each_keep_a_frame_of_their_own() -> None:
    ch = Channel(Text2Sql("s", 1, "zh", 4000), ManualClock(), 1 << 20, 0, joined_chars=0)
    for index, text in enumerate("SELECT"):
        await ch.put(of("a", token(text, index)))
    assert [frame["data"]["delta"] for frame in drained(ch)] == list("SELECT")


async def test_a_token_before_which_nothing_waits_goes_as_it_comes_and_any_other_waits_its_turn() -> None:
    """As long as the writer is not busy."""

    class Hands:
        """A courier that fetches in the call that asks for it, unless it is busy."""

        idle = True

        def fetch(self, *, at_once: bool) -> None:
            if at_once and self.idle:
                taken.extend(drained(ch))

        def carry(self, frame: bytes) -> None:
            taken.append(orjson.loads(frame))

    ch, taken, hands = channel(), list[dict](), Hands()
    ch.bell.call(hands)
    await ch.put(of("a", token("SELECT ", 0)))
    assert [(f["sequence"], f["data"]["delta"]) for f in taken] == [(1, "SELECT ")]
    assert ch.is_empty
    assert ch.waiting_bytes == 0
    hands.idle = False
    await ch.put(of("a", token("name", 1)))
    await ch.put(of("a", token(" FROM", 2)))
    await ch.put(of("b", token("x", 0)))
    assert len(taken) == 1
    hands.idle = True
    hands.fetch(at_once=True)
    told = [(f["sequence"], f["data"]["delta"]) for f in taken[1:]]
    assert told == [(2, "name FROM"), (3, "x")]
    assert ch.attach(0) == ("resumed", 3)
