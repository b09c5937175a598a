"""What is configured, opened: data sources and model providers, or the built-in ones where there are none."""

import asyncio
import hashlib
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from text2sql_ws.catalog import Catalog
from text2sql_ws.clock import today
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.demo import DEMO_EXAMPLES, ensure_demo
from text2sql_ws.engines import open_engine
from text2sql_ws.llm.client import ModelClient
from text2sql_ws.llm.offline import MODEL
from text2sql_ws.llm.providers import Offered, Providers
from text2sql_ws.settings import DataSource as DataSourceSettings
from text2sql_ws.settings import Misconfigured, Provider, Settings
from text2sql_ws.texts import Locale

DEMO = "demo"
OFFLINE = "offline"


class Opening:
    """Opens data sources and model clients; what has not changed is not opened again.

    `address` is this server's own, where its offline model answers.
    """

    def __init__(self, var: Path, address: str) -> None:
        self._var = var
        self._address = address
        self._instance = _instance(address)
        self._clients: dict[str, tuple[Provider, ModelClient]] = {}
        self._leaving: list[ModelClient] = []

    async def sources(self, settings: Settings) -> DataSources:
        """The configured data sources; without any, the demo database. Raises `Misconfigured`."""
        limits = settings.limits
        adhoc = frozenset(limits.adhoc_hosts) if limits.allow_adhoc_datasources else None
        return DataSources(
            await self.open_sources(settings, {}), partial(_open_source, self._instance), adhoc
        )

    async def open_sources(
        self, settings: Settings, present: Mapping[str, DataSource]
    ) -> Mapping[str, DataSource]:
        """Those of `settings` by name; of `present` those whose settings are the same.

        Raises `Misconfigured` where the demo database is needed and can't be made.
        """
        if not settings.datasources:
            demo = await self._demo()
            return {DEMO: _same(present.get(DEMO), demo.settings) or demo}
        return {
            name: _same(present.get(name), wanted) or _open_source(self._instance, name, wanted)
            for name, wanted in settings.datasources.items()
        }

    def providers(self, settings: Settings) -> Providers:
        return Providers(*self.open_providers(settings))

    def open_providers(self, settings: Settings) -> tuple[Mapping[str, Offered], str]:
        """The configured providers; without any, the built-in offline model, asked over HTTP like any other.

        And the name of the one that answers by default. Clients whose settings are the same stay; those that
        don't are let go of by `retire`.
        """
        configured = dict(settings.llm.providers)
        is_offline = not configured
        if is_offline:
            configured = {OFFLINE: Provider(base_url=f"{self._address}/offline/v1", model=MODEL)}
        clients = {name: self._client(name, provider) for name, provider in configured.items()}
        self._leaving += [old for _, old in self._clients.values() if old not in clients.values()]
        self._clients = {name: (configured[name], client) for name, client in clients.items()}
        offered = {
            name: Offered(
                client,
                tuple(dict.fromkeys([provider.model, *provider.models])),
                is_offline,
                settings.llm.send_rows or is_offline,
            )
            for (name, client), provider in zip(clients.items(), configured.values(), strict=True)
        }
        return offered, settings.llm.default or next(iter(offered))

    def provider(self, name: str) -> Provider | None:
        """The settings of a provider that is offered now."""
        return self._clients[name][0] if name in self._clients else None

    async def retire(self) -> None:
        """Let go of the clients that `open_providers` no longer offers; who asks them goes on."""
        leaving, self._leaving = self._leaving, []
        for client in leaving:
            await client.retire()

    async def aclose(self) -> None:
        await self.retire()
        for _, client in self._clients.values():
            await client.aclose()

    def _client(self, name: str, provider: Provider) -> ModelClient:
        settings, client = self._clients.get(name, (None, None))
        return client if client is not None and settings == provider else ModelClient(name, provider)

    async def _demo(self) -> DataSource:
        try:
            path = await asyncio.to_thread(ensure_demo, self._var, today())
        except OSError as error:
            why = f"{self._var}/: the demo database can't be made there: {error.strerror}"
            remedy = "start where files may be written, or configure [datasources]"
            raise Misconfigured([f"{why}; {remedy}"]) from None
        return _demo_source(self._instance, path)


def _same(present: DataSource | None, wanted: DataSourceSettings) -> DataSource | None:
    return present if present is not None and present.settings == wanted else None


def _demo_source(instance: str, path: Path) -> DataSource:
    settings = DataSourceSettings(
        type="sqlite", path=str(path), description="演示：一家销售公司 / a sales company"
    )
    by_locale: dict[Locale, list[str]] = {
        "zh": [zh for zh, _ in DEMO_EXAMPLES],
        "en": [en for _, en in DEMO_EXAMPLES],
    }
    return DataSource(
        DEMO, settings, open_engine(DEMO, settings, instance), Catalog(DEMO, settings), by_locale
    )


def _open_source(instance: str, name: str, settings: DataSourceSettings) -> DataSource:
    return DataSource(name, settings, open_engine(name, settings, instance), Catalog(name, settings))


def _instance(address: str) -> str:
    """A name of this installation that outlives restarts: its statements in a database bear it."""
    installation = f"{socket.gethostname()} {Path.cwd()} {address}"
    return hashlib.sha256(installation.encode()).hexdigest()[:8]
