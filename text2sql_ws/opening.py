"""What is configured, opened: data sources and model providers, or the built-in ones where there are none."""

import asyncio
import hashlib
import socket
from contextlib import AsyncExitStack
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


async def open_sources(settings: Settings, var: Path, address: str) -> DataSources:
    """The configured data sources; without any, the demo database, made where it is missing."""
    instance = _instance(address)
    open_source = partial(_open_source, instance)
    limits = settings.limits
    adhoc = frozenset(limits.adhoc_hosts) if limits.allow_adhoc_datasources else None
    if settings.datasources:
        named = {name: open_source(name, source) for name, source in settings.datasources.items()}
        return DataSources(named, open_source, adhoc)
    try:
        path = await asyncio.to_thread(ensure_demo, var, today())
    except OSError as error:
        why = f"{var}/: the demo database can't be made there: {error.strerror}"
        remedy = "start where files may be written, or configure [datasources]"
        raise Misconfigured([f"{why}; {remedy}"]) from None
    return DataSources({DEMO: _demo_source(instance, path)}, open_source, adhoc)


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


def open_providers(settings: Settings, address: str, stack: AsyncExitStack) -> Providers:
    """The configured providers; without any, the built-in offline model, asked over HTTP like any other."""
    configured = dict(settings.llm.providers)
    is_offline = not configured
    if is_offline:
        configured = {OFFLINE: Provider(base_url=f"{address}/offline/v1", model=MODEL)}
    offered = {}
    for name, provider in configured.items():
        client = ModelClient(name, provider)
        stack.push_async_callback(client.aclose)
        names = tuple(dict.fromkeys([provider.model, *provider.models]))
        offered[name] = Offered(client, names, is_offline)
    return Providers(offered, settings.llm.default or next(iter(offered)))


def _instance(address: str) -> str:
    """A name of this installation that outlives restarts: its statements in a database bear it."""
    installation = f"{socket.gethostname()} {Path.cwd()} {address}"
    return hashlib.sha256(installation.encode()).hexdigest()[:8]
