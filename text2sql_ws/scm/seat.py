"""One connection's seat in a session: messages in, frames out.

What a message comes to is answered with the id that its client gave it; and so is what is wrong with it.
"""

from typing import Any

from text2sql_ws.channel import Channel, Overwhelmed
from text2sql_ws.clock import Clock
from text2sql_ws.commands import Heartbeat, RefreshToken
from text2sql_ws.departures import GOODBYE, TOO_SLOW
from text2sql_ws.dialects.scm import Scm
from text2sql_ws.dialects.scm_commands import (
    AboutConversations,
    CancelChat,
    Chat,
    DeleteConversation,
    Disconnect,
    PassOn,
    Received,
    ScmCommand,
)
from text2sql_ws.errors import Fault
from text2sql_ws.events import HeartbeatAnswered, TokenRefreshed
from text2sql_ws.scm.conversing import answered
from text2sql_ws.scm.session import Session
from text2sql_ws.sessions import Attached
from text2sql_ws.texts import Text, say


class Seat:
    def __init__(
        self,
        session: Session,
        connection: Attached,
        connection_id: str,
        dialect: Scm,
        channel: Channel,
        clock: Clock,
    ) -> None:
        self.connection: Attached | None = connection
        self.connection_id = connection_id
        self.dialect = dialect
        self.channel = channel
        self.session = session
        self._clock = clock

    @property
    def id(self) -> str:
        return self.session.id

    def greet(self, heartbeat_seconds: float) -> None:
        """What a connection hears first."""
        now = self._clock.now()
        self.channel.offer_frame(self.dialect.connect(self.connection_id, heartbeat_seconds, now))
        self.channel.offer_frame(self.dialect.system(say("scm.welcome"), now))

    # --- in -------------------------------------------------------------------------------------

    def receive(self, text: str, sender: Attached) -> None:
        """Carry out one message. A bad one is answered, and harms nothing else."""
        request_id: str | None = None
        try:
            received = self._read(text, sender)
            request_id = received.request_id
            self._carry_out(self._command(received, sender), received, sender)
        except Fault as fault:
            self.channel.offer_frame(self.dialect.error(fault, self._clock.now(), request_id))

    def refuse(self, fault: Fault, sender: Attached) -> None:
        """Answer a message that isn't even text."""
        try:
            sender.count_message()
        except Fault as limited:
            fault = limited
        self.channel.offer_frame(self.dialect.error(fault, self._clock.now()))

    def _read(self, text: str, sender: Attached) -> Received:
        try:
            return self.dialect.receive(text)
        except Fault:
            sender.count_message()
            raise

    def _command(self, received: Received, sender: Attached) -> ScmCommand:
        """Every message counts, one that can't be read too, but those that must always come through."""
        try:
            command = self.dialect.command(received)
        except Fault:
            sender.count_message()
            raise
        if not isinstance(command, Heartbeat | CancelChat):
            sender.count_message()
        return command

    def _carry_out(self, command: ScmCommand, received: Received, sender: Attached) -> None:
        match command:
            case Chat():
                self.session.chat(command, received.request_id, self)
            case CancelChat(message_id=message_id, request_id=request_id):
                self.session.cancel(message_id, request_id)
            case PassOn(type=kind, data=data):
                self.session.tell_others(self, kind, data)
            case Heartbeat():
                self.channel.offer(HeartbeatAnswered())
            case RefreshToken(token=token):
                self.session.run(self._renew(token, received.request_id, sender))
            case Disconnect():
                sender.leave(GOODBYE)
            case other:
                self.session.run(self._answer(other, received))

    async def _answer(self, command: AboutConversations, received: Received) -> None:
        session, request_id = self.session, received.request_id
        if isinstance(command, DeleteConversation):
            await session.forget(command.conversation_id)
        try:
            body = await answered(command, session.premises.desk.conversations, session.user.id)
        except Fault as fault:
            self._offer(self.dialect.error(fault, self._clock.now(), request_id))
        else:
            self._offer(self.dialect.conversation(received.type, body, self._clock.now(), request_id))

    async def _renew(self, token: str, request_id: str | None, sender: Attached) -> None:
        try:
            expires_at = await sender.renew(token)
        except Fault as fault:
            self._offer(self.dialect.error(fault, self._clock.now(), request_id))
        else:
            self._offer(self.dialect.notice(TokenRefreshed(expires_at), self._clock.now()))

    # --- out ------------------------------------------------------------------------------------

    def tell(self, kind: str, data: Any) -> None:
        """Something from another connection of the session."""
        self._offer(self.dialect.envelope(kind, data, self._clock.now()))

    def warn(self, message: Text, request_id: str) -> None:
        self._offer(self.dialect.warning(message, self._clock.now(), request_id))

    def _offer(self, frame: bytes) -> None:
        """What nobody here awaits; so a client that doesn't read is dealt with here."""
        try:
            self.channel.offer_frame(frame)
        except Overwhelmed:
            if self.connection is not None:
                self.connection.leave(TOO_SLOW)
