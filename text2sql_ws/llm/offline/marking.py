"""Cuts a question into marks: what covers it with the fewest, best known stretches wins. Pure.

Every stretch of tokens that the schema, the calendar, a number or the language's own words explain is a
candidate; dynamic programming takes the cheapest cover. What nothing explains becomes an UNKNOWN mark, and is
never dropped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from text2sql_ws.llm.offline import lexicon
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.dates import periods
from text2sql_ws.llm.offline.literals import LONG_NAME, SURNAMES
from text2sql_ws.llm.offline.marks import Kind, Link, Mark, ValueLink, Word
from text2sql_ws.llm.offline.numbers import chinese, numbers
from text2sql_ws.llm.offline.tokens import Token, key, key_of, tokenise
from text2sql_ws.llm.offline.vocabulary import Vocabulary

LONGEST_QUESTION = 4000
_UNKNOWN_COST = 10.0
_QUOTED = re.compile(
    r"“([^”]{1,80})”|‘([^’]{1,80})’|「([^」]{1,80})」|《([^》]{1,80})》|\"([^\"]{1,80})\"|(?<![A-Za-z])'([^']{1,80})'(?![A-Za-z])"
)
_TOP = re.compile(
    r"(?:(?P<first>排名|排在|位列)?\s*(?P<side>前|后|倒数)\s*(?P<zh>\d{1,4}|[一二三四五六七八九十]{1,3})(?!\s*(?:天|日|周|个?月|个?季度|年|半))\s*(?P<unit>名|位|个|家|种|款|条|笔|大|的)?)"
    r"|(?<![A-Za-z])(?P<en>top|bottom|first|last)[\s-]*(?P<count>\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|twenty)(?!\s*(?:day|week|month|quarter|year))(?![A-Za-z\d])",
    re.I,
)
_PERSON = re.compile(rf"(?=[{''.join(sorted(SURNAMES))}][\u3400-\u9fff])")
_SMALL = {
    word: n
    for n, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1
    )
} | {"twenty": 20}
_ASPECT = re.compile("[过了被订的]")
_YIELDING = frozenset("jkMqfR")
_STRONG = frozenset("UgbSAxyXHGBZzwOlWKRpqMarcoesj")


@dataclass(frozen=True, slots=True)
class Lookups:
    """What words are looked up in: one schema's vocabulary."""

    database: Database
    vocabulary: Vocabulary


def mark(text: str, lookups: Lookups, today: date) -> list[Mark]:
    """The marks that cover `text`, in order; white space belongs to none."""
    text = text[:LONGEST_QUESTION]
    tokens = [token for token in tokenise(text) if not _is_joint(token, text)]
    candidates = _candidates(text, tokens, lookups, today)
    return _with_long_names(_merged(list(_cheapest(tokens, candidates, text)), text), text)


def _is_joint(token: Token, text: str) -> bool:
    """A hyphen or apostrophe within an English word only joins it."""
    if token.text not in "-'’‐":
        return False
    before, after = text[token.start - 1 : token.start], text[token.end : token.end + 1]
    return before.isascii() and before.isalpha() and after.isascii() and after.isalpha()


def _candidates(
    text: str, tokens: list[Token], lookups: Lookups, today: date
) -> dict[int, list[tuple[int, float, Mark]]]:
    """By the number of its first token: the number after its last, its cost, the mark."""
    found: dict[int, list[tuple[int, float, Mark]]] = {}
    starts = {token.start: number for number, token in enumerate(tokens)}
    ends = {token.end: number + 1 for number, token in enumerate(tokens)}
    for cost, made in _from_patterns(text, today, lookups.vocabulary):
        if made.start in starts and made.end in ends:
            found.setdefault(starts[made.start], []).append((ends[made.end], cost, made))
    for first in range(len(tokens)):
        for last, cost, made in _from_words(text, tokens, first, lookups):
            found.setdefault(first, []).append((last, cost, made))
    for first, last, made in _from_endings(text, tokens, lookups):
        found.setdefault(first, []).append((last, 4.0 + 0.4 * (last - first), made))
    return found


