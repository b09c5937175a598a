"""A model provider: does it let us in, does it know the model, how long until its first token."""

import asyncio
from time import monotonic
from urllib.parse import urlsplit, urlunsplit

from text2sql_ws.doctor.findings import Finding, Subject
from text2sql_ws.llm.client import ModelClient
from text2sql_ws.llm.faults import AuthenticationRefused, ConnectionFailed, ModelFault, NotFound
from text2sql_ws.llm.model import Delta, Message
from text2sql_ws.settings import Provider
from text2sql_ws.texts import Text, say

SECONDS = 30.0
SLOW_SECONDS = 5.0
QUESTION = (Message("user", "Answer with the word OK."),)


class _Heard(Exception):
    """The first token came: nothing more is asked for, and the stream closes."""


async def look_at_provider(name: str, provider: Provider) -> list[Finding]:
    """One token of its default model, once and without retries."""
    subject = Subject("model", name)
    if provider.api_key is None and provider.api_key_env and not provider.key():
        return [subject.bad("doctor.model.no_key", variable=provider.api_key_env)]
    client = ModelClient(name, provider.model_copy(update={"max_retries": 0}))
    began = monotonic()
    try:
        async with asyncio.timeout(SECONDS):
            await client.stream(QUESTION, _hear)
    except _Heard:
        return [_told(subject, provider, monotonic() - began)]
    except ModelFault as fault:
        return [subject.failed(fault, _remedy(fault, provider))]
    except TimeoutError:
        return [subject.bad("doctor.model.silent", seconds=f"{SECONDS:g}", base_url=_shown(provider))]
    finally:
        await client.aclose()
    return [_told(subject, provider, monotonic() - began)]


async def _hear(_: Delta) -> None:
    raise _Heard


def _told(subject: Subject, provider: Provider, seconds: float) -> Finding:
    told = {"model": provider.model, "milliseconds": round(seconds * 1000)}
    return subject.doubtful("doctor.model.slow", **told) if seconds > SLOW_SECONDS else (
        subject.good("doctor.model.answers", **told)
    )  # fmt: skip


def _shown(provider: Provider) -> str:
    """Its address without a name and password that may stand in it, and without a query."""
    parts = urlsplit(provider.base_url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _remedy(fault: ModelFault, provider: Provider) -> Text:
    match fault:
        case AuthenticationRefused():
            return say("doctor.model.remedy_key")
        case NotFound():
            return say("doctor.model.remedy_name", model=provider.model, base_url=_shown(provider))
        case ConnectionFailed():
            return say("doctor.model.remedy_connection", base_url=_shown(provider))
        case _:
            return say("doctor.model.remedy_other")
