"""Where there is no database to ask, the offline model is polite, honest, and says what it is for."""

import pytest

from tests.llm_offline.asking import PROMPTS
from tests.llm_offline.shop import TODAY
from text2sql_ws.llm.model import Message
from text2sql_ws.llm.offline import answer
from text2sql_ws.llm.offline.talk import SENTENCES
from text2sql_ws.texts import Locale


def talk(text: str, locale: Locale = "zh", *earlier: Message) -> str:
    return answer(PROMPTS.talk(text, earlier, TODAY, locale)).content


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("你好！", "talk.hello"),
        ("hello", "talk.hello"),
        ("Good morning!", "talk.hello"),
        ("你好，你是谁？", "talk.who"),
        ("What can you do?", "talk.who"),
        ("你会做什么", "talk.who"),
        ("最近怎么样", "talk.beyond"),
        ("你最近怎么样？", "talk.how"),
        ("谢谢你！", "talk.thanks"),
        ("Thank you very much.", "talk.thanks"),
        ("再见", "talk.bye"),
        ("请解释一下供应链管理的核心概念", "talk.beyond"),
        ("Hello, please explain supply chain management", "talk.beyond"),
    ],
)
def test_what_is_said_has_its_answer(said: str, name: str) -> None:
    assert talk(said) in SENTENCES[name]


def test_the_answer_is_in_the_language_of_what_was_said() -> None:
    assert talk("hi there", "zh") == SENTENCES["talk.hello"][1]
    assert talk("你好", "en") == SENTENCES["talk.hello"][0]


def test_today_is_what_the_prompt_says() -> None:
    assert TODAY.isoformat() in talk("今天几号？")


def test_it_remembers_what_was_said_before() -> None:
    earlier = (Message("user", "库存周转率是什么"), Message("assistant", "……"))
    assert "库存周转率是什么" in talk("我刚才问了什么？", "zh", *earlier)
    assert talk("What did I just ask?", "en") == SENTENCES["talk.nothing_before"][1]