def _from_patterns(text: str, today: date, vocabulary: Vocabulary) -> Iterator[tuple[float, Mark]]:
    for found in periods(text, today):
        words = text[found.start : found.end]
        yield (
            0.8,
            Mark(
                Kind.PERIOD, words, found.start, found.end, period=found.period, same_period=found.same_period
            ),
        )
    for number in numbers(text):
        words = text[number.start : number.end]
        yield (
            1.1,
            Mark(Kind.NUMBER, words, number.start, number.end, number=number.value, percent=number.percent),
        )
    for match in _TOP.finditer(text):
        yield 0.9, _top(match)
    for match in _PERSON.finditer(text):
        for length in (3, 2):
            name = text[match.start() : match.start() + length]
            yield (
                4.0 + 3.0 * length,
                Mark(Kind.UNKNOWN, name, match.start(), match.start() + length, payload="person"),
            )
    for match in _QUOTED.finditer(text):
        words = next(group for group in match.groups() if group)
        values = tuple(value for value in vocabulary.values.get(key(words), ()) if value.literal == words)
        kind = Kind.VALUE if values else Kind.QUOTED
        yield 0.5, Mark(kind, words, *match.span(), values=values)


def _top(match: re.Match[str]) -> Mark:
    if match["zh"]:
        count = int(match["zh"]) if match["zh"].isdigit() else chinese(match["zh"])
        payload = "desc" if match["side"] == "前" else "asc"
    else:
        word = match["count"].lower()
        count = _SMALL.get(word) or int(word)
        payload = "desc" if match["en"].lower() in ("top", "first") else "asc"
    return Mark(Kind.TOP, match[0], *match.span(), payload=payload, number=Decimal(count))


def _from_words(
    text: str, tokens: list[Token], first: int, lookups: Lookups
) -> Iterator[tuple[int, float, Mark]]:
    longest = max(lookups.vocabulary.longest, lexicon.longest())
    for last in range(first + 1, min(first + 13, len(tokens) + 1)):
        sought = key_of(tokens[first:last])
        if len(sought) > longest:
            return
        span = (tokens[first].start, tokens[last - 1].end)
        made = _looked_up(sought, text[slice(*span)], span, lookups)
        if made is not None:
            yield last, _cost(made), made


def _looked_up(sought: str, words: str, span: tuple[int, int], lookups: Lookups) -> Mark | None:
    word = lexicon.words().get(sought)
    links = lookups.vocabulary.links.get(sought, ())
    values = lookups.vocabulary.values.get(sought, ())
    if word is not None and len(sought) == 1:
        links = values = ()
    if word is not None and word.kind is Kind.VERB and not links and not values:
        bare = _ASPECT.sub("", sought)
        links, values = lookups.vocabulary.links.get(bare, ()), lookups.vocabulary.values.get(bare, ())
    if word is None and not links and not values:
        return None
    if word is not None and word.kind is Kind.BY and words.lower().startswith("orders"):
        return None
    kind = _kind(word, links, values, lookups.database)
    payload, concept = (word.payload, word.concept) if word else ("", "")
    return Mark(kind, words, *span, links, values, payload, concept)


def _kind(
    word: Word | None, links: tuple[Link, ...], values: tuple[ValueLink, ...], database: Database
) -> Kind:
    """What to read it as first. Words of the language win over weak links, names of the schema over verbs."""
    link = links[0].score if links else 0.0
    value = values[0].score if values else 0.0
    if word is not None and word.kind in _YIELDING and value == 1.0:
        return Kind.VALUE
    if word is not None and word.kind in _STRONG:
        return word.kind
    if word is not None and word.kind is Kind.STOP and max(link, value) < 0.8:
        return word.kind
    idle = word is not None and word.kind is Kind.VERB and word.payload == "generic"
    if links and links[0].column is None and link >= 0.9 > value and not idle:
        return Kind.TABLE
    if (
        word is not None
        and word.kind is Kind.VERB
        and (word.payload in ("", "generic") or max(link, value) < 0.8)
    ):
        return Kind.VALUE if value >= 0.8 > link else Kind.VERB
    if value > link or (value and value == link):
        return Kind.VALUE
    if not links:
        return word.kind if word else Kind.UNKNOWN
    return _kind_of_link(links[0].table, links[0].column, database)


