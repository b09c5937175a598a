"""Words for what columns hold: examples and listed values, codes, states that NULL stands for, cities. Pure.

A score of 1 is a value as it is written; other words for it, and parts of it, score less."""

from collections.abc import Iterable, Iterator

from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.glossary import cities, synonyms, value_lines, value_synonyms
from text2sql_ws.llm.offline.labels import cores, segments
from text2sql_ws.llm.offline.marks import ValueLink
from text2sql_ws.llm.offline.tokens import key


def all_values(database: Database) -> Iterator[tuple[str, ValueLink]]:
    yield from _of_cities(database)
    for entity in database.entities.values():
        for item in entity.fields.values():
            yield from _of_examples(entity, item)
            if item in entity.naming:
                yield from _of_unshown(item)
            yield from _of_codes(item)
            yield from _of_states(item)
            if item.role == "flag":
                yield from _of_flag(item)


def _of_cities(database: Database) -> Iterator[tuple[str, ValueLink]]:
    """All cities for columns of cities that show none, or only some."""
    for entity in database.entities.values():
        for item in entity.fields.values():
            if item.role != "text" or not (
                item.means("city") or item.remark.label.endswith("城市") or item.words[-1:] == ("city",)
            ):
                continue
            held = item.column.examples
            chinese = not held or not held[0].isascii()
            whole = "" if not chinese or not held or not held[0].endswith("市") else "市"
            for english, own in cities():
                literal = own + whole if chinese else english.title()
                score = 0.97 if not held else 0.9
                for phrase in (english, own, own + "市"):
                    yield phrase, ValueLink(item.table, item.name, literal, score)


def _of_unshown(item: Field) -> Iterator[tuple[str, ValueLink]]:
    """Common names for a column of names that shows only some of those it holds, all ending alike ("…部").

    The shortest is taken: what people say for short is what a product's abbreviations can be told of.
    """
    end = _common_end([value for value in item.column.examples if not value.isascii()])
    if len(item.column.examples) < MOST_SHOWN or not end:
        return
    for line in value_lines():
        if any(word.endswith(end) and len(word) > len(end) + 1 for word in line):
            chinese = [word for word in line if not word.isascii()]
            for word in line:
                if word.isascii() or not word.endswith(end):
                    yield word, ValueLink(item.table, item.name, min(chinese, key=len), 0.7, vague=True)


def _of_examples(entity: Entity, item: Field) -> Iterator[tuple[str, ValueLink]]:
    """The examples and listed values of a column, as written, in other words and without the table's own
    word.
    """
    if item.role not in ("text", "key"):
        return
    held = dict.fromkeys((*item.column.examples, *(v for v in item.remark.listed if item.role == "text")))
    for literal in held:
        yield literal, ValueLink(item.table, item.name, literal, 1.0)
        for phrase in value_synonyms().get(key(literal), ()):
            yield phrase, ValueLink(item.table, item.name, literal, 0.8)
        for phrase in _shortened(literal, entity.label):
            yield phrase, ValueLink(item.table, item.name, literal, 0.75)


def _shortened(literal: str, label: str) -> Iterator[str]:
    own = label.removesuffix("表")
    for end in {own, own[-2:], "大区", "地区", "市", "省"}:
        if end and literal.endswith(end) and len(literal) - len(end) >= 2:
            yield literal.removesuffix(end)
            yield from value_synonyms().get(key(literal.removesuffix(end)), ())
    if literal.startswith("已") and len(literal) > 2:
        yield literal.removeprefix("已")


def _of_codes(item: Field) -> Iterator[tuple[str, ValueLink]]:
    for code, meaning in item.remark.codes:
        literal: str | int = (
            int(code) if code.isdigit() and item.column.type.upper().find("CHAR") < 0 else code
        )
        yield meaning, ValueLink(item.table, item.name, literal, 1.0)
        for phrase in value_synonyms().get(key(meaning), ()):
            yield phrase, ValueLink(item.table, item.name, literal, 0.8)


def _of_states(item: Field) -> Iterator[tuple[str, ValueLink]]:
    """Words for NULL as the comment gives them, and for not NULL of dates that may be missing."""
    for state in item.remark.states:
        null = ValueLink(item.table, item.name, None, 0.85)
        for phrase in dict.fromkeys((state, *cores(state), *_without_noun(state))):
            yield phrase, null
            for other in value_synonyms().get(key(phrase), ()):
                yield other, ValueLink(item.table, item.name, None, 0.75)
    if item.role == "date" and item.column.nullable:
        there = ValueLink(item.table, item.name, None, 0.7, negated=True)
        label = item.remark.label
        for end in ("日期", "时间"):
            if label.endswith(end) and len(label) > 2:
                yield (
                    "已" + label.removesuffix(end),
                    ValueLink(item.table, item.name, None, 0.8, negated=True),
                )
                yield "已经" + label.removesuffix(end), there
                yield "未" + label.removesuffix(end), ValueLink(item.table, item.name, None, 0.8)
                if item.remark.states:
                    yield label.removesuffix(end), there
                    yield from (
                        (other, there) for other in value_synonyms().get(key(label.removesuffix(end)), ())
                    )
        if item.words[-1:] in (("on",), ("at",)) and item.words[0].endswith("ed"):
            yield " ".join(item.words[:-1]), there
            yield "un" + " ".join(item.words[:-1]), ValueLink(item.table, item.name, None, 0.75)


def _without_noun(state: str) -> Iterator[str]:
    parts = segments(state)
    if len(parts) > 1 and key(parts[0]) not in synonyms():
        yield "".join(parts[:-1])


def _of_flag(item: Field) -> Iterator[tuple[str, ValueLink]]:
    yes = ValueLink(item.table, item.name, 1, 0.85)
    words = item.words[1:] if item.words[:1] in (("is",), ("has",)) else item.words
    yield " ".join(words), yes
    if (label := item.remark.label).startswith("是否"):
        yield label.removeprefix("是否"), yes
        yield from ((word, yes) for word in value_synonyms().get(key(label.removeprefix("是否")), ()))


def endings(database: Database) -> Iterable[tuple[str, str, str]]:
    """What all known names of a thing end with ("…部", "…仓"), so that names not among the examples are
    known.
    """
    for entity in database.entities.values():
        for item in entity.naming:
            held = [value for value in item.column.examples if not value.isascii()]
            end = _common_end(held)
            if len(held) >= 3 and end:
                yield item.table, item.name, end


def _common_end(values: list[str]) -> str:
    end = ""
    while values and all(
        len(v) > len(end) + 1 and v[-len(end) - 1] == values[0][-len(end) - 1] for v in values
    ):
        end = values[0][-len(end) - 1] + end
    return end


MOST_SHOWN = 8
"""With so many examples a column may hold more than it shows."""
