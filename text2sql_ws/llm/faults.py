"""What can go wrong with a model, as a small tree of faults; and which of them a server's complaint is. Pure.

All carry LLM_SERVICE_ERROR: to a client of ours they are one thing. The one rule: what the server said is
quoted only through a `Quote`, which shortens it and takes out the key and the address that we called.
"""

import math
import re
from collections.abc import Callable
from typing import ClassVar, assert_never

from text2sql_ws.errors import Code, Fault
from text2sql_ws.llm.answer import Cut, Empty, Filtered, Flaw, Garbled
from text2sql_ws.llm.complaints import Complaint
from text2sql_ws.texts import say

Quote = Callable[[str], str]
"""Makes foreign words fit to show: one line, bounded, without secrets."""


class ModelFault(Fault):
    """A call to the model `provider` failed. `retryable`: the very same call may well succeed soon.

    `retry_after`: seconds that the server asked us to wait, if it did. `key` names the sentence.
    """

    key: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(
        self, provider: str, key: str = "", *, retry_after: float | None = None, **params: object
    ) -> None:
        self.named = key or self.key
        super().__init__(Code.LLM_SERVICE_ERROR, say(self.named, provider=provider, **params))
        self.retry_after = retry_after


class AuthenticationRefused(ModelFault):
    key = "model.authentication"


class PermissionRefused(ModelFault):
    key = "model.permission"


class NotFound(ModelFault):
    key = "model.not_found"


class BadRequest(ModelFault):
    key = "model.bad_request"


class RateLimited(ModelFault):
    key = "model.rate_limited"
    retryable = True


class QuotaExhausted(RateLimited):
    """No money or no tokens left: waiting doesn't help."""

    key = "model.quota"
    retryable = False


class ServerFailed(ModelFault):
    key = "model.server"
    retryable = True


class TimedOut(ModelFault):
    """The model kept us waiting. Never retried: that would lose its place in the server's queue."""


class NoFirstToken(TimedOut):
    key = "model.timeout.first_token"


class FellSilent(TimedOut):
    key = "model.timeout.silence"


class TookTooLong(TimedOut):
    key = "model.timeout.total"


class ConnectionFailed(ModelFault):
    """`key` is one of `model.connection.*`: which part of connecting failed, or that it broke off."""

    retryable = True


class ProtocolBroken(ModelFault):
    """`key` is one of `model.protocol.*`: what came is nothing that we can read."""


class EmptyAnswer(ProtocolBroken):
    """`key` is one of `model.empty.*`."""


class ContentFiltered(ModelFault):
    key = "model.content_filter"


class Truncated(ModelFault):
    """`key` is one of `model.truncated.*`."""

    @property
    def met_limit(self) -> bool:
        """The model met its limit of tokens: what it said until then is all there is, and may be enough."""
        return self.named == "model.truncated.length"


def fault_of(provider: str, flaw: Flaw, quote: Quote, *, retry_after: float | None = None) -> ModelFault:
    """The fault that a flawed answer or a server's complaint is."""
    match flaw:
        case Complaint():
            return _complained(provider, flaw, _why(flaw, quote), retry_after)
        case Garbled(why, said):
            return ProtocolBroken(provider, f"model.protocol.{why}", quote=quote(said))
        case Cut(why):
            return Truncated(provider, f"model.truncated.{why}")
        case Empty(why):
            return EmptyAnswer(provider, f"model.empty.{why}")
        case Filtered():
            return ContentFiltered(provider, why="finish_reason: content_filter")
    assert_never(flaw)


def _complained(provider: str, complaint: Complaint, why: str, retry_after: float | None) -> ModelFault:
    kind = _kind_of(complaint)
    if retry_after and kind in (RateLimited, ServerFailed):
        seconds = f"{math.ceil(retry_after)}"
        return kind(provider, f"{kind.key}_until", retry_after=retry_after, seconds=seconds, why=why)
    return kind(provider, retry_after=retry_after, why=why)


def _why(complaint: Complaint, quote: Quote) -> str:
    parts = (f"HTTP {complaint.status}" if complaint.status else "", quote(complaint.message))
    return ", ".join(filter(None, parts)) or quote(complaint.code) or "?"


def _kind_of(complaint: Complaint) -> type[ModelFault]:
    """By what the codes say for certain; then by the status; then by what the words suggest."""
    for pattern, kind in CERTAIN:
        if pattern.search(complaint.code) or (kind is QuotaExhausted and pattern.search(complaint.message)):
            return kind
    if complaint.status:
        return STATUSES.get(complaint.status, ServerFailed if complaint.status >= 500 else BadRequest)
    for pattern, kind in LIKELY:
        if pattern.search(complaint.code) or pattern.search(complaint.message):
            return kind
    return ServerFailed


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


CERTAIN: tuple[tuple[re.Pattern[str], type[ModelFault]], ...] = (
    (_words(r"content_?filter|data_?inspection|content_policy|\b1301\b"), ContentFiltered),
    (
        _words(r"insufficient.?(quota|balance|funds|credit)|exceeded_current_quota|arrearage|余额不足|欠费"),
        QuotaExhausted,
    ),
    (_words(r"invalid_?api_?key|authentication_error"), AuthenticationRefused),
    (_words(r"model_?not_?found|deployment_?not_?found"), NotFound),
)
STATUSES: dict[int, type[ModelFault]] = {
    401: AuthenticationRefused,
    402: QuotaExhausted,
    403: PermissionRefused,
    404: NotFound,
    408: ServerFailed,
    409: ServerFailed,
    429: RateLimited,
}
LIKELY: tuple[tuple[re.Pattern[str], type[ModelFault]], ...] = (
    (_words(r"rate.?limit|too many requests|throttl|\bqps\b|\btpm\b|\brpm\b"), RateLimited),
    (_words(r"api.{0,8}key|log.?in fail|unauthori[sz]ed|authenticat|access token"), AuthenticationRefused),
    (_words(r"permission|forbidden|access.?denied"), PermissionRefused),
    (_words(r"not.?found|does not exist|no such model"), NotFound),
    (_words(r"overloaded|internal|unavailable|server_error|timed? ?out"), ServerFailed),
    (_words(r"invalid|bad.?request|context.?length|maximum context|unsupported|validation"), BadRequest),
)
