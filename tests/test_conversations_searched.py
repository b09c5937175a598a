"""Conversations as a history shows them: by our own id, by the words in them, and from their beginning."""

import pytest

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws.conversations import Conversations
from text2sql_ws.errors import Code, Fault
from text2sql_ws.messages import Said, Space
from text2sql_ws.storage.database import Database

__all__ = ["database"]

SPACES: tuple[Space, ...] = ("ask", "scm")


@pytest.fixture
def kept(database: Database) -> Conversations:
    return Conversations(database, ManualClock())


async def test_ones_own_is_found_by_our_id_and_nobody_elses(kept: Conversations) -> None:
    mine, room = await kept.open("scm", "me", "c"), await kept.open("chat", "me", "room")
    assert (await kept.get(SPACES, "me", mine.id)).name == "c"
    for user_id, wanted in (("you", mine.id), ("me", room.id), ("me", "nope")):
        with pytest.raises(Fault) as refused:
            await kept.get(SPACES, user_id, wanted)
        assert refused.value.code is Code.SESSION_NOT_FOUND


async def test_a_chat_is_read_by_its_owner_and_by_whom_it_was_shared_with(kept: Conversations) -> None:
    room = await kept.open("chat", "me", "room")
    await kept.add(room, Said("user", "大家好", "me"))
    await kept.share(room, "you")
    await kept.share(await kept.open("chat", "me", "other"), "they")
    every: tuple[Space, ...] = (*SPACES, "chat")
    for spaces in (every, ("chat",)):
        assert (await kept.get(spaces, "you", room.id)).owner_id == "me"
        assert [one.name for one in (await kept.page(spaces, "you"))[0]] == ["room"]
        assert (await kept.page(spaces, "me", name="room"))[1] == 1
        assert (await kept.page(spaces, "me"))[1] == 2
        assert (await kept.page(spaces, "they", text="大家"))[1] == 0
        assert len(await kept.search(spaces, "you", "大家")) == 1
        assert (await kept.page(spaces, "1", in_chat="you"))[1] == 1
    assert (await kept.page(SPACES, "you"))[1] == 0
    for user_id in ("they", "room", ""):
        with pytest.raises(Fault) as refused:
            await kept.get(every, user_id, room.id)
        assert refused.value.code is Code.SESSION_NOT_FOUND


async def test_a_page_may_hold_only_what_holds_the_words(kept: Conversations) -> None:
    sales = await kept.open("ask", "me", "a", "销售 100%")
    talk = await kept.open("scm", "me", "b", "闲聊")
    await kept.open("scm", "me", "c", "别的")
    await kept.add(talk, Said("user", "Hello", "me"), Said("assistant", "见 SQL", sql="SELECT Amount"))
    await kept.add(await kept.open("scm", "you", "b", "销售"), Said("user", "hello", "you"))
    for text, names in (("100%", ["a"]), ("hello", ["b"]), ("amount", ["b"]), ("1_0", []), ("没有", [])):
        found, total = await kept.page(SPACES, "me", text=text)
        assert ([one.name for one in found], total) == (names, len(names)), text
    assert [one.id for one in (await kept.page(("ask",), "me"))[0]] == [sales.id]


async def test_a_search_may_stay_within_some_conversations(kept: Conversations) -> None:
    first, second = await kept.open("scm", "me", "a"), await kept.open("scm", "me", "b")
    for conversation in (first, second):
        await kept.add(conversation, Said("user", "同样的话", "me"))
    found = await kept.search(SPACES, "me", "同样", within=[second])
    assert [conversation.name for conversation, _ in found] == ["b"]
    assert await kept.search(SPACES, "me", "同样", within=[]) == []


async def test_nothing_is_added_to_what_is_gone(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    await kept.delete(conversation)
    with pytest.raises(Fault) as refused:
        await kept.add(conversation, Said("user", "hello", "me"))
    assert refused.value.code is Code.SESSION_NOT_FOUND
    assert (await kept.page(SPACES, "me"))[1] == 0


async def test_adding_twice_within_a_second_finds_it_both_times(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c", "title")
    for _ in range(2):
        await kept.add(conversation, Said("user", "hello", "me"))
    assert len(await kept.messages(conversation)) == 2


async def test_what_was_said_lately_comes_without_its_rows(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    chart = {"chart_type": "bar", "config": {}}
    await kept.add(
        conversation,
        Said("user", "一", "me"),
        Said("user", "二", "me", id="m2"),
        Said("assistant", "三", sql="SELECT 3", results={"data": []}, visualization=chart, parent_id="m2"),
    )
    second, third = await kept.said_lately(conversation, 2)
    assert (second.id, third.said) == ("m2", Said("assistant", "三", "", "m2", "SELECT 3", id=third.id))


async def test_messages_may_be_read_from_the_beginning(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    stored = await kept.add(conversation, *(Said("user", str(number), "me") for number in range(5)))
    first = await kept.messages(conversation, after=0, limit=2)
    assert [one.said.content for one in first] == ["0", "1"]
    rest = await kept.messages(conversation, after=first[-1].position)
    assert [one.said.content for one in rest] == ["2", "3", "4"]
    assert await kept.messages(conversation, after=stored[-1].position) == []
