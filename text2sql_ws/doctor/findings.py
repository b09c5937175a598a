"""What a check has found: how it stands, in a sentence, and what to do."""

from dataclasses import dataclass
from typing import Literal

from text2sql_ws.errors import Fault
from text2sql_ws.texts import Text, say

Status = Literal["OK", "WARN", "FAIL"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` names the kind of thing, `subject` the thing; `remedy` says what to do, if anything."""

    check: str
    subject: str
    status: Status
    told: Text
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is looked at."""

    check: str
    name: str = ""

    def good(self, key: str, **params: object) -> Finding:
        return Finding(self.check, self.name, "OK", say(key, **params))

    def doubtful(self, key: str, **params: object) -> Finding:
        """`key` has a second sentence, `<key>.remedy`, with the same parameters."""
        return Finding(self.check, self.name, "WARN", say(key, **params), say(f"{key}.remedy", **params))

    def bad(self, key: str, **params: object) -> Finding:
        return Finding(self.check, self.name, "FAIL", say(key, **params), say(f"{key}.remedy", **params))

    def failed(self, fault: Fault, remedy: Text) -> Finding:
        return Finding(self.check, self.name, "FAIL", fault.message, remedy)
