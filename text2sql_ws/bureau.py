"""The rooms that keep records and tell people of things, opened together: books, budget, notifications.

They hear of everything by the bulletin, and nobody waits for them.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from text2sql_ws.announcing import Announcer
from text2sql_ws.bookkeeping import Books
from text2sql_ws.budget import Budget
from text2sql_ws.clock import Clock
from text2sql_ws.datasources import DataSources
from text2sql_ws.deliveries import Deliveries, names_of, services_of
from text2sql_ws.happenings import Bulletin
from text2sql_ws.llm.providers import Providers
from text2sql_ws.notifications import Notifications
from text2sql_ws.probing import Prober
from text2sql_ws.retention import Retention, rules_of
from text2sql_ws.settings import Settings
from text2sql_ws.storage.database import Database
from text2sql_ws.usage import UsageBook


@dataclass(frozen=True, slots=True)
class Bureau:
    books: Books
    usage: UsageBook
    budget: Budget
    notifications: Notifications
    prober: Prober


@asynccontextmanager
async def open_bureau(
    settings: Settings,
    database: Database,
    clock: Clock,
    bulletin: Bulletin,
    sources: DataSources,
    providers: Providers,
) -> AsyncIterator[Bureau]:
    """At the end of the block what was heard is written, and no task is left."""
    async with AsyncExitStack() as stack:
        books = Books(database, clock, with_questions=settings.audit.questions)
        bulletin.listen((await stack.enter_async_context(books.keeping())).hear)
        usage, tokens = UsageBook(database), settings.budget
        budget = Budget(clock, bulletin, tokens.tokens_per_day, tokens.tokens_per_user_per_day)
        await budget.recall(usage)
        bulletin.listen(budget.hear)
        services = services_of(settings.notifications)
        notifications = Notifications(database, clock, names_of(services))
        await stack.enter_async_context(notifications.marking())
        outward = settings.notifications
        deliveries = Deliveries(database, clock, services, outward.attempts, outward.timeout)
        await stack.enter_async_context(deliveries.sending())
        notifications.on_due = deliveries.wake
        rules = rules_of(settings.storage)
        await stack.enter_async_context(Retention(database, clock, rules).applied())
        announcer = Announcer(notifications, clock, outward.locale)
        bulletin.listen((await stack.enter_async_context(announcer.announcing())).hear)
        monitor = settings.monitor
        prober = Prober(
            sources,
            providers,
            bulletin,
            clock,
            monitor.probe_interval,
            monitor.probe_failures,
            monitor.probe_successes,
        )
        bulletin.listen((await stack.enter_async_context(prober.probing())).hear)
        yield Bureau(books, usage, budget, notifications, prober)
