"""The rooms of `chat` by themselves: what waits for one connection, and whom an answer waits for."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.support.fakes import ManualClock
from text2sql_ws.channel import NOTICES, Overwhelmed
from text2sql_ws.chat.answers import Reply
from text2sql_ws.chat.circles import REMEMBERED, Circle, Delivery
from text2sql_ws.chat.outbox import FRAME_OVERHEAD, PATIENCE, Outbox
from text2sql_ws.clock import SystemClock
from text2sql_ws.dialects.chat import Chat
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import HeartbeatSent, QueryCancelled, QueryStarted, Stamped, Token
from text2sql_ws.ledger import Entry, Ledger
from text2sql_ws.messages import Conversation
from text2sql_ws.texts import say

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
LIMIT = 1000
VOICE = Chat("en", 4000, "s1", "m1")


def outbox() -> Outbox:
    return Outbox(VOICE, ManualClock(), LIMIT)


def taken(box: Outbox) -> list[bytes]:
    frames = []
    while (frame := box.take_now()) is not None:
        frames.append(frame)
    return frames


# --- what waits for one connection ------------------------------------------------------------------


def test_frames_go_out_in_order_and_notices_ahead_of_them() -> None:
    box = outbox()
    box.push(b"1")
    box.push_answer(b"2", "q")
    box.offer(HeartbeatSent())
    first, *rest = taken(box)
    assert b'"ping"' in first
    assert rest == [b"1", b"2"]


async def test_the_bell_rings_when_there_is_something_to_take() -> None:
    for give in (
        lambda box: box.push(b"1"),
        lambda box: box.push_answer(b"1"),
        lambda box: box.offer_frame(b"1"),
    ):
        box = outbox()
        waiting = asyncio.create_task(box.bell.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        give(box)
        await waiting
        assert taken(box) == [b"1"]


def test_what_people_say_is_bounded_and_an_answer_waits_by_itself() -> None:
    box, piece = outbox(), b"x" * (LIMIT - FRAME_OVERHEAD)
    for _ in range(PATIENCE + 1):
        box.push(piece)
    assert box.is_crowded
    box.push_answer(piece, "q")
    with pytest.raises(Overwhelmed):
        box.push(b"1")
    assert len(taken(box)) == PATIENCE + 2
    assert not box.is_crowded
    box.push(b"1")


def test_notices_are_bounded() -> None:
    box = outbox()
    for _ in range(NOTICES):
        box.offer(HeartbeatSent())
    with pytest.raises(Overwhelmed):
        box.offer(HeartbeatSent())


async def test_room_comes_back_as_frames_are_taken_dropped_or_given_up() -> None:
    for give_way in (taken, lambda box: box.drop("q"), Outbox.close):
        box = outbox()
        box.push_answer(b"x" * LIMIT, "q")
        waiting = asyncio.create_task(box.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        give_way(box)  # type: ignore[operator]
        await waiting
        assert box.waiting_bytes == 0


def test_a_cancel_drops_what_waits_of_its_answer_and_nothing_else() -> None:
    box = outbox()
    box.push_answer(b"its start")
    box.push_answer(b"a delta", "q1")
    box.push_answer(b"another's delta", "q2")
    box.push(b"a word")
    box.drop("q1")
    assert taken(box) == [b"its start", b"another's delta", b"a word"]


def test_a_frame_was_heard_when_the_next_is_asked_for_and_lost_when_the_connection_goes() -> None:
    box, heard = outbox(), list[tuple[str, bool]]()

    def told(name: str) -> Callable[[bool], None]:
        return lambda taken: heard.append((name, taken))

    for name in "abc":
        box.push(name.encode(), told(name))
    box.take_now()
    assert heard == [], "it is on its way"
    box.take_now()
    assert heard == [("a", True)]
    box.close()
    assert heard == [("a", True), ("b", False), ("c", False)]
    box.push(b"d", told("d"))
    assert heard[-1] == ("d", False)
    assert taken(box) == []


# --- who hears --------------------------------------------------------------------------------------


class Seated:
    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.outbox = outbox()
        self.dropped = False

    def drop_out(self) -> None:
        self.dropped = True
        self.outbox.close()


def circle(*seats: Seated) -> Circle:
    made = Circle(Conversation("c1", "chat", "alice", "s1", "", AT, AT))
    for seat in seats:
        made.enter(seat)
    return made


@pytest.mark.parametrize(
    ("words", "delivered"),
    [([True, True], [False, True]), ([False, True], [False, True]), ([False, False], [False, False])],
)
def test_a_message_is_delivered_when_the_last_has_taken_it_and_one_did(
    words: list[bool], delivered: list[bool]
) -> None:
    delivery = Delivery(len(words))
    assert [delivery.heard(word) for word in words] == delivered


def test_who_lets_too_much_wait_is_dropped_and_the_others_hear_on() -> None:
    stopped, lively = Seated("alice"), Seated("bob")
    both = circle(stopped, lively)
    heard = 0
    for _ in range(10):
        both.tell(b"x" * LIMIT)
        heard += len(taken(lively.outbox))
    assert heard == 10
    assert (stopped.dropped, lively.dropped) == (True, False)


def test_authors_are_remembered_so_far_back() -> None:
    here = circle()
    for number in range(REMEMBERED + 1):
        here.note(f"m{number}", "alice")
    assert (here.author("m0"), here.author("m1")) == (None, "alice")


# --- an answer --------------------------------------------------------------------------------------


class Unwritten(Ledger):
    """Keeps what it is given, and says so at once."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        entry.then(None)


