"""From a question's marks to what it asks (`form.Question`). Pure; knows no table.

The one rule: every word must find its place. What finds none is listed as `unread`, and then nobody answers.
"""

import re
from collections.abc import Sequence
from typing import Literal, get_args

from text2sql_ws.llm.offline import nodes as rows
from text2sql_ws.llm.offline import ranking
from text2sql_ws.llm.offline.calendar import Grain
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.form import Condition, Operand, Question, Ranking
from text2sql_ws.llm.offline.marks import Kind, Mark
from text2sql_ws.llm.offline.nodes import CONDITION, GROUP, Context, Node
from text2sql_ws.llm.offline.reductions import RULES
from text2sql_ws.llm.offline.remainder import tables_of, with_rest
from text2sql_ws.llm.offline.tidying import (
    merged_values,
    tidy,
    with_dated_states,
    with_things,
    without_agents,
    without_idle_verbs,
    without_relatives,
)

_EACH = re.compile(r"分别|各是|各有|各自|各多少|respectively|each\b|separately", re.I)
_RATE = re.compile(r"率|\brate", re.I)
_LATEST: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")


def language(text: str, otherwise: Literal["zh", "en"]) -> Literal["zh", "en"]:
    """The language of a question: names and numbers in the other one do not count for much."""
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z]{2,}", text))
    if chinese == words == 0:
        return otherwise
    return "zh" if chinese > words else "en"


def read(text: str, marks: Sequence[Mark], database: Database, locale: Literal["zh", "en"]) -> Question:
    """What is asked. `unread` holds the words that found no place."""
    context = Context(text, locale, database)
    nodes = [
        rows.node(mark) for mark in with_things(without_agents(marks), database) if mark.kind is not Kind.STOP
    ]
    nodes = rows.reduced(without_idle_verbs(without_relatives(nodes, locale)), RULES, context)
    question = Question(text, locale)
    conditions = tuple(n.meaning for n in nodes if isinstance(n.meaning, get_args(Condition)))
    periods = tuple(n.mark for n in nodes if n.letter == "P")
    conditions = merged_values(conditions)
    question = with_dated_states(question.but(conditions=conditions, periods=periods))
    question = question.but(
        hints=tuple(link for mark in marks if mark.kind is Kind.VERB for link in tables_of(mark.links))
    )
    core = tidy([n for n in nodes if n.letter not in (CONDITION, "P", "c")])
    question, core = _with_flags(question, core, text)
    question, core = _with_ranking(question, core, context)
    return with_rest(question, core, context)


def _with_flags(question: Question, core: list[Node], text: str) -> tuple[Question, list[Node]]:
    row = rows.letters(core)
    buckets = [n.mark.payload for n in core if n.letter == "b"]
    growth = next((n.mark.payload for n in core if n.letter == "q"), None)
    sort = next((n.mark.payload for n in core if n.letter == "s"), None)
    if (found := re.search(r"Wn?o?g", row)) and "X" not in row:
        buckets = buckets or [core[found.end() - 1].mark.payload]
        core = [*core[: found.start()], *core[found.end() :]]
    shares = [n.mark.text for n in core if n.letter == "p"]
    question = question.but(
        bucket=min(buckets, key=_LATEST.index) if buckets else None,
        trend="R" in row,
        share=bool(shares),
        rate=any(_RATE.search(text) for text in shares),
        growth=growth,
        versus="M" in row,
        sort=sort,
        distinct="u" in row,
        everything=bool(_EACH.search(text)),
    )
    return question, [n for n in core if n.letter not in "bRpqM"]


def _with_ranking(question: Question, core: list[Node], context: Context) -> tuple[Question, list[Node]]:
    found = ranking.find(core, context)
    match found:
        case None:
            return _sorted(question, core, context.database)
        case ranking.Extreme():
            return question.but(measures=(found.operand,)), found.rest
        case ranking.Ranked():
            question = question.but(ranking=found.ranking)
            subject = found.subject
            if subject is None:
                return question, found.rest
            if subject.letter == "g" and not _names_column(subject, context.database):
                return question.but(bucket=subject.mark.payload), found.rest
            if subject.letter == GROUP:
                return question.but(groups=rows.targets_of(subject)), found.rest
            return question.but(subject=ranking.target_of(subject)), found.rest


def _names_column(grain: Node, database: Database) -> bool:
    """Is "year" a column of its own here, and no date to be cut into years?"""
    best = [link for link in grain.links if link.column is not None and link.score >= 0.95]
    return any(database.field(link.table, link.column or "").role != "date" for link in best)


def _sorted(question: Question, core: list[Node], database: Database) -> tuple[Question, list[Node]]:
    """`sorted by salary`, `按工资排序`: an order of rows, all of them."""
    found = re.search(r"Bo?([NdmD])s?|so?([Ndm])", rows.letters(core))
    measured = any(n.letter in "Nm" for n in core)
    if found:
        item = core[max(found.start(1), found.start(2))]
        by = rows.operand_of(item)
    elif question.sort and not measured and (numeric := [n for n in core if _numeric(n, database)]):
        item = numeric[0]
        by = Operand("", rows.targets_of(item)[0].links, rows.targets_of(item)[0].text)
    else:
        return question, core
    rest = [n for n in core if n is not item]
    return question.but(ranking=Ranking(question.sort or "asc", None, by)), rest


def _numeric(item: Node, database: Database) -> bool:
    """Is it a group by one column of numbers, so that "by" can only mean an order?"""
    if item.letter != GROUP or len(rows.targets_of(item)) != 1:
        return False
    link = rows.targets_of(item)[0].links[0]
    return link.column is not None and database.field(link.table, link.column).role == "number"
