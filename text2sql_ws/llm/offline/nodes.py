"""A question while it is read: a row of nodes, one letter each, that rules shorten step by step. No rule
here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.form import Condition, Operand, Target
from text2sql_ws.llm.offline.marks import Comparison, Kind, Link, Mark

MEASURE, CONDITION, BOUNDS, GROUP = "m", "C", "1", "I"
"""Letters of what rules make: an operand, a condition, a bound without its operand, a group."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A bound, or two, without what it bounds."""

    pairs: tuple[tuple[Comparison, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """What to group by, in order."""

    targets: tuple[Target, ...]


Meaning = Operand | Condition | Limits | Groups | None


@dataclass(frozen=True, slots=True)
class Node:
    """A mark, or several that a rule has joined; `meaning` is what they were joined to."""

    letter: str
    mark: Mark
    meaning: Meaning = None

    @property
    def links(self) -> tuple[Link, ...]:
        return self.mark.links


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at besides its nodes."""

    text: str
    locale: Literal["zh", "en"]
    database: Database


Action = Callable[[list[Node], Context], Node | list[Node] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the letters match `pattern`, `action` gives what takes the nodes' place; None leaves them."""

    pattern: re.Pattern[str]
    action: Action


def rule(pattern: str, action: Action) -> Rule:
    return Rule(re.compile(pattern), action)


def node(mark: Mark) -> Node:
    return Node(mark.kind.value, mark)


def letters(nodes: Sequence[Node]) -> str:
    return "".join(item.letter for item in nodes)


def reduced(nodes: list[Node], rules: Sequence[Rule], context: Context) -> list[Node]:
    """Apply each rule in turn from left to right, until it changes nothing."""
    for each in rules:
        place = 0
        while (found := each.pattern.search(letters(nodes), place)) is not None:
            made = (
                each.action(nodes[found.start() : found.end()], context)
                if found.end() > found.start()
                else None
            )
            if made is None:
                place = found.start() + 1
                continue
            fresh = made if isinstance(made, list) else [made]
            nodes = [*nodes[: found.start()], *fresh, *nodes[found.end() :]]
            place = found.start() + (1 if len(fresh) >= found.end() - found.start() else 0)
    return nodes


def operand_of(item: Node) -> Operand:
    """The operand that a node is: as rules have made it, or its bare column."""
    return item.meaning if isinstance(item.meaning, Operand) else Operand("", item.links, item.mark.text)


def targets_of(item: Node) -> tuple[Target, ...]:
    """What a node groups by."""
    return item.meaning.targets if isinstance(item.meaning, Groups) else (Target(item.links, item.mark.text),)


def limits_in(nodes: Sequence[Node]) -> tuple[tuple[Comparison, Decimal], ...]:
    """The first bounds among the nodes; none is an empty tuple."""
    return next((item.meaning.pairs for item in nodes if isinstance(item.meaning, Limits)), ())


def comparison_in(nodes: Sequence[Node]) -> Comparison:
    """The first comparison among the nodes."""
    said = next((item.mark.payload for item in nodes if item.letter in "Zz"), "=")
    return next((known for known in get_args(Comparison) if known == said), "=")


def joined(letter: str, nodes: Sequence[Node], context: Context, meaning: Meaning) -> Node:
    """One node for several, spanning their words."""
    start, end = min(n.mark.start for n in nodes), max(n.mark.end for n in nodes)
    return Node(letter, Mark(Kind.UNKNOWN, context.text[start:end], start, end), meaning)


def words_of(nodes: list[Node], context: Context) -> str:
    """The words of the question that the nodes span."""
    return context.text[min(n.mark.start for n in nodes) : max(n.mark.end for n in nodes)].strip()
