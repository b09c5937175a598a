"""What a model is reminded of: the line that leads to a question, in pairs, within its tokens."""

from datetime import UTC, datetime

from text2sql_ws.llm.model import Message as Spoken
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import Message, Outcome, Role, Said
from text2sql_ws.reminders import MOST_TURNS, line_to, spoken, turns
from text2sql_ws.token_estimate import tokens_in

AT = datetime(2026, 11, 21, tzinfo=UTC)


def message(
    name: str,
    role: Role,
    content: str,
    parent: str | None,
    status: Outcome = "complete",
    sql: str | None = None,
) -> Message:
    return Message(0, name, "c", AT, Said(role, content, parent_id=parent, status=status, sql=sql))


def talk(count: int, words: str = "字") -> list[Message]:
    """So many questions, each with its answer: `q0`, `a0`, `q1`, and so on."""
    said: list[Message] = []
    for number in range(count):
        parent = f"a{number - 1}" if number else None
        said.append(message(f"q{number}", "user", words, parent))
        said.append(message(f"a{number}", "assistant", words, f"q{number}"))
    return said


def names(messages: list[Message]) -> list[str]:
    return [one.id for one in messages]


def test_a_line_leads_from_the_first_to_the_parent() -> None:
    messages = [*talk(3), message("q1b", "user", "x", "a0"), message("a1b", "assistant", "x", "q1b")]
    assert names(line_to(messages, "a1b")) == ["q0", "a0", "q1b", "a1b"]
    assert names(line_to(messages, "a1")) == ["q0", "a0", "q1", "a1"]


def test_without_a_parent_that_is_known_all_leads_there() -> None:
    messages = talk(2)
    assert line_to(messages, None) == line_to(messages, "unknown") == messages
    assert line_to([], "a0") == []


def test_a_line_that_goes_in_a_circle_ends() -> None:
    circle = [message("a", "user", "x", "b"), message("b", "assistant", "x", "a")]
    assert names(line_to(circle, "a")) == ["b", "a"]


def test_a_line_begins_where_its_beginning_is_not_there() -> None:
    assert names(line_to(talk(3)[3:], "a2")) == ["a1", "q2", "a2"]


def test_the_oldest_goes_first_and_a_pair_as_a_whole() -> None:
    messages = talk(3, "字" * 5)
    assert len(spoken(messages, 1000)) == 6
    assert len(spoken(messages, 29)) == 4
    assert spoken(messages, 19) == [Spoken("user", "字" * 5), Spoken("assistant", "字" * 5)]
    assert spoken(messages, 9) == spoken(messages, 0) == []


def test_a_question_without_an_answer_is_not_told() -> None:
    messages = [
        message("q0", "user", "没有回答", None),
        message("q1", "user", "失败", None),
        message("a1", "assistant", "一半", "q1", "failed"),
        message("q2", "user", "取消", None),
        message("a2", "assistant", "一半", "q2", "cancelled"),
    ]
    assert spoken(messages, 1000) == [Spoken("user", "取消"), Spoken("assistant", "一半")]


def test_the_latest_answer_to_a_question_counts() -> None:
    messages = [*talk(1), message("a0b", "assistant", "更好", "q0")]
    assert spoken(messages, 1000)[-1] == Spoken("assistant", "更好")


def test_turns_are_questions_that_became_sql() -> None:
    said = talk(2)
    for number in range(2, MOST_TURNS + 4):
        said.append(message(f"q{number}", "user", f"问{number}", None))
        said.append(message(f"a{number}", "assistant", "答", f"q{number}", sql=f"SELECT {number}"))
    found = turns(said)
    assert len(found) == MOST_TURNS
    assert found[-1] == Turn(f"问{MOST_TURNS + 3}", f"SELECT {MOST_TURNS + 3}")


def test_tokens_are_about_a_character_of_chinese_and_four_of_english() -> None:
    assert tokens_in("") == 0
    assert tokens_in("供应链管理") == 5
    assert tokens_in("supply chain") == 3
    assert tokens_in("SKU 库存") == 1 + 2
    assert tokens_in("😀") == 1