class Full(Unwritten):
    """Takes nothing."""

    def add(self, entry: Entry) -> None:
        raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("storage.behind"))


def reply(heard_by: Circle, slow_seconds: float) -> Reply:
    return Reply(heard_by, "m1", "alice", VOICE, Unwritten(), SystemClock(), slow_seconds, lambda reply: None)


def stamped(text: str) -> Stamped:
    return Stamped("q1", AT, "en", Token("sql", text, 0, 1))


async def test_an_answer_waits_for_the_slow_and_drops_who_holds_it_up_too_long() -> None:
    slow, quick = Seated("alice"), Seated("bob")
    answer = reply(circle(slow, quick), 0.05)
    answer.put_now(Stamped("q1", AT, "en", QueryStarted("?")))
    await answer.put(stamped("x" * 100))
    putting = asyncio.ensure_future(answer.put(stamped("x" * LIMIT)))
    await asyncio.sleep(0)
    assert not putting.done()
    taken(quick.outbox)
    async with asyncio.timeout(5):
        await putting
    assert (slow.dropped, quick.dropped) == (True, False)


async def test_who_takes_something_now_and_then_holds_up_the_others_for_so_long_in_all() -> None:
    """A trickle gets through each time: what counts is the time that the others lost."""
    trickling, quick = Seated("alice"), Seated("bob")
    answer = reply(circle(trickling, quick), 0.2)
    async with asyncio.timeout(10):
        while not trickling.dropped:
            putting = asyncio.ensure_future(answer.put(stamped("x" * LIMIT)))
            await asyncio.sleep(0)
            taken(quick.outbox)
            await asyncio.sleep(0.05)
            taken(trickling.outbox)
            await putting
    assert not quick.dropped


async def test_who_listens_alone_may_take_the_time_that_its_connection_is_given() -> None:
    alone = Seated("alice")
    answer = reply(circle(alone), 0.01)
    putting = asyncio.ensure_future(answer.put(stamped("x" * LIMIT)))
    await asyncio.sleep(0.1)
    assert not putting.done()
    assert not alone.dropped
    taken(alone.outbox)
    await putting


async def test_an_answer_that_nobody_hears_goes_on() -> None:
    answer = reply(circle(), 0.01)
    for _ in range(10):
        await answer.put(stamped("x" * LIMIT))


def test_an_end_that_cannot_be_kept_is_told_all_the_same() -> None:
    seat = Seated("alice")
    ended: list[Reply] = []
    answer = Reply(circle(seat), "m1", "alice", VOICE, Full(), SystemClock(), 1, ended.append)
    answer.put_now(Stamped("q1", AT, "en", QueryCancelled()))
    assert b'"cancelled"' in taken(seat.outbox)[-1]
    assert ended == [answer]
