"""The `Fault`s of this room: what the guard says when it says no.

The one rule: a refusal names exactly what was refused, so that a person can see that it is no mistake.
"""

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say


def not_read_only(key: str, **params: object) -> Fault:
    """The statement could change, lock, leak or stall; another wording of it is not asked for."""
    return Fault(Code.SQL_NOT_READ_ONLY, say(f"guard.{key}", **params))


def not_permitted(key: str, **params: object) -> Fault:
    """A table, column or database that may not be read."""
    return Fault(Code.INSUFFICIENT_PERMISSIONS, say(f"guard.{key}", **params))


def malformed(near: str) -> Fault:
    """A harmless statement with a mistake in it; whoever wrote it may write it again."""
    return Fault(Code.SQL_SYNTAX_ERROR, say("guard.malformed", near=near.strip()[:60]), mendable=True)


def unknown_verb(verb: str) -> Fault:
    """A harmless statement of another database."""
    return Fault(Code.SQL_SYNTAX_ERROR, say("guard.unknown_verb", verb=verb), mendable=True)


def unknown_function(name: str) -> Fault:
    """A harmless function of another database; the statement may be written again without it."""
    return Fault(Code.SQL_SYNTAX_ERROR, say("guard.unknown_function", name=name), mendable=True)
