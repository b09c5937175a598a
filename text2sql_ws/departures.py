"""Why the server closes a connection: the close codes of `wire.md` 1.4. From 4500 on: don't come back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Departure:
    code: int
    reason: str


GOODBYE = Departure(1000, "Goodbye")
SHUTTING_DOWN = Departure(1001, "Server is shutting down")
TOO_LARGE = Departure(1009, "Message too large")
TOO_SLOW = Departure(4008, "Client reads too slowly")
SILENT = Departure(4012, "Heartbeat timeout")
TOO_MANY_MESSAGES = Departure(4029, "Rate limit exceeded")
TOKEN_EXPIRED = Departure(4401, "Token expired")
NOT_OWNER = Departure(4503, "Session belongs to another user")
NO_PLACE = Departure(4504, "Too many connections")
REPLACED = Departure(4509, "New connection established")
DISCONNECTED = Departure(4510, "Disconnected by an administrator")
