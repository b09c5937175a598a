"""Words that no schema explains, where they stand like a name: "员工张伟", "customer 'Acme'",
"X的负责人". Pure.

A word is taken for a name only where it can hardly be anything else: in quotes, a person's name beside a
word for people, capitals behind a noun, or the short form of an example. All else stays unknown.
"""

import re
from collections.abc import Sequence

from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.form import Condition, Named, ValueIs
from text2sql_ws.llm.offline.glossary import meanings
from text2sql_ws.llm.offline.holdings import MOST_SHOWN
from text2sql_ws.llm.offline.marks import Link, Mark, ValueLink
from text2sql_ws.llm.offline.nodes import CONDITION, Context, Node, joined
from text2sql_ws.llm.offline.tokens import key, listed

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_NO_NAMES = frozenset(
    listed(
        "周末 周边 周期 周转 周年 高端 高级 高峰 高危 高频 高管 高价 高低 金牌 金融 金属 白天 "
        "白领 白酒 白银 任意 任务 任何 方面 方案 程度 程序 马上 毛利 毛重 毛额 江浙 江南 江北 "
        "夏季 夏天 何时 何种 钱款 万元 余额 余量 余下 黄金 石油 石材 雷达 史上 龙头 严重 向上 "
        "向下 陆运 陆续 范围 文具 文化 顾客 顾虑 康复 罗马 易耗 温度 安全 林业 叶片 杨梅 马达 "
        "梁柱 宋代 唐代 郑重 田间 段落 方式 付费 钟点 曾经 万人 许可 许多 向量 汤类 孔径 武器 "
        "薛定 常规 季节 单身 单次 钱包 任期 任职 成本 费用 包装 计划 项目"
    )
)
"""Words that begin like a name."""

_CALLED = re.compile(
    r"\s*(?:is|is not|isn't|named|called|contains?|with name|whose name is"
    r"|名为|名叫|名字是|叫做?|不?是|不?为|包含|：|:)?\s*[\"'“‘「《]?",
    re.I,
)
_NAME_ZH = re.compile(r"[\u3400-\u9fff]{2,4}")
_PEOPLE = (
    "employee",
    "salesperson",
    "manager",
    "customer",
    "student",
    "teacher",
    "doctor",
    "patient",
    "author",
    "reader",
    "member",
    "driver",
    "leader",
    "supervisor",
    "account manager",
)
LONG_NAME = 4


def literal_of(nodes: list[Node], context: Context) -> Node | None:
    """`[TD]Q`, `Q[TD]`, `Q`: a quoted text with the thing or attribute it names."""
    quoted = next(n for n in nodes if n.letter == "Q")
    if nodes[0] is not quoted and not _CALLED.fullmatch(context.text[nodes[0].mark.end : quoted.mark.start]):
        return None
    links = next((n.links for n in nodes if n.letter in "TDd"), ())
    if not links:
        return None
    like = next((n.mark.payload for n in nodes if n.letter == "k"), "")
    negated = any(n.letter == "l" for n in nodes)
    meaning: Condition = (
        Named(links, quoted.mark.text, exact=False, text=quoted.mark.text, like=like, negated=negated)
        if like
        else known_or_named(links, quoted.mark, context, exact=True, negated=negated)
    )
    return joined(CONDITION, nodes, context, meaning)


def name_alike(nodes: list[Node], context: Context) -> Node | None:
    """`Q` that ends as all names of a column do: "财务管理部"."""
    mark = nodes[0].mark
    table, _, column = mark.payload.partition(".")
    if not column:
        return None
    return joined(CONDITION, nodes, context, known_or_named((Link(table, column, 1.0),), mark, context))


def liked(nodes: list[Node], context: Context) -> Node | None:
    """`[TD]k.`: "name contains x"."""
    word = nodes[-1].mark
    return joined(
        CONDITION,
        nodes,
        context,
        Named(nodes[0].links, word.text, exact=False, text=word.text, like=nodes[1].mark.payload),
    )


def name_after(nodes: list[Node], context: Context) -> Node | None:
    """`[TD]i`: "员工张伟", "customer Acme": a name behind the thing."""
    thing, word = nodes[0], nodes[-1].mark
    if not _CALLED.fullmatch(context.text[thing.mark.end : word.start]):
        return None
    latin = word.text[:1].isascii() and word.text[:1].isupper() and word.start > 0
    foreign = latin or (context.locale == "en" and bool(_NAME_ZH.match(word.text)))
    person = _is_person(thing.links, context.database) and looks_like_person(word.text)
    known = _abbreviated(thing.links, word.text, context.database)
    if not (foreign or person or known):
        return None
    return joined(CONDITION, nodes, context, known_or_named(thing.links, word, context))


