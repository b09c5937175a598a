"""What is left of a question when its conditions, periods and ranking are taken out. Pure.

Measures, groups, the thing that is asked for, what is to be shown of it, and what is named beside it.
Whatever has found no place by then is `unread`.
"""

import re
from collections.abc import Sequence

from text2sql_ws.llm.offline import nodes as rows
from text2sql_ws.llm.offline.columns import speaks_of
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.form import Condition, Operand, Question, Target, ValueIs
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.nodes import GROUP, MEASURE, Context, Node
from text2sql_ws.llm.offline.tokens import key, listed

_HOW_MUCH = re.compile(r"(?:是|为|有)?多少|how much|what (?:is|was|are|were|will be) ", re.I)
_SPREAD = re.compile(r"分布|构成|distribution|breakdown|break down", re.I)
_GENERIC = frozenset(
    key(word)
    for word in listed(
        "id name names code number title date type 名称 名字 姓名 编号 编码 代码 号码 日期 类型"
    )
)
MOST_ROWS = 100_000
BEGINNINGS = ("register", "hire", "create", "launch", "found", "start", "sign", "open", "enroll")


def with_rest(question: Question, core: list[Node], context: Context) -> Question:
    """The question complete: every node of `core` has a place in it, or its words are `unread`."""
    question = _with_measures(question, core)
    question = _with_dates(question, core, context.database)
    subject, rest = _subject(question, core, context)
    question = _with_shown(question.but(subject=subject), core, rest)
    question = question.but(unread=(*question.unread, *_unread(question, core, context.database)))
    return _completed(question, core, context.database)


def _with_measures(question: Question, core: list[Node]) -> Question:
    """A measure that is asked for twice ("男员工有多少，女员工有多少") is asked for each."""
    measures = (*question.measures, *(rows.operand_of(n) for n in core if n.letter == MEASURE))
    groups = (target for n in core if n.letter == GROUP for target in rows.targets_of(n))
    distinct = tuple(dict.fromkeys(measures))
    everything = question.everything or len(distinct) < len(measures)
    return question.but(measures=distinct, groups=(*question.groups, *groups), everything=everything)


def _with_dates(question: Question, core: list[Node], database: Database) -> Question:
    """Dates that words hint at; a verb without a period may say what has happened to the thing."""
    named = tuple(link for n in core if n.letter in "dvT" for link in n.links if link.column is not None)
    dated = (*question.dated, *_new(core, database), *named)
    states = [] if question.periods else [_state(n) for n in core if n.letter == "v" and _is_state(n)]
    return question.but(dated=dated, conditions=(*question.conditions, *states))


def _with_shown(question: Question, core: list[Node], rest: list[Node]) -> Question:
    """Columns named beside the subject, further things that "which" asks for, and things merely named."""
    asked = {core[found.end() - 1].mark.start for found in re.finditer(r"Wn?o?T", rows.letters(core))}
    also = [n for n in rest if n.letter == "T" and n.mark.start in asked]
    columns = [n for n in core if n.letter in "Nd" or (n.letter == "D" and n in rest)]
    shown = tuple(Target(n.links, n.mark.text) for n in (*columns, *also))
    near = [
        n
        for n in core
        if (n.letter == "T" and n in rest and n not in also) or (n.letter == "v" and tables_of(n.links))
    ]
    nearby = tuple(Target(tables_of(n.links), n.mark.text) for n in near)
    subject = _of_condition(question.subject, question.conditions)
    shown, vague = _of_subject(shown, subject)
    return question.but(subject=subject, shown=shown, nearby=nearby, unread=tuple(vague))


def _unread(question: Question, core: list[Node], database: Database) -> list[str]:
    measured = bool(question.measures) or any(n.letter == "N" for n in core)
    unread = [n.mark.text for n in core if _is_unread(n, measured) and not _is_told(n, question, database)]
    fresh = [
        n.mark.text for n in core if n.letter == "v" and n.mark.payload == "new" and not question.periods
    ]
    return unread + fresh


def _completed(question: Question, core: list[Node], database: Database) -> Question:
    """What a question leaves to be understood: "10 customers" is a limit, "how many" alone counts."""
    question = _with_limit(question, core)
    if question.measures or any(n.letter == "N" for n in core):
        return question
    subject = question.subject
    if subject is not None and (amounts := _is_amount(question, subject, database)):
        return question.but(shown=(*question.shown, Target(amounts, subject.text)), subject=None)
    if subject is not None and question.ranking is None and "H" in rows.letters(core):
        return question.but(measures=(Operand("count", subject.links, subject.text),), subject=None)
    if _SPREAD.search(question.text) and not question.groups:
        return _spread(question, database)
    return question


def _with_limit(question: Question, core: list[Node]) -> Question:
    found = re.search(r"(?:^|[WH])n(?=T)", rows.letters(core))
    if found is None or question.ranking is not None:
        return question
    number = core[found.end() - 1].mark
    unread = tuple(word for word in question.unread if word != number.text)
    return question.but(limit=min(int(number.number or 0), MOST_ROWS), unread=unread)


