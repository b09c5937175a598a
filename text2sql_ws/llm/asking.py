"""One question to a model: when to ask again, how long to wait, what to make of what comes back.

Not here: HTTP itself (`client.py`, behind `Send`), and the meaning of the bytes (`reading.py`). The one rule:
once a delta was handed on, nothing is asked a second time, for it can't be taken back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Protocol

import structlog

from text2sql_ws.done import DONE, forget, in_turn
from text2sql_ws.llm import faults
from text2sql_ws.llm.answer import Garbled
from text2sql_ws.llm.complaints import complaint_about
from text2sql_ws.llm.endpoint import BadLocation, Endpoint, Post, redirected
from text2sql_ws.llm.faults import ModelFault, fault_of
from text2sql_ws.llm.inflating import Inflater, Undecodable
from text2sql_ws.llm.model import Completion, Delta, Message, OnDelta
from text2sql_ws.llm.patience import Patience, RanOut, Take
from text2sql_ws.llm.quoting import Quoter
from text2sql_ws.llm.reading import Reading
from text2sql_ws.llm.retries import LONGEST_RETRY_AFTER, backoff, requested_pause
from text2sql_ws.settings import Provider

MAX_REDIRECTS = 3
REFUSAL_SECONDS = 3.0
REFUSAL_BYTES = 64 << 10
USAGE_SECONDS = 2.0
EOF_SECONDS = 0.05

log = structlog.get_logger(__name__)


class Response(Protocol):
    """An HTTP response whose body is still to come; `headers` are looked up in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def charset(self) -> str: ...

    async def receive(self) -> bytes | None:
        """The next bytes of the body as they came off the wire, None at its end; raises a `ModelFault`."""
        ...

    async def overhear(self, take: Take) -> None:
        """Give `take` what comes, in the very call that brings it, until it says no; raises what it raises.

        Returns also when there is nothing more, or trouble, which `receive` will tell.
        """
        ...

    def interrupt(self, error: Exception) -> None:
        """Make `receive` raise `error`, at once if it waits; nothing can be received after it."""
        ...

    async def aclose(self) -> None:
        """Give the connection back if the body was read to its end, else close it at once."""
        ...


Send = Callable[[Post], Awaitable[Response]]
"""Sends one POST and follows nothing; raises a `ModelFault`. A cancel closes the socket at once."""


class Asker:
    """Asks one provider. `random`, `sleep` and `now` (seconds since the epoch) are its view of the world."""

    def __init__(
        self,
        name: str,
        provider: Provider,
        send: Send,
        *,
        random: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], float],
    ) -> None:
        self._name = name
        self._provider = provider
        self._endpoint = Endpoint(provider)
        self._quote = Quoter(self._endpoint.key, provider.base_url, provider.extra_headers.values())
        self._send = send
        self._random = random
        self._sleep = sleep
        self._now = now
        self._include_usage = True

    async def ask(self, messages: Sequence[Message], on_delta: OnDelta, model: str) -> Completion:
        """As `Model.stream`: deltas pushed in order, then the whole, or a `ModelFault`."""
        patience = Patience(self._provider)
        attempt = 0
        while True:
            patience.begin_attempt()
            try:
                return await self._attempt(messages, model, on_delta, patience)
            except ModelFault as fault:
                pause = self._pause_before_retry(fault, attempt, patience)
                if pause is None:
                    raise
                kind = type(fault).__name__
            log.info("model_call_retried", provider=self._name, fault=kind, pause_seconds=round(pause, 3))
            await self._sleep(pause)
            patience.slept(pause)
            attempt += 1

    def _pause_before_retry(self, fault: ModelFault, attempt: int, patience: Patience) -> float | None:
        """Seconds to wait before asking again, or None: don't."""
        if patience.spoken or not fault.retryable or attempt >= self._provider.max_retries:
            return None
        pause = backoff(attempt, self._random) if fault.retry_after is None else fault.retry_after
        return pause if pause <= LONGEST_RETRY_AFTER and pause < patience.total_left else None

    async def _attempt(
        self, messages: Sequence[Message], model: str, on_delta: OnDelta, patience: Patience
    ) -> Completion:
        try:
            response = await patience.wait(lambda: self._open(messages, model))
            try:
                return await self._read(response, Reading(model), on_delta, patience)
            finally:
                patience.rest()
                await response.aclose()
        except RanOut as ran_out:
            raise self._timed_out(ran_out) from None

    def _timed_out(self, ran_out: RanOut) -> ModelFault:
        match ran_out.limit:
            case "first_token":
                return faults.NoFirstToken(self._name, seconds=f"{self._provider.first_token_timeout:g}")
            case "total":
                return faults.TookTooLong(self._name, seconds=f"{self._provider.total_timeout:g}")
            case "silence" | "grace":
                return faults.FellSilent(self._name, seconds=f"{self._provider.idle_timeout:g}")

    # --- until there is a stream --------------------------------------------------------------

    async def _open(self, messages: Sequence[Message], model: str) -> Response:
        """A response that is an answer, its body unread; a refusal is a fault."""
        include_usage = self._include_usage
        response = await self._follow(self._endpoint.post(messages, model, include_usage=include_usage))
        if 200 <= response.status < 300:
            return response
        try:
            body = await self._read_refusal(response)
        finally:
            await response.aclose()
        if include_usage and _refuses_usage(response.status, body):
            log.info("model_usage_option_dropped", provider=self._name)
            self._include_usage = False
            return await self._open(messages, model)
        raise self._refusal(response, body)

    async def _follow(self, post: Post) -> Response:
        """The response to `post`, or to where 307 and 308 lead, body and all."""
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._send(post)
            if not 300 <= response.status < 400:
                return response
            await response.aclose()
            if response.status not in (307, 308):
                break
            try:
                post = redirected(post, response.headers.get("location", ""))
            except BadLocation:
                break
        raise faults.ProtocolBroken(self._name, "model.protocol.redirect", status=response.status)

    async def _read_refusal(self, response: Response) -> bytes:
        """The start of an error's body; what can't be had of it soon is left out, the status says enough."""
        body = bytearray()
        inflater = _inflater(response)
        try:
            async with asyncio.timeout(REFUSAL_SECONDS):
                while len(body) < REFUSAL_BYTES and (received := await response.receive()) is not None:
                    body += inflater.feed(received)
        except (ModelFault, Undecodable, TimeoutError):
            pass
        return bytes(body[:REFUSAL_BYTES])

    def _refusal(self, response: Response, body: bytes) -> ModelFault:
        complaint = complaint_about(response.status, body, response.charset)
        retry_after = requested_pause(response.headers, self._now())
        return fault_of(self._name, complaint, self._quote, retry_after=retry_after)

    # --- the stream ---------------------------------------------------------------------------

    async def _read(
        self, response: Response, reading: Reading, on_delta: OnDelta, patience: Patience
    ) -> Completion:
        try:
            await self._read_body(response, reading, on_delta, patience)
        except Undecodable as undecodable:
            raise fault_of(self._name, Garbled("encoding", str(undecodable)), self._quote) from None
        await _hand_on(reading.close(), on_delta, patience)
        outcome = reading.outcome()
        if not isinstance(outcome, Completion):
            raise fault_of(self._name, outcome, self._quote)
        # Only if the body's end arrives, which it mostly has, can the connection be used again.
        await _receive(response, reading, patience)
        return outcome

    async def _read_body(
        self, response: Response, reading: Reading, on_delta: OnDelta, patience: Patience
    ) -> None:
        inflater = _inflater(response)
        ear = _Ear(inflater, reading, on_delta, patience)
        while not reading.over:
            await ear.overhear(response)
            received = await _receive(response, reading, patience)
            if received is None:
                break
            await _hand_on(reading.feed(inflater.feed(received)), on_delta, patience)


