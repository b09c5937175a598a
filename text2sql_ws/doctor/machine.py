"""The machine and what is installed on it: the settings as a whole, files, limits, the port."""

import asyncio
import resource
from collections.abc import Iterator
from urllib.parse import urlsplit

from text2sql_ws.addresses import is_loopback
from text2sql_ws.clock import Clock, iso
from text2sql_ws.doctor.findings import Finding, Subject
from text2sql_ws.listening import EVERYWHERE, bound
from text2sql_ws.llm.prompts import read_prompts
from text2sql_ws.settings import Misconfigured, Server, Settings
from text2sql_ws.shipping import shipped

SPARE_DESCRIPTORS = 64
"""Beside connections, models and databases: files of our own, logs, exports."""

ANSWER_SECONDS = 10.0
"""A server that systemd starts when somebody asks needs some."""

BUILT = 2026
"""No clock of a machine that runs this goes right and shows an earlier year."""


def look_at_settings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """What is allowed, and yet worth a thought."""
    subject, server = Subject("settings"), settings.server
    yield subject.good("doctor.settings.good")
    if settings.auth.mode == "none" and not is_loopback(server.host):
        yield subject.doubtful("doctor.settings.insecure", host=server.host)
    if urlsplit(server.public_url).scheme == "http" and not _is_local(server.public_url):
        yield subject.doubtful("doctor.settings.no_tls", url=server.public_url)
    if is_loopback(server.host) and not server.public_url and settings.auth.mode != "none":
        yield subject.doubtful("doctor.settings.no_public_url")
    if clock.now().year < BUILT:
        yield Subject("clock").bad("doctor.clock.wrong", now=iso(clock.now()))
    else:
        yield Subject("clock").good("doctor.clock.good", now=iso(clock.now()))


def look_at_files() -> Iterator[Finding]:
    """The page and the prompts, which come with the package."""
    subject = Subject("files")
    missing = [name for name in ("index.html", "js/main.js") if not (shipped("static") / name).is_file()]
    if missing:
        yield subject.bad("doctor.files.missing", names=", ".join(f"static/{name}" for name in missing))
    try:
        read_prompts(shipped("config") / "prompts")
    except (OSError, UnicodeDecodeError) as error:
        yield subject.bad("doctor.files.missing", names=f"config/prompts ({type(error).__name__})")
        return
    if not missing:
        yield subject.good("doctor.files.good", folder=shipped("static").parent)


def look_at_limits(settings: Settings) -> Iterator[Finding]:
    """Descriptors: one for each connection, and for each running query one to its model."""
    limits = settings.limits
    pools = sum(source.pool_size for source in settings.datasources.values())
    needed = limits.connections + limits.queries + pools + SPARE_DESCRIPTORS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    subject = Subject("limits")
    if soft != resource.RLIM_INFINITY and soft < needed:
        yield subject.doubtful("doctor.limits.few", soft=soft, needed=needed, connections=limits.connections)
    else:
        yield subject.good("doctor.limits.good", soft=soft, needed=needed)


async def look_at_port(server: Server) -> list[Finding]:
    """Free, or taken by this very server."""
    subject = Subject("port", f"{server.host}:{server.port}")
    try:
        bound(server.host, server.port).close()
    except Misconfigured as misconfigured:
        if await _is_us(server):
            return [subject.good("doctor.port.ours")]
        return [subject.bad("doctor.port.bad", why=misconfigured.problems[0])]
    return [subject.good("doctor.port.free")]


async def _is_us(server: Server) -> bool:
    """Whether what listens there answers as we do."""
    host = EVERYWHERE.get(server.host, server.host)
    question = f"GET /health/live HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, server.port)
            try:
                writer.write(question.encode())
                return b'"alive"' in await reader.read(4096)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return False


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