def name_before(nodes: list[Node], context: Context) -> list[Node] | None:
    """`iT`: "研发部门": the thing stays, and its name is a condition. Only where its names are few and
    shown.
    """
    word, thing = nodes[0].mark, nodes[-1]
    if context.text[word.end : thing.mark.start].strip() or not 2 <= len(word.text) <= 8:
        return None
    known = _abbreviated(thing.links[:1], word.text, context.database)
    shown = known or any(
        len(field.column.examples) >= MOST_SHOWN
        for table in thing.mark.tables()[:1]
        for field in context.database.entity(table).naming
    )
    if not (known or (shown and re.fullmatch(r"[\u3400-\u9fff]+", word.text))):
        return None
    return [joined(CONDITION, nodes[:1], context, known_or_named(thing.links[:1], word, context)), thing]


def possessor(nodes: list[Node], context: Context) -> list[Node] | None:
    """`io.` and `.oi`: "张伟的月薪", "salary of 张伟", "智慧园区一期工程的负责人"."""
    place = 0 if nodes[0].letter in "iQ" else len(nodes) - 1
    word = nodes[place].mark
    long = len(word.text) >= LONG_NAME and context.locale == "zh" and place == 0 and nodes[-1].letter in "DN"
    capital = context.locale == "en" and place > 0 and word.text[:1].isupper()
    foreign = context.locale == "en" and bool(_NAME_ZH.match(word.text))
    neighbour = _neighbour(nodes[-1], word, context) if place == 0 else ()
    if not (
        nodes[place].letter == "Q" or looks_like_person(word.text) or long or capital or foreign or neighbour
    ):
        return None
    person = looks_like_person(word.text)
    named = Named(
        neighbour if not person else (), word.text, exact=not neighbour, text=word.text, person=person
    )
    made = joined(CONDITION, [nodes[place]], context, named)
    return [made, *nodes[1:]] if place == 0 else [*nodes[:-1], made]


def _neighbour(thing: Node, word: Mark, context: Context) -> tuple[Link, ...]:
    """ "研发的员工": what the thing belongs to, if its names are many and not all shown."""
    if thing.letter != "T" or context.locale != "zh" or not 2 <= len(word.text) <= LONG_NAME:
        return ()
    steps = [step for step in context.database.links.get(thing.links[0].table.lower(), ()) if step.to_one]
    found = [
        item
        for step in steps
        for item in context.database.entity(step.other).naming
        if len(item.column.examples) >= MOST_SHOWN
    ]
    return (Link(found[0].table, found[0].name, 1.0),) if len(found) == 1 else ()


def looks_like_person(word: str) -> bool:
    """A Chinese name: a common family name and one or two more characters."""
    return (
        bool(_NAME_ZH.fullmatch(word))
        and len(word) <= 3
        and word[0] in SURNAMES
        and word[:2] not in _NO_NAMES
    )


def known_or_named(
    links: Sequence[Link], mark: Mark, context: Context, *, exact: bool = False, negated: bool = False
) -> Condition:
    """The example that the text abbreviates if there is exactly one, else the text itself as a name."""
    found = _abbreviated(links, mark.text, context.database)
    if found:
        return ValueIs((found,), mark.text, negated)
    return Named(tuple(links), mark.text, exact=exact, text=mark.text, negated=negated)


def _abbreviated(links: Sequence[Link], text: str, database: Database) -> tuple[ValueLink, ...]:
    """The one example of the named column that holds the characters of `text` in their order."""
    for link in links[:2]:
        entity = database.entity(link.table)
        fields = entity.naming if link.column is None else (database.field(link.table, link.column),)
        for item in fields:
            fits = [value for value in item.column.examples if value == text] or [
                value for value in item.column.examples if _abbreviates(text, value)
            ]
            if len(fits) == 1:
                return (ValueLink(item.table, item.name, fits[0], 0.9),)
    return ()


def _abbreviates(short: str, long: str) -> bool:
    """Are the characters of `short` in `long`, in order, the first in front? Latin text must be a whole
    word.
    """
    if short.isascii():
        return len(short) > 2 and re.search(rf"\b{re.escape(short)}\b", long, re.I) is not None
    if len(short) < 2 or short[0] != long[0]:
        return short in long and len(short) >= 2
    rest = iter(long)
    return all(char in rest for char in short)


def _is_person(links: Sequence[Link], database: Database) -> bool:
    for link in links[:2]:
        own = meanings(key(database.entity(link.table).label.removesuffix("表"))) | meanings(
            key(" ".join(database.entity(link.table).words))
        )
        if link.column is not None:
            own |= meanings(key(database.field(link.table, link.column).remark.label)) | meanings(
                key(" ".join(database.field(link.table, link.column).words[:-1]))
            )
        if any(own & meanings(key(word)) for word in _PEOPLE):
            return True
    return False
