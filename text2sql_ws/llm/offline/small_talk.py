"""What the offline model says in a conversation without a database: pleasantries, what it is, its limits.

It understands a handful of things that people say to a machine, whole; anything else it says it can't answer.
Pure.
"""

import re

from text2sql_ws.llm.offline.request import Talk
from text2sql_ws.llm.offline.talk import say

LONGEST = 60
"""A pleasantry is short: what is longer has something in it that we would not be answering."""


def reply(request: Talk) -> str:
    """An answer to anything."""
    said = re.sub(r"[\s,，。.!！?？~～、…]+", " ", request.text).strip().lower()
    if len(said) <= LONGEST:
        for name, pattern in PLEASANTRIES:
            if pattern.fullmatch(said):
                return _answer(name, request)
    return say("talk.beyond", request.locale)


def _answer(name: str, request: Talk) -> str:
    if name == "talk.before":
        if not request.earlier:
            return say("talk.nothing_before", request.locale)
        return say("talk.before", request.locale, question=request.earlier[-1][:200])
    return say(name, request.locale, today=request.today.isoformat())


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_HELLO = r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: there)?"

PLEASANTRIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "talk.who",
        _any(
            r"(?:(?:你|您)好 ?)?(?:请问)?(?:你|您)(?:是谁|是什么|叫什么(?:名字)?|有什么用)",
            r"(?:(?:你|您)好 ?)?(?:请问)?(?:你|您)(?:能|会|能帮我|可以)(?:做)?(?:些)?什么",
            r"(?:请)?介绍(?:一下)?(?:你|您)?自己|帮助",
            rf"(?:{_HELLO} )?(?:who are you|what are you|what can you do|what do you do)",
            r"help|introduce yourself",
        ),
    ),
    ("talk.hello", _any(r"(?:你|您|大家)?好(?:啊|呀|呢)?|嗨|哈喽|早上好|下午好|晚上好|在吗|在不在", _HELLO)),
    (
        "talk.how",
        _any(
            r"(?:你好 ?)?(?:你|您)(?:最近)?(?:好吗|怎么样|还好吗)",
            rf"(?:{_HELLO} )?how are you(?: doing)?(?: today)?",
        ),
    ),
    (
        "talk.thanks",
        _any(
            r"(?:非常|多|太)?(?:谢谢|感谢)(?:你|您|了|啦|你的帮助|您的帮助)*|辛苦(?:了|你了|您了)",
            r"(?:many )?thanks(?: a lot| you)?|thank you(?: very much| so much)?|thx",
        ),
    ),
    ("talk.bye", _any(r"再见|拜拜|回头见|晚安", r"(?:good)?bye|see you(?: later)?|good night")),
    (
        "talk.today",
        _any(
            r"(?:请问)?今天(?:是)?(?:几号|几月几号|几月几日|哪一天)|现在(?:是)?(?:几号|哪一天)",
            r"(?:what is|what's) (?:the date(?: today)?|today's date|today)|what date is it(?: today)?",
        ),
    ),
    (
        "talk.before",
        _any(
            r"我(?:刚才|刚刚|上一句|之前|上次)(?:问|说)(?:了|过|的是)?(?:什么|啥)(?:问题|来着|话)?",
            r"(?:你)?还记得我(?:刚才|刚刚)?(?:问|说)(?:了|过)?什么吗",
            r"what did i (?:just )?(?:ask|say)(?: before| last| just now)?",
            r"do you remember what i (?:asked|said)",
        ),
    ),
)
"""What is recognised, the first that fits the whole of it."""
