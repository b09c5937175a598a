"""Who somebody is, once they have shown it."""

from dataclasses import dataclass
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class User:
    """`id` is what everything is kept under. `wire_id` is what `text2sql` sends: 1 where nobody logs in."""

    id: str
    wire_id: str | int
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Login:
    """A user, and until when what they showed is good: until `NEVER` where nobody logs in."""

    user: User
    expires_at: datetime
