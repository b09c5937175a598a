"""Words for tables and columns, from their names and comments, in both languages, with how well each
fits. Pure.
"""

from collections.abc import Iterator
from itertools import product

from text2sql_ws.llm.offline.database import Entity, Field
from text2sql_ws.llm.offline.glossary import synonyms
from text2sql_ws.llm.offline.labels import GENERIC_ENDS_EN, GENERIC_ENDS_ZH, cores, segments
from text2sql_ws.llm.offline.tokens import key

WEAKEST = 0.5

_VARIANTS = 40


def of_entity(entity: Entity) -> Iterator[tuple[str, float]]:
    words = entity.words
    yield " ".join(words), 1.0
    yield from _translated(words, 0.9)
    label = entity.remark.label
    if label:
        yield from _of_label(label, 1.0)
    for other in entity.remark.others:
        yield other, 0.95
    if len(words) > 1:
        yield words[-1], 0.6
        yield from ((phrase, score) for phrase, score in _translated(words[-1:], 0.55))


def of_field(entity: Entity, item: Field) -> Iterator[tuple[str, float]]:
    yield from _of_name(entity, item)
    if label := item.remark.label:
        yield from _of_label(label, 1.0)
        own = entity.remark.label.removesuffix("表")
        for core in [label.removeprefix(own)] if own and label.startswith(own) else []:
            if len(core) >= 2:
                yield from _of_label(core, 0.75 if item.role == "key" else 0.95)
        if own and not label.startswith(own) and len(label) <= 4 and item.role in ("number", "text", "date"):
            yield own + label, 0.97
    for other in item.remark.others:
        yield other, 0.98
        yield from _translated((other.rpartition("的")[2],), 0.82 if "的" in other else 0.9)
        if "的" in other:
            yield other.rpartition("的")[2], 0.9


def _of_name(entity: Entity, item: Field) -> Iterator[tuple[str, float]]:
    words = item.words
    yield item.name, 1.0
    yield " ".join(words), 1.0
    yield from _translated(words, 0.88)
    own = {key(word) for word in entity.words}
    rest = tuple(word for word in words if key(word) not in own)
    if rest and rest != words:
        yield " ".join(rest), 0.95
        yield from _translated(rest, 0.85)
    if key(" ".join(words[:1])) not in own and item.role in ("number", "text", "date"):
        yield " ".join((*entity.words[-1:], *words)), 0.97
    yield from _parts_of_name(item, rest or words)


def _parts_of_name(item: Field, words: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    core = tuple(word for word in words if word not in GENERIC_ENDS_EN)
    if core and core != words:
        score = 0.72 if item.role == "key" else 0.85
        yield " ".join(core), score
        yield from _translated(core, score - 0.08)
    if len(core) > 1 and item.role != "key":
        yield core[-1], 0.7
        yield from _translated(core[-1:], 0.6)
    if len(words) > 1 and words[-1] in ("count", "cnt", "number") and item.role == "number":
        yield " ".join(words[:-1]), 0.8
    if (
        len(words) > 1
        and words[-1] in GENERIC_ENDS_EN
        and words[-1] not in ("id", "code", "key", "no")
        and item.role != "key"
    ):
        yield words[-1], 0.6


def _of_label(label: str, score: float) -> Iterator[tuple[str, float]]:
    """A label, what it is without its common ends, the same in other words, and its last word."""
    yield label, score
    parts = segments(label) if not label.isascii() else label.split()
    yield from _translated(tuple(parts), score - 0.1)
    if label.isascii():
        if len(parts) > 1:
            yield parts[-1], 0.6
        return
    for core in cores(label):
        yield core, score - 0.15
        yield from _translated(tuple(segments(core)), score - 0.22)
    if len(parts) > 1 and len(parts[-1]) >= 2 and not parts[-1].isascii():
        yield parts[-1], 0.7
        if parts[-1] not in GENERIC_ENDS_ZH:
            yield from _translated(parts[-1:], 0.6)
    for end in ("日期", "时间"):
        if label.endswith(end) and len(label) > 2:
            yield label.removesuffix(end), 0.8


def _translated(words: tuple[str, ...] | list[str], score: float) -> Iterator[tuple[str, float]]:
    """The phrase with words replaced by their synonyms, in English and in Chinese; whole phrases first."""
    whole = synonyms().get(key(" ".join(words))) or synonyms().get(key("".join(words)), ())
    for phrase in whole:
        yield phrase, score
    choices = [(word, *synonyms().get(key(word), ())) for word in words]
    if len(words) < 2 or len(words) > 4:
        return
    for ascii_only in (True, False):
        own = [[c for c in choice if c.isascii() == ascii_only][:6] for choice in choices]
        for count, chosen in enumerate(product(*own)):
            if count >= _VARIANTS:
                break
            yield (" " if ascii_only else "").join(chosen), score - 0.03
