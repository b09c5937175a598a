"""A follow-up and the question before it as one: "那去年呢？", "and last year?", "only in 华东". Pure.

Only fragments are completed, those that name nothing but periods, values and groups: each takes the place
of its like in the question before. Anything longer stands on its own.
"""

from collections.abc import Sequence

from text2sql_ws.llm.offline import marking
from text2sql_ws.llm.offline.marking import Lookups
from text2sql_ws.llm.offline.marks import Kind, Mark
from text2sql_ws.llm.offline.request import Generation

_FRAGMENT = frozenset("PVQGBbgoacZre_")
_GROUPS = frozenset("TDd")
MOST_MARKS = 8


def completed(marks: Sequence[Mark], request: Generation, lookups: Lookups) -> str | None:
    """The whole question that a fragment stands for, in words; None where it is no fragment."""
    if not request.earlier or not _is_fragment(marks):
        return None
    whole = request.earlier[0]
    for text in (*request.earlier[1:], request.question):
        fresh = marking.mark(text, lookups, request.prompt.today)
        whole = _merged(whole, fresh, text, request, lookups) if _is_fragment(fresh) else text
    return whole if whole != request.question else None


def _is_fragment(marks: Sequence[Mark]) -> bool:
    said = [mark for mark in marks if mark.kind is not Kind.STOP]
    kinds = {mark.kind.value for mark in said}
    if not said or len(said) > MOST_MARKS or kinds <= set("oacZe"):
        return False
    if kinds <= _FRAGMENT:
        return bool(kinds & set("PVQb")) or "g" in kinds
    return kinds <= _FRAGMENT | _GROUPS and bool(kinds & set("GB"))


def _merged(whole: str, fresh: Sequence[Mark], text: str, request: Generation, lookups: Lookups) -> str:
    """The earlier question with its periods, values or groups replaced by the new ones, the rest kept."""
    old = marking.mark(whole, lookups, request.prompt.today)
    gone = [mark for mark in old if _is_replaced(mark, fresh)]
    kept, place = "", 0
    for mark in gone:
        kept += whole[place : mark.start] + " "
        place = mark.end
    kept += whole[place:]
    said = [mark for mark in fresh if mark.kind.value not in "_acoZe"]
    front, back = _sides(said, text, request.locale)
    return " ".join(
        part for part in (front, " ".join(kept.split()).rstrip("？?。.!！ "), back) if part
    ).strip()


def _sides(said: Sequence[Mark], text: str, locale: str) -> tuple[str, str]:
    """Chinese takes what is new in front, English behind; groups keep their words."""
    words = " ".join(text[mark.start : mark.end] for mark in said)
    if locale == "zh":
        return words, ""
    return "", ("in " if said and said[0].kind is Kind.PERIOD and said[0].text[:1].isdigit() else "") + words


def _is_replaced(mark: Mark, fresh: Sequence[Mark]) -> bool:
    if mark.kind is Kind.PERIOD:
        return any(new.kind is Kind.PERIOD for new in fresh)
    if mark.kind is Kind.VALUE:
        mine = {(value.table, value.column) for value in mark.values}
        return any(
            mine & {(value.table, value.column) for value in new.values}
            for new in fresh
            if new.kind is Kind.VALUE
        )
    if mark.kind in (Kind.PERIODIC, Kind.GRAIN):
        return any(new.kind in (Kind.PERIODIC, Kind.GRAIN) for new in fresh)
    return False