def _kind_of_link(table: str, column: str | None, database: Database) -> Kind:
    if column is None:
        return Kind.TABLE
    match database.field(table, column).role:
        case "number":
            return Kind.MEASURE
        case "date":
            return Kind.DATE
        case "key" | "text" | "flag":
            return Kind.COLUMN


def _cost(made: Mark) -> float:
    best = max(
        [link.score for link in made.links[:1]] + [value.score for value in made.values[:1]], default=0.0
    )
    if made.kind in _STRONG or made.kind is Kind.STOP:
        best = max(best, 0.9)
    return 1.0 + 0.6 * (1 - (best or 0.7)) - 0.01 * (made.end - made.start)


def _from_endings(text: str, tokens: list[Token], lookups: Lookups) -> Iterator[tuple[int, int, Mark]]:
    """Stretches that look like a name: "财务管理部" where all known departments end with 部."""
    for table, column, end in lookups.vocabulary.endings:
        for last in range(2, len(tokens) + 1):
            if not tokens[last - 1].is_cjk or not text[: tokens[last - 1].end].endswith(end):
                continue
            for first in range(last - len(end) - 1, max(last - 9, -1), -1):
                if not tokens[first].is_cjk:
                    break
                if last - first - len(end) >= 2:
                    start, stop = tokens[first].start, tokens[last - 1].end
                    yield (
                        first,
                        last,
                        Mark(Kind.QUOTED, text[start:stop], start, stop, payload=f"{table}.{column}"),
                    )


def _cheapest(
    tokens: list[Token], candidates: dict[int, list[tuple[int, float, Mark]]], text: str
) -> Iterator[Mark]:
    best: list[tuple[float, int, Mark | None]] = [(0.0, 0, None)]
    best.extend((float("inf"), 0, None) for _ in tokens)
    for first, token in enumerate(tokens):
        reached = best[first][0]
        unknown = Mark(Kind.STOP if token.is_mark else Kind.UNKNOWN, token.text, token.start, token.end)
        cost = 1.0 if token.is_mark else _UNKNOWN_COST
        for last, price, made in [*candidates.get(first, ()), (first + 1, cost, unknown)]:
            if reached + price < best[last][0]:
                best[last] = (reached + price, first, made)
    place, chosen = len(tokens), []
    while place:
        _, before, made = best[place]
        if made is not None:
            chosen.append(made)
        place = before
    return reversed(chosen)


def _merged(marks: list[Mark], text: str) -> list[Mark]:
    """Neighbouring unknown characters are one unknown word."""
    merged: list[Mark] = []
    for made in marks:
        last = merged[-1] if merged else None
        if (
            last
            and made.kind is Kind.UNKNOWN is last.kind
            and not (made.payload or last.payload)
            and text[last.end : made.start].strip() == ""
            and (last.end == made.start or text[made.start].isascii())
        ):
            merged[-1] = replace(last, text=text[last.start : made.end], end=made.end)
        else:
            merged.append(made)
    return merged


def _with_long_names(marks: list[Mark], text: str) -> list[Mark]:
    """ "智慧园区一期工程的负责人": what stands before 的 is one name if part of it is unknown and it is
    long.
    """
    for place, of in enumerate(marks):
        if of.text != "的" or place + 1 >= len(marks) or marks[place + 1].kind.value not in "DNd":
            continue
        first = place
        while (
            first
            and marks[first - 1].kind.value not in "oPcWaVZ"
            and marks[first - 1].text != "在"
            and marks[first - 1].end == marks[first].start
        ):
            first -= 1
        inside = marks[first:place]
        if (
            len(inside) < 2
            or not {mark.kind.value for mark in inside} <= set("iTn_N")
            or inside[0].kind is not Kind.UNKNOWN
            or inside[-1].end - inside[0].start < LONG_NAME + 1
        ):
            continue
        start, end = inside[0].start, inside[-1].end
        return [
            *marks[:first],
            Mark(Kind.UNKNOWN, text[start:end], start, end, payload="name"),
            *marks[place:],
        ]
    return marks
