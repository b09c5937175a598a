"""The ledger: what is added is written in order, many at once, and nobody is told before it is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws import ledger as ledger_module
from text2sql_ws.auditing import AuditLog
from text2sql_ws.conversations import Conversations
from text2sql_ws.errors import Code, Fault
from text2sql_ws.ledger import BATCH, PENDING, Author, Ledger, Receipt, Spoken
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import TITLE_CHARS, Conversation, Said
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import audit, messages, receipts

__all__ = ["database"]

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Where the other database has nothing to say."""

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
async def ledger(database: Database) -> AsyncIterator[Ledger]:
    async with Ledger(database).writing() as writing:
        yield writing


@pytest.fixture
async def session(database: Database) -> Conversation:
    return await Conversations(database, ManualClock()).open("chat", "alice", "s1")


def spoken(session: Conversation, its_id: str, told: list[tuple[str, Fault | None]], **said: str) -> Spoken:
    given = {"role": "user", "content": f"问题 {its_id}", "author_id": "alice", **said, "id": its_id}
    return Spoken(session.id, Said(**given), AT, lambda fault: told.append((its_id, fault)))  # type: ignore[arg-type]


async def ids(database: Database) -> list[str]:
    async with database.transaction() as connection:
        return list(await connection.scalars(select(messages.c.id).order_by(messages.c.position)))


@ON_SQLITE
async def test_more_than_one_batch_is_written_in_order_and_each_is_told_of(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    names = [f"m{number:05}" for number in range(BATCH + 50)]
    for name in names:
        ledger.add(spoken(session, name, told))
    assert told == [], "nobody is told before it is written"
    await ledger.settled()
    assert told == [(name, None) for name in names]
    assert await ids(database) == names


async def test_a_session_is_called_by_its_first_question(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    ledger.add(spoken(session, "a", told, role="assistant", content="你好"))
    ledger.add(spoken(session, "q", told))
    await ledger.settled()
    found = await Conversations(database, ManualClock()).find("chat", "alice", "s1")
    assert (found.title, found.message_count, found.updated_at) == ("问题 q", 2, AT)
    ledger.add(spoken(session, "r", told))
    await ledger.settled()
    assert (await Conversations(database, ManualClock()).find("chat", "alice", "s1")).title == "问题 q"


@ON_SQLITE
async def test_a_long_question_is_cut_for_the_title_as_everywhere(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    ledger.add(spoken(session, "q", [], content="很" * TITLE_CHARS + "长"))
    await ledger.settled()
    title = (await Conversations(database, ManualClock()).find("chat", "alice", "s1")).title
    assert title == "很" * (TITLE_CHARS - 1) + "…"


@ON_SQLITE
async def test_what_cannot_be_written_is_told_as_a_fault_and_harms_no_later_batch(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    ledger.add(spoken(session, "a", told))
    await ledger.settled()
    ledger.add(spoken(session, "a", told))
    await ledger.settled()
    assert told[1][1] is not None
    assert told[1][1].code is Code.UNKNOWN_ERROR
    ledger.add(spoken(session, "b", told))
    await ledger.settled()
    assert told[2] == ("b", None)
    assert await ids(database) == ["a", "b"]


async def test_a_conversation_that_is_gone_keeps_nobody_elses_messages_from_being_kept(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    kept = Conversations(database, ManualClock())
    gone = await kept.open("chat", "alice", "s2")
    await kept.delete(gone)
    for its_id, where in (("a", session), ("b", gone), ("c", session)):
        ledger.add(spoken(where, its_id, told))
    ledger.add(Receipt("b", "bob", "read", AT, lambda fault: told.append(("receipt", fault))))
    await ledger.settled()
    faults = dict(told)
    assert (faults["a"], faults["c"]) == (None, None)
    assert faults["b"] is not None
    assert faults["b"].code is Code.SESSION_NOT_FOUND
    assert await ids(database) == ["a", "c"]


async def test_only_the_first_receipt_of_a_user_counts(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    ledger.add(spoken(session, "a", told))
    for status in ("read", "read again"):
        for user in ("bob", "carol"):
            ledger.add(Receipt("a", user, status, AT, lambda fault: told.append(("receipt", fault))))
        await ledger.settled()
    assert [fault for _, fault in told] == [None] * 5
    async with database.transaction() as connection:
        rows = (await connection.execute(select(receipts.c.user_id, receipts.c.status))).all()
    assert sorted(tuple(row) for row in rows) == [("bob", "read"), ("carol", "read")]


async def test_what_was_answered_with_sql_is_recalled_oldest_first(
    ledger: Ledger, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    for number in range(3):
        ledger.add(spoken(session, f"q{number}", told))
        answer = Said("assistant", "…", parent_id=f"q{number}", sql=f"SELECT {number}", id=f"a{number}")
        ledger.add(Spoken(session.id, answer, AT, lambda fault: None))
    ledger.add(spoken(session, "unanswered", told))
    await ledger.settled()
    assert await ledger.recall(session.id) == [Turn(f"问题 q{n}", f"SELECT {n}") for n in range(3)]
    assert await ledger.recall("another") == []


@ON_SQLITE
async def test_authors_of_chat_messages_are_known_and_of_no_others(
    ledger: Ledger, database: Database, session: Conversation
) -> None:
    told: list[tuple[str, Fault | None]] = []
    other = await Conversations(database, ManualClock()).open("scm", "alice", "s1")
    ledger.add(spoken(session, "mine", told))
    ledger.add(spoken(other, "elsewhere", told))
    await ledger.settled()
    assert await ledger.author("mine") == Author("alice", "s1")
    assert await ledger.author("elsewhere") is None
    assert await ledger.author("nope") is None


@ON_SQLITE
async def test_too_much_at_once_is_refused_and_what_was_taken_is_written(
    database: Database, session: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "SETTLING_SECONDS", 50)  # a loaded machine takes more than five
    told: list[tuple[str, Fault | None]] = []
    idle = Ledger(database)
    for number in range(PENDING):
        idle.add(spoken(session, f"m{number}", told))
    with pytest.raises(Fault) as refused:
        idle.add(spoken(session, "one more", told))
    assert refused.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    async with idle.writing():
        pass
    assert len(told) == PENDING
    assert {fault for _, fault in told} == {None}


@ON_SQLITE
async def test_what_waits_is_written_when_the_server_stops(database: Database, session: Conversation) -> None:
    told: list[tuple[str, Fault | None]] = []
    async with Ledger(database).writing() as ledger:
        ledger.add(spoken(session, "last", told))
    assert told == [("last", None)]
    assert await ids(database) == ["last"]


async def test_deeds_are_in_the_audit_log(database: Database) -> None:
    log = AuditLog(database, ManualClock())
    assert await log.is_readable()
    await log.record("root" * 100, "user_disconnected", "alice", {"reason": "下班"})
    async with database.transaction() as connection:
        (row,) = (await connection.execute(select(audit))).all()
    assert (row.action, row.subject, row.detail) == ("user_disconnected", "alice", {"reason": "下班"})
    assert (len(row.user_id), row.at.isoformat()) == (200, "2026-11-21T08:00:00")
    async with database.transaction() as connection:
        await connection.execute(text("DROP TABLE audit"))
    assert not await log.is_readable()
    with pytest.raises(Fault):
        await log.record("root", "x", "y")
