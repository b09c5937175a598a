"""Questions that this schema could answer, for someone whose question was not understood. Pure."""

from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.knowledge import Knowledge
from text2sql_ws.llm.offline.talk import Locale, say


def suggest(knowledge: Knowledge, locale: Locale) -> str:
    """A sentence with up to three questions; empty where the schema has nothing to count."""
    questions = _questions(knowledge.database, locale)
    if not questions:
        return ""
    shown = " / ".join(f"“{question}”" for question in questions)
    return say("suggest", locale, questions=shown)


def _questions(database: Database, locale: Locale) -> list[str]:
    entities = list(database.entities.values())
    named = [entity for entity in entities if entity.naming] or entities
    found = [say("ask_count", locale, thing=_called(named[0], locale))] if named else []
    # What points at most others is where things happen: orders rather than departments.
    for entity in sorted(entities, key=lambda entity: (not _has_takings(entity), -len(entity.key_columns))):
        numbers = [item for item in entity.numbers() if item.additive and item.factors is None]
        if numbers and entity.dates():
            found.append(
                say(
                    "ask_sum",
                    locale,
                    measure=_label(_measure(numbers).remark.label, _measure(numbers).words, locale),
                )
            )
            break
    for entity in entities:
        attribute = next(
            (item for item in entity.fields.values() if item.role == "text" and item not in entity.naming),
            None,
        )
        if attribute is not None and entity.naming:
            group = _label(attribute.remark.label, attribute.words, locale)
            found.append(say("ask_group", locale, group=group, thing=_called(entity, locale)))
            break
    return found[:3]


def _is_takings(item: Field) -> bool:
    said = item.remark.label.endswith(("金额", "销售额", "营业额"))
    return item.additive and (said or item.words[-1:] in (("amount",), ("revenue",), ("sales",)))


def _measure(numbers: list[Field]) -> Field:
    """What was sold, where that is recorded; else the last figure, which is most often the total."""
    return next(filter(_is_takings, reversed(numbers)), numbers[-1])


def _has_takings(entity: Entity) -> bool:
    """Whether it records what was sold, rather than what was planned or spent."""
    return any(map(_is_takings, entity.numbers())) and bool(entity.dates())


def _called(entity: Entity, locale: Locale) -> str:
    return _label(entity.remark.label.removesuffix("表"), entity.words, locale)


def _label(label: str, words: tuple[str, ...], locale: Locale) -> str:
    """The comment's label where it is in the language, else the words of the name."""
    if label and label.isascii() == (locale == "en"):
        return label
    return " ".join(words) if locale == "en" or not label else label
