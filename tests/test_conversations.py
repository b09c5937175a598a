"""Conversations: whose they are, what they hold, what is recalled of them."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws.conversations import Conversations
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Answer, Explanation, ResultColumn, Results, Usage, Visualization
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import RECALLED_TURNS, TITLE_CHARS, Message, Said, Space
from text2sql_ws.storage.database import Database

__all__ = ["database"]


@pytest.fixture
def kept(database: Database) -> Conversations:
    return Conversations(database, ManualClock())


def answer(sql: str | None = "SELECT 1", words: str = "一共 1 个。") -> Answer:
    results = Results((ResultColumn("n", "integer"),), 1, False, 1, ({"n": 1},))
    return Answer(sql, results, Explanation(words), Visualization("bar", {"mark": "bar"}), Usage(10, 5), 1)


def contents(found: Sequence[Message]) -> list[str]:
    return [message.said.content for message in found]


async def refusal(kept: Conversations, space: Space, user_id: str, name: str) -> Code:
    with pytest.raises(Fault) as caught:
        await kept.find(space, user_id, name)
    return caught.value.code


async def test_a_conversation_is_recalled_oldest_first_and_only_its_end(kept: Conversations) -> None:
    for number in range(RECALLED_TURNS + 3):
        await kept.remember("me", "c", f"问题{number}", answer(f"SELECT {number}"))
    recalled = await kept.recall("me", "c")
    assert recalled[0] == Turn("问题3", "SELECT 3")
    assert recalled[-1].sql == f"SELECT {RECALLED_TURNS + 2}"
    assert len(recalled) == RECALLED_TURNS


async def test_an_answer_in_words_is_kept_but_not_recalled(kept: Conversations) -> None:
    await kept.remember("me", "c", "你好", answer(None, "你好！"))
    assert await kept.recall("me", "c") == []
    conversation = await kept.find("ask", "me", "c")
    assert contents(await kept.messages(conversation)) == ["你好", "你好！"]


async def test_a_conversation_is_its_users_own(kept: Conversations) -> None:
    await kept.remember("me", "c", "q", answer())
    assert await kept.recall("another", "c") == []
    assert await kept.recall("me", "d") == []
    assert await refusal(kept, "ask", "another", "c") is Code.SESSION_NOT_FOUND
    assert await refusal(kept, "scm", "me", "c") is Code.SESSION_NOT_FOUND


async def test_names_tell_upper_case_from_lower(kept: Conversations) -> None:
    upper, lower = await kept.open("scm", "me", "C"), await kept.open("scm", "me", "c")
    assert upper.id != lower.id


async def test_an_answer_keeps_its_sql_rows_and_chart(kept: Conversations) -> None:
    await kept.remember("me", "c", "多少？", answer())
    asked, said = await kept.messages(await kept.find("ask", "me", "c"))
    assert (asked.said.role, asked.said.author_id, said.said.role) == ("user", "me", "assistant")
    assert said.said.parent_id == asked.id
    assert (said.said.sql, said.said.tokens, said.said.status) == ("SELECT 1", 15, "complete")
    assert said.said.results == {
        "columns": [{"name": "n", "type": "integer"}], "row_count": 1, "truncated": False, "data": [{"n": 1}],
    }  # fmt: skip
    assert said.said.visualization == {"chart_type": "bar", "config": {"mark": "bar"}}


async def test_a_chat_belongs_to_who_named_it_first_until_it_is_shared(kept: Conversations) -> None:
    mine = await kept.open("chat", "me", "room")
    assert await refusal(kept, "chat", "you", "room") is Code.SESSION_NOT_FOUND
    with pytest.raises(Fault):
        await kept.open("chat", "you", "room")
    await kept.share(mine, "you")
    await kept.share(mine, "you")
    assert (await kept.open("chat", "you", "room")).id == mine.id
    assert await kept.members(mine) == ["me", "you"]


async def test_who_opens_a_name_at_once_gets_one_conversation(kept: Conversations) -> None:
    opened = await asyncio.gather(*(kept.open("scm", "me", "c") for _ in range(10)))
    assert len({conversation.id for conversation in opened}) == 1


async def test_the_first_question_is_the_title_where_there_is_none(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    await kept.add(conversation, Said("user", "各城市\n 的销售额 " + "很" * TITLE_CHARS, "me"))
    await kept.add(conversation, Said("user", "另一个", "me"))
    title = (await kept.find("scm", "me", "c")).title
    assert title.startswith("各城市 的销售额 很")
    assert title.endswith("…")
    assert len(title) == TITLE_CHARS
    assert (await kept.rename(conversation, "销售")).title == "销售"


async def test_pages_show_the_latest_first_and_count_all(database: Database) -> None:
    clock = ManualClock()
    kept = Conversations(database, clock)
    for number in range(5):
        clock.advance(1)
        await kept.open("scm", "me", f"c{number}")
    await kept.open("chat", "me", "room")
    clock.advance(1)
    await kept.add(await kept.find("scm", "me", "c0"), Said("user", "hello", "me"))
    first, total = await kept.page(["scm"], "me", 1, 2)
    second, _ = await kept.page(["scm"], "me", 2, 2)
    assert [one.name for one in first + second] == ["c0", "c4", "c3", "c2"]
    assert (total, first[0].message_count) == (5, 1)


async def test_what_is_deleted_is_gone_with_its_messages(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    await kept.add(conversation, Said("user", "hello", "me"))
    await kept.delete(conversation)
    assert await refusal(kept, "scm", "me", "c") is Code.SESSION_NOT_FOUND
    assert await kept.search(["scm"], "me", "hello") == []


async def test_messages_come_in_pages_from_the_end(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    await kept.add(conversation, *(Said("user", str(number), "me") for number in range(5)))
    latest = await kept.messages(conversation, limit=2)
    before = await kept.messages(conversation, before=latest[0].position, limit=2)
    assert contents(before + latest) == ["1", "2", "3", "4"]


async def test_search_finds_ones_own_words_and_sql_literally(kept: Conversations) -> None:
    mine, yours = await kept.open("scm", "me", "c"), await kept.open("scm", "you", "c")
    await kept.add(mine, Said("user", "增长 100% 的城市", "me"), Said("assistant", "好", sql="SELECT Amount"))
    await kept.add(yours, Said("user", "增长 100% 的城市", "you"))
    found = await kept.search(["scm"], "me", "100%")
    assert [(conversation.name, message.said.author_id) for conversation, message in found] == [("c", "me")]
    assert [message.said.sql for _, message in await kept.search(["scm"], "me", "amount")] == [
        "SELECT Amount"
    ]
    assert await kept.search(["scm"], "me", "1_0") == []


async def test_a_long_answer_is_kept_whole(kept: Conversations) -> None:
    conversation = await kept.open("scm", "me", "c")
    await kept.add(conversation, Said("assistant", "长" * 100_000))
    (message,) = await kept.messages(conversation)
    assert message.said.content == "长" * 100_000
