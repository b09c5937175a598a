"""Where an aiohttp application keeps what its handlers need."""

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from text2sql_ws.auditing import AuditLog
from text2sql_ws.budget import Budget
from text2sql_ws.chat.rooms import ChatRooms
from text2sql_ws.clock import Clock
from text2sql_ws.conversations import Conversations
from text2sql_ws.datasources import DataSources
from text2sql_ws.exporting import Exports
from text2sql_ws.feedback import FeedbackBook
from text2sql_ws.happenings import Bulletin
from text2sql_ws.hub import Hub
from text2sql_ws.ledger import Ledger
from text2sql_ws.llm.providers import Providers
from text2sql_ws.metrics import Metrics
from text2sql_ws.notifications import Notifications
from text2sql_ws.probing import Prober
from text2sql_ws.queries import Queries
from text2sql_ws.scm import Lobby
from text2sql_ws.settings import Settings
from text2sql_ws.streams import Streams
from text2sql_ws.tally import Tally
from text2sql_ws.tokens.verifier import Verifier
from text2sql_ws.usage import UsageBook
from text2sql_ws.web.connections import Connections
from text2sql_ws.web.controls import Controls
from text2sql_ws.web.courier import Courier
from text2sql_ws.web.identity import Doorman
from text2sql_ws.web.tower import Tower
from text2sql_ws.web.vega import Bundle
from text2sql_ws.withheld import Withheld


@dataclass(frozen=True, slots=True)
class House:
    """The rooms that the web room hands requests to. Wired in `app.py`."""

    settings: Settings
    clock: Clock
    sources: DataSources
    providers: Providers
    conversations: Conversations
    queries: Queries
    exports: Exports
    hub: Hub
    scm: Lobby
    ledger: Ledger
    chat: ChatRooms
    metrics: Metrics
    bulletin: Bulletin
    book: FeedbackBook
    connections: Connections
    audit: AuditLog
    controls: Controls
    tally: Tally
    tower: Tower
    usage: UsageBook
    budget: Budget
    prober: Prober
    notifications: Notifications
    courier: Courier
    verifier: Verifier | None
    withheld: Withheld
    streams: Streams
    static_folder: Path
    docs_folder: Path
    charts: Bundle


HOUSE = web.AppKey("house", House)
DOORMAN = web.AppKey("doorman", Doorman)
