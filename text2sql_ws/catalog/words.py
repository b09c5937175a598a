"""The words of identifiers, comments and questions, so that those of one can be found in another. Pure.

`OrderItems`, `order_item` and "order items" have the same words; Chinese is cut by jieba's dictionary, both
into whole words and into the shorter ones within them. The dictionary (40 MB) is loaded once, at the first
Chinese text or by `load_dictionary`.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

RUN = re.compile(r"[^\W_\u3400-\u9fff]+|[\u3400-\u9fff]+")
HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
ENGLISH = (
    "a an and any are as at be been by can did do does each every find for from get give had has have how i"
    " in is it its list many me much my of on or our please provide return show than that the their them"
    " there these they this those to was we were what when where which who whose will with you your"
)
CHINESE = (
    "的 了 是 有 在 和 与 或 及 各 每 个 请 把 被 我 我们 你 你们 他们 它 多少 几 哪 哪些 哪个 什么 怎么 怎样"
    " 如何 吗 呢 吧 给 按 对 为 从 到 最 查 查询 列出 显示 给出 统计 一下 所有 全部 分别 其中 以及"
)
FUNCTION_WORDS = frozenset(f"{ENGLISH} {CHINESE}".split())


def snake_case(identifier: str) -> str:
    """`orderID`, `OrderId` and `order-id` as `order_id`."""
    return "_".join(hump.lower() for hump in HUMP.findall(identifier))


def words(text: str) -> list[str]:
    """The words of `text`, in order, lower case, singular, without words that only bind others together."""
    found = chain.from_iterable(_words_of_run(run) for run in RUN.findall(text))
    return [word for word in found if word not in FUNCTION_WORDS]


def _words_of_run(run: str) -> Iterator[str]:
    if "\u3400" <= run[0] <= "\u9fff":
        yield from load_dictionary().cut_for_search(run)
        return
    for hump in HUMP.findall(run):
        yield singular(hump.lower())


def singular(word: str) -> str:
    """`word` without an English plural's ending, by rule; what it returns need not be a word."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def load_dictionary() -> Any:
    """Load the dictionary of Chinese words: about 0.1 s, in which no other Python code runs in any thread.

    Call it while the server starts, or the first question waits for it and holds up everyone else.
    """
    import rjieba  # here, because importing it is what loads the dictionary

    return rjieba