def _of_subject(shown: tuple[Target, ...], subject: Target | None) -> tuple[tuple[Target, ...], list[str]]:
    """ "Name", "id" and "code" are those of the subject, where it is a thing; if it has none, nobody
    knows whose.
    """
    if subject is None or not subject.links or subject.links[0].column is not None:
        return shown, []
    table = subject.links[0].table
    kept, vague = [], []
    for target in shown:
        own = tuple(link for link in target.links if link.table == table)
        if not is_generic(target.text):
            near = own and own[0].score >= target.links[0].score - 0.3
            kept.append(Target(own, target.text) if near else target)
        elif own:
            kept.append(Target(own, target.text))
        else:
            vague.append(target.text)
    return tuple(kept), vague


def _of_condition(subject: Target | None, conditions: Sequence[Condition]) -> Target | None:
    """ "Kyle's id": the id of what bears that value."""
    if subject is None or not is_generic(subject.text):
        return subject
    tables = {value.table for one in conditions if isinstance(one, ValueIs) for value in one.choices[0][:1]}
    own = tuple(link for link in subject.links if link.table in tables)
    return Target(own, subject.text) if own else subject


def is_generic(text: str) -> bool:
    """Is it a word such as "name" or "id", which says nothing without the thing that it is of?"""
    return key(text) in _GENERIC


def _is_unread(item: Node, measured: bool) -> bool:
    """Has this node said something that nothing has taken up?"""
    if item.letter == "v":
        return item.mark.payload != "new" and not item.links and not item.mark.values
    if item.letter == "Z":
        return item.mark.payload != "="
    if item.letter == "S":
        return not measured
    return item.letter in "iQVnzAxy1lOXKkfUgwj"


def _is_told(item: Node, question: Question, database: Database) -> bool:
    """ "Paid by Alipay": is the verb in the name of a column that a value is given for?"""
    if item.letter != "v":
        return False
    held = [
        database.field(v.table, v.column)
        for c in question.conditions
        if isinstance(c, ValueIs)
        for v in c.choices[0]
    ]
    return any(item.mark.text in one.remark.label or item.mark.text.lower() in one.words for one in held)


def _new(core: list[Node], database: Database) -> tuple[Link, ...]:
    """ "New customers": the date on which each began."""
    if not any(n.letter == "v" and n.mark.payload == "new" for n in core):
        return ()
    tables = [
        table
        for n in core
        for table in (
            n.mark.tables() or [link.table for link in n.meaning.links]
            if isinstance(n.meaning, Operand)
            else n.mark.tables()
        )
    ]
    dates = [item for table in tables[:1] for item in database.entity(table).dates()]
    return tuple(
        Link(item.table, item.name, 0.9)
        for item in dates
        if any(item.means(word) or speaks_of(item, word) for word in BEGINNINGS)
    )


def _is_state(item: Node) -> bool:
    return any(value.negated for value in item.mark.values) and not tables_of(item.links)


def _state(item: Node) -> ValueIs:
    return ValueIs((tuple(value for value in item.mark.values if value.negated),), item.mark.text)


def _subject(question: Question, core: list[Node], context: Context) -> tuple[Target | None, list[Node]]:
    """What is asked for: behind "which", else the last thing in Chinese, the first in English."""
    things = [n for n in core if n.letter in "TD"]
    if question.subject is not None or not things:
        return question.subject, things
    row = rows.letters(core)
    asked = re.search(r"Wn?o?([TD])", row)
    if asked:
        chosen = core[asked.start(1)]
    else:
        tables = [n for n in things if n.letter == "T"] or things
        chosen = tables[-1] if context.locale == "zh" else tables[0]
    return Target(chosen.links, chosen.mark.text), [n for n in things if n is not chosen]


def _is_amount(question: Question, subject: Target, database: Database) -> tuple[Link, ...]:
    """The column that is meant where a table is named after it: "What is the sales target of …"."""
    if question.ranking is not None or not _HOW_MUCH.search(question.text):
        return ()
    table = subject.links[0].table if subject.links[0].column is None else ""
    return tuple(
        link
        for link in subject.links
        if link.table == table
        and link.score >= 0.95
        and link.column is not None
        and database.field(table, link.column).additive
    )


def _spread(question: Question, database: Database) -> Question:
    """`员工的学历分布`: how many of the thing for each of the attribute."""
    if question.subject is not None and not question.shown and question.subject.links[0].column is not None:
        table = question.subject.links[0].table
        count = Operand("count", (Link(table, None, 1.0),), database.entity(table).label)
        return question.but(measures=(count,), groups=(question.subject,), subject=None)
    if question.subject is None or len(question.shown) != 1:
        return question
    count = Operand("count", question.subject.links, question.subject.text)
    return question.but(measures=(count,), groups=question.shown, shown=(), subject=None)


def tables_of(links: Sequence[Link]) -> tuple[Link, ...]:
    return tuple(link for link in links if link.column is None)