class _Ear:
    """Hands on tokens in the call that brings them, while nobody waits and nothing ends.

    A token that wakes a task goes through a dozen coroutines, down and up again. And no closure, here or in
    what a token goes through next: each of its variables is a place of its own in memory, and hundreds of
    streams take turns in the processor's cache.
    """

    __slots__ = ("_inflater", "_is_plain", "_on_delta", "_patience", "_reading", "_told")

    def __init__(self, inflater: Inflater, reading: Reading, on_delta: OnDelta, patience: Patience) -> None:
        self._inflater = inflater
        self._is_plain = False
        self._reading = reading
        self._on_delta = on_delta
        self._patience = patience
        self._told: Awaitable[None] = DONE

    async def overhear(self, response: Response) -> None:
        if self._reading.ended:
            return  # what may still follow is waited for with a grace of its own
        self._told = DONE
        try:
            await self._patience.overhear(response, self._take)
        except BaseException:
            forget(self._told)
            raise
        await self._told

    def _take(self, received: bytes) -> bool:
        reading = self._reading
        if not self._is_plain:
            received = self._inflater.feed(received)
            self._is_plain = self._inflater.is_plain
        if deltas := reading.feed(received):
            self._told = _hand_on(deltas, self._on_delta, self._patience)
        elif reading.moved:
            self._patience.moved()
        return self._told is DONE and not reading.ending


async def _receive(response: Response, reading: Reading, patience: Patience) -> bytes | None:
    """The next bytes; None at the end, or when nothing more is worth waiting for."""
    if reading.ended:
        patience.only_grace(EOF_SECONDS if reading.satisfied else USAGE_SECONDS)
    elif reading.moved:
        patience.moved()
    try:
        return await patience.listen(response)
    except (RanOut, faults.ConnectionFailed):
        if reading.ended:
            return None
        raise


def _hand_on(deltas: list[Delta], on_delta: OnDelta, patience: Patience) -> Awaitable[None]:
    """`DONE`, or what is to be awaited for all of them to be handed on."""
    if not deltas:
        return DONE
    patience.spoke()
    if len(deltas) == 1:
        return on_delta(deltas[0])
    return in_turn(on_delta, _together(deltas))


def _together(deltas: list[Delta]) -> Iterator[Delta]:
    """Those of one kind that came off the wire together are one delta: none has waited for another."""
    for kind, run in groupby(deltas, attrgetter("kind")):
        parts = [part for delta in run for part in delta.parts or (delta.text,)]
        yield Delta(kind, "".join(parts), tuple(parts))


def _inflater(response: Response) -> Inflater:
    return Inflater(response.headers.get("content-encoding", ""))


def _refuses_usage(status: int, body: bytes) -> bool:
    return status in (400, 422) and (b"stream_options" in body or b"include_usage" in body)
