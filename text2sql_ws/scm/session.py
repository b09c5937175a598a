"""One user's session of `scm`: a seat for each of its connections, and the answers under way.

Nothing in here waits: answers are queries, and what is stored or read is an errand, one after the other.
"""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from text2sql_ws.clock import Clock
from text2sql_ws.commands import Ask, DataSourceChoice
from text2sql_ws.dialects.scm import Expected
from text2sql_ws.dialects.scm_commands import Chat
from text2sql_ws.errors import Code, Fault
from text2sql_ws.llm.providers import Choice, Providers
from text2sql_ws.queries import Queries
from text2sql_ws.query import Owner
from text2sql_ws.scm.exchange import Desk, Exchange, Recipient
from text2sql_ws.texts import say
from text2sql_ws.users import User

ERRANDS = 16
"""What one session may have waiting to be stored or read; who asks for more is told to wait."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What every session needs; `resume_seconds` is how long an answer outlives its connection."""

    queries: Queries
    providers: Providers
    desk: Desk
    clock: Clock
    resume_seconds: float


class Present(Recipient, Protocol):
    """A connection that is here."""

    @property
    def connection_id(self) -> str: ...

    def tell(self, kind: str, data: Any) -> None: ...


class Session:
    """`over` is called when nobody is here any more, and no answer is under way."""

    def __init__(self, session_id: str, user: User, premises: Premises, over: Callable[[], None]) -> None:
        self.id = session_id
        self.user = user
        self.premises = premises
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._over = over
        self._seats: list[Present] = []
        self._exchanges: dict[str, Exchange] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}

    # --- who is here ----------------------------------------------------------------------------

    def seat(self, seat: Present) -> None:
        self._seats.append(seat)
        self.tell_others(seat, "ONLINE_STATUS", {"online": True, "connectionId": seat.connection_id})

    def unseat(self, seat: Present) -> None:
        """Its connection is gone. The answers it asked for go on for a while, and are stored."""
        self._seats.remove(seat)
        self.tell_others(seat, "ONLINE_STATUS", {"online": False, "connectionId": seat.connection_id})
        for query_id, exchange in self._exchanges.items():
            if exchange.recipient is seat:
                exchange.leave(query_id)
                self._expire_later(query_id)
        self._check_over()

    def tell_others(self, seat: Present, kind: str, data: Any) -> None:
        for other in list(self._seats):
            if other is not seat:
                other.tell(kind, data)

    # --- answers --------------------------------------------------------------------------------

    def chat(self, chat: Chat, request_id: str | None, seat: Present) -> None:
        """Begin to answer; the connection of `seat` is told. Raises `Fault`, and then nothing was begun."""
        expected, ask = self._plan(chat, request_id or str(uuid.uuid4()), seat)
        began: list[str] = []
        desk = self.premises.desk
        exchange = Exchange(chat, expected, self.user.id, desk, seat, lambda: self._end(began[0]))
        query = self.premises.queries.start(ask, self.owner, exchange, exchange)
        began.append(query.id)
        self._exchanges[query.id] = exchange

    def cancel(self, message_id: str | None, request_id: str | None) -> None:
        """Stop an answer, of whichever connection. Raises `Fault` QUERY_NOT_FOUND."""
        for query_id, exchange in self._exchanges.items():
            if query_id == message_id or (message_id is None and exchange.expected.request_id == request_id):
                self.premises.queries.cancel(query_id, lambda query: query.owner == self.owner)
                return
        named = (message_id or request_id or "")[:100]
        raise Fault(Code.QUERY_NOT_FOUND, say("query.not_found", query_id=named))

    async def forget(self, conversation_id: str) -> None:
        """A conversation is about to be deleted: stop what is said in it, and store nothing more of that."""
        for query_id, exchange in list(self._exchanges.items()):
            if exchange.expected.conversation_id == conversation_id:
                self._stop(query_id)
                await exchange.forget()

    # --- errands --------------------------------------------------------------------------------

    def run(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do it after those that were asked for before. Raises `Fault` RATE_LIMITED where too many wait."""
        if self._waiting >= ERRANDS:
            errand.close()
            raise Fault(Code.RATE_LIMITED, say("message.too_many"))
        self._waiting += 1
        self.premises.desk.errands.run(self._in_turn(errand))

    async def _in_turn(self, errand: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._turn:
                await errand
        finally:
            errand.close()
            self._waiting -= 1

    @property
    def owner(self) -> Owner:
        """Apart from the sessions of other dialects, and from other users' of the same name."""
        return Owner(self.user.id, f"scm/{self.user.id}/{self.id}")

    def close(self) -> None:
        for expiry in self._expiries.values():
            expiry.cancel()
        self._expiries.clear()

    # --- inside ---------------------------------------------------------------------------------

    def _plan(self, chat: Chat, request_id: str, seat: Present) -> tuple[Expected, Ask]:
        choice = self._choose(chat, request_id, seat)
        conversation_id = chat.conversation_id or self.id
        expected = Expected(request_id, conversation_id, choice.provider, choice.name, chat.streaming)
        ask = Ask(
            chat.message,
            datasource=DataSourceChoice(chat.datasource),
            provider=choice.provider,
            model=choice.name,
            locale=seat.dialect.locale,
        )
        return expected, ask

    def _choose(self, chat: Chat, request_id: str, seat: Present) -> Choice:
        """What was asked for; else the provider's own model, else the default, and then with a warning."""
        providers = self.premises.providers
        for provider, model in ((chat.provider, chat.model), (chat.provider, None)):
            try:
                choice = providers.choose(provider, model)
            except Fault:
                continue
            if model == chat.model:
                return choice
            break
        else:
            choice = providers.choose(None, None)
        wanted = " / ".join(name[:100] for name in (chat.provider, chat.model) if name)
        seat.warn(
            say("scm.unknown_model", wanted=wanted, provider=choice.provider, model=choice.name), request_id
        )
        return choice

    def _expire_later(self, query_id: str) -> None:
        loop, seconds = asyncio.get_running_loop(), self.premises.resume_seconds
        self._expiries[query_id] = loop.call_later(seconds, self._stop, query_id)

    def _stop(self, query_id: str) -> None:
        with suppress(Fault):  # it has ended, and is being stored
            self.premises.queries.cancel(query_id, lambda query: query.owner == self.owner)

    def _end(self, query_id: str) -> None:
        """An answer is told and stored."""
        del self._exchanges[query_id]
        if (expiry := self._expiries.pop(query_id, None)) is not None:
            expiry.cancel()
        self._check_over()

    def _check_over(self) -> None:
        if not self._seats and not self._exchanges:
            self._over()
