"""However an answer ends, and wherever it stands: one end is told, what was said is stored."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.fakes import TODAY, FakeEngine, ManualClock, ScriptedModel, pipeline_of
from tests.support.paths import PROMPTS
from tests.support.stories import Forgetful
from text2sql_ws.conversations import Conversations
from text2sql_ws.departures import Departure
from text2sql_ws.dialects.scm import Scm
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import Bulletin
from text2sql_ws.llm.model import Completion, Delta, OnDelta
from text2sql_ws.llm.prompts import read_prompts
from text2sql_ws.llm.providers import Offered, Providers
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.scm import Desk, Errands, Lobby, Premises
from text2sql_ws.scm.seat import Seat
from text2sql_ws.storage.database import open_database
from text2sql_ws.talking import Talker
from text2sql_ws.texts import verbatim
from text2sql_ws.users import User

DELTAS = ("供应链", "管理", "是", "协同。")
ALICE = User("alice", "alice", is_admin=False)


class Interrupted:
    """A model that says so many deltas, waits to be told, and then goes on or fails."""

    def __init__(self, deltas: int) -> None:
        self._before = deltas
        self.is_there = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.fault: Fault | None = None
        self.stopped = 0

    async def __call__(self, on_delta: OnDelta) -> Completion:
        for delta in DELTAS[: self._before]:
            await on_delta(Delta("content", delta))
        self.is_there.set()
        try:
            await self.may_go_on.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        if self.fault is not None:
            raise self.fault
        for delta in DELTAS[self._before :]:
            await on_delta(Delta("content", delta))
        return Completion("".join(DELTAS), "", None, "m")


@dataclass
class Line:
    """A connection without a socket."""

    left: list[Departure] = field(default_factory=list)

    def leave(self, departure: Departure) -> None:
        self.left.append(departure)

    def count_message(self) -> None:
        pass

    async def renew(self, token: str) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class House:
    lobby: Lobby
    queries: Queries
    conversations: Conversations
    errands: Errands
    model: Interrupted

    def sit(self) -> Seat:
        return self.lobby.attach("s1", ALICE, Line(), "k1", Scm("s1", "alice", "zh", 4000))

    async def stored(self) -> list[tuple[str, str, str]]:
        await self.errands.settle()
        (conversation,), _ = await self.conversations.page(("scm",), "alice")
        messages = await self.conversations.messages(conversation)
        return [(one.said.role, one.said.content, one.said.status) for one in messages]


@asynccontextmanager
async def house(folder: Path, deltas: int, resume_seconds: float = 60.0) -> AsyncIterator[House]:
    model, clock, bulletin = Interrupted(deltas), ManualClock(), Bulletin()
    scripted = ScriptedModel(model)
    database = await open_database(f"sqlite:///{folder}/own.db")
    conversations, errands = Conversations(database, clock), Errands()
    pipeline = pipeline_of(FakeEngine(), scripted)
    queries = Queries(pipeline, Forgetful(), clock, Quotas(3, 200, 600.0, 600.0), bulletin)
    providers = Providers({"main": Offered(scripted, ("m",))}, "main")
    talker = Talker(providers, read_prompts(PROMPTS), lambda: TODAY)
    desk = Desk(pipeline, talker, conversations, errands, 1000)
    lobby = Lobby(Premises(queries, providers, desk, clock, resume_seconds), bulletin, 30.0, 1 << 20)
    try:
        yield House(lobby, queries, conversations, errands, model)
    finally:
        await queries.close()
        await lobby.close()
        await database.aclose()


def ask(seat: Seat, **data: Any) -> None:
    body = {"message": "供应链?", "requestId": "r1"} | data
    seat.receive(orjson.dumps({"type": "CHAT_REQUEST", "data": body}).decode(), Line())


def told(seat: Seat) -> list[dict[str, Any]]:
    """Everything that waits for the connection."""
    frames = []
    while (frame := seat.channel.take_now()) is not None:
        frames.append(orjson.loads(frame))
    return frames


def ends(frames: list[dict[str, Any]]) -> list[str]:
    return [one["data"]["finishReason"] for one in frames if one["type"] == "CHAT_STREAM_END"]


# --- how it ends --------------------------------------------------------------------------------------


async def _goes_on(house: House, seat: Seat) -> None:
    house.model.may_go_on.set()


async def _fails(house: House, seat: Seat) -> None:
    house.model.fault = Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))
    house.model.may_go_on.set()


async def _is_cancelled(house: House, seat: Seat) -> None:
    seat.receive('{"type": "CHAT_CANCEL", "data": {"requestId": "r1"}}', Line())


async def _is_shut_down(house: House, seat: Seat) -> None:
    await house.queries.close()


Ending = Callable[[House, Seat], Awaitable[None]]
ENDINGS: dict[str, tuple[Ending, str, str]] = {
    "goes on": (_goes_on, "completed", "complete"),
    "fails": (_fails, "error", "failed"),
    "is cancelled": (_is_cancelled, "cancelled", "cancelled"),
    "is shut down": (_is_shut_down, "cancelled", "cancelled"),
}
"""What happens, the reason that is told, the status that is stored."""


async def over(house: House) -> None:
    async with asyncio.timeout(10):
        while house.queries.running():
            await asyncio.sleep(0)
        await house.errands.settle()


@pytest.mark.parametrize("deltas", range(len(DELTAS) + 1))
@pytest.mark.parametrize("name", ENDINGS)
@pytest.mark.parametrize("is_here", [True, False], ids=["here", "gone"])
async def test_one_end_is_told_and_what_was_said_is_stored(
    tmp_path: Path, name: str, deltas: int, is_here: bool
) -> None:
    end, reason, status = ENDINGS[name]
    async with house(tmp_path, deltas) as standing:
        seat = standing.sit()
        ask(seat)
        await standing.model.is_there.wait()
        if not is_here:
            standing.lobby.detach(seat)
            told(seat)
            seat_again = standing.sit()
        await end(standing, seat if is_here else seat_again)
        await over(standing)
        frames = told(seat)
        assert ends(frames) == ([reason] if is_here else [])
        assert is_here or frames == [], "who is gone is told nothing"
        said = "".join(DELTAS if reason == "completed" else DELTAS[:deltas])
        answer = [("assistant", said, status)] if said else []
        assert await standing.stored() == [("user", "供应链?", "complete"), *answer]
        assert standing.model.stopped == (1 if reason == "cancelled" else 0)
        standing.lobby.detach(seat if is_here else seat_again)
        assert len(standing.lobby) == 0


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancel_while_the_question_is_stored_does_not_lose_it(tmp_path: Path, turns: int) -> None:
    async with house(tmp_path, 0) as standing:
        seat = standing.sit()
        ask(seat)
        for _ in range(turns):
            await asyncio.sleep(0)
        seat.receive('{"type": "CHAT_CANCEL", "data": {"requestId": "r1"}}', Line())
        await over(standing)
        assert ends(told(seat)) == ["cancelled"]
        assert await standing.stored() == [("user", "供应链?", "complete")]
        assert not standing.model.is_there.is_set()
        standing.lobby.detach(seat)


async def test_who_is_gone_too_long_has_the_answer_stopped(tmp_path: Path) -> None:
    async with house(tmp_path, 2, resume_seconds=0) as standing:
        seat = standing.sit()
        ask(seat)
        await standing.model.is_there.wait()
        standing.lobby.detach(seat)
        assert len(standing.lobby) == 1, "the answer is still in it"
        await asyncio.sleep(0)
        await over(standing)
        assert (await standing.stored())[1] == ("assistant", "供应链管理", "cancelled")
        assert len(standing.lobby) == 0


async def test_a_storage_that_fails_costs_the_history_and_not_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, 1) as standing:
        seat = standing.sit()
        ask(seat)
        await standing.model.is_there.wait()

        async def fail(*_: object) -> None:
            raise Fault(Code.UNKNOWN_ERROR, verbatim("the disk is full"))

        monkeypatch.setattr(standing.conversations, "add", fail)
        standing.model.may_go_on.set()
        await over(standing)
        frames = told(seat)
        assert ends(frames) == ["completed"]
        (warning,) = [one for one in frames if one["type"] == "WARNING"]
        assert "the disk is full" in warning["data"]["message"]
        standing.lobby.detach(seat)


async def test_a_question_that_can_not_be_stored_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, 1) as standing:

        async def fail(*_: object) -> None:
            raise Fault(Code.UNKNOWN_ERROR, verbatim("the disk is full"))

        monkeypatch.setattr(standing.conversations, "open", fail)
        seat = standing.sit()
        ask(seat)
        await over(standing)
        frames = told(seat)
        assert ends(frames) == ["error"]
        assert [one["data"] for one in frames if one["type"] == "ERROR"] == ["the disk is full"]
        assert "WARNING" not in [one["type"] for one in frames], "said once"
        standing.lobby.detach(seat)


async def test_too_many_requests_at_once_are_told_to_wait(tmp_path: Path) -> None:
    async with house(tmp_path, 0) as standing:
        seat = standing.sit()
        for _ in range(20):
            seat.receive('{"type": "SESSION_LIST"}', Line())
        await standing.errands.settle()
        frames = told(seat)
        assert [one["type"] for one in frames].count("SESSION_LIST") == 16
        assert [one["code"] for one in frames if one["type"] == "ERROR"] == ["RATE_LIMITED"] * 4
        standing.lobby.detach(seat)
