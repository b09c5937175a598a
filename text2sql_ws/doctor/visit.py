"""The visit: every check in turn, a line for each finding as soon as it is there, and the exit status."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TextIO

from text2sql_ws import __version__
from text2sql_ws.clock import Clock
from text2sql_ws.doctor.findings import Finding, Subject
from text2sql_ws.doctor.machine import look_at_files, look_at_limits, look_at_port, look_at_settings
from text2sql_ws.doctor.models import look_at_provider
from text2sql_ws.doctor.own_storage import look_at_storage
from text2sql_ws.doctor.sources import look_at_source
from text2sql_ws.settings import Misconfigured, Settings
from text2sql_ws.texts import Locale, say, verbatim


async def visit(
    read: Callable[[], Settings], clock: Clock, locale: Locale, out: TextIO, *, as_json: bool
) -> int:
    """Look at everything, tell it, and return the exit status: 1 where something fails, else 0.

    `read` gives the settings, checked like those of a start; it raises `Misconfigured`.
    """
    findings = []
    async for finding in examine(read, clock):
        findings.append(finding)
        if not as_json:
            out.write(_line(finding, locale))
            out.flush()
    out.write(_json(findings, locale) if as_json else _summary(findings, locale))
    return int(_fails(findings) > 0)


async def examine(read: Callable[[], Settings], clock: Clock) -> AsyncIterator[Finding]:
    """Everything that is found, in order. Settings that can't be used are all that is looked at then."""
    settings = None
    try:
        settings = read()
    except Misconfigured as misconfigured:
        for problem in misconfigured.problems:
            yield Finding("settings", "", "FAIL", verbatim(problem), say("doctor.settings.remedy"))
    if settings is None:
        return
    async with asyncio.TaskGroup() as group:
        looks = [
            *(look_at_source(name, source, clock) for name, source in settings.datasources.items()),
            *(look_at_provider(name, provider) for name, provider in settings.llm.providers.items()),
            look_at_storage(settings.storage.url),
            look_at_port(settings.server),
        ]
        tasks = [group.create_task(look) for look in looks]
        for finding in _at_once(settings, clock):
            yield finding
        for task in tasks:
            for finding in await task:
                yield finding


def _at_once(settings: Settings, clock: Clock) -> Iterable[Finding]:
    yield from look_at_settings(settings, clock)
    yield from look_at_files()
    yield from look_at_limits(settings)
    if not settings.datasources:
        yield Subject("datasource", "demo").good("doctor.source.demo")
    if not settings.llm.providers:
        yield Subject("model", "offline").good("doctor.model.offline")


def locale_of(environment: Mapping[str, str]) -> Locale:
    """By the variables that say which language a person reads, as `setlocale` asks them."""
    named = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "zh" if named.lower().startswith("zh") else "en"


def _line(finding: Finding, locale: Locale) -> str:
    subject = f"{finding.check} {finding.subject}".strip()
    line = f"{finding.status:<4}  {subject}: {finding.told.in_(locale)}\n"
    return line if finding.remedy is None else f"{line}      → {finding.remedy.in_(locale)}\n"


def _summary(findings: list[Finding], locale: Locale) -> str:
    doubts = sum(finding.status == "WARN" for finding in findings)
    key = "doctor.summary.bad" if _fails(findings) else "doctor.summary.good"
    return say(key, checks=len(findings), fails=_fails(findings), doubts=doubts).in_(locale) + "\n"


def _json(findings: list[Finding], locale: Locale) -> str:
    told = [
        {
            "check": finding.check,
            "subject": finding.subject,
            "status": finding.status,
            "message": finding.told.in_(locale),
            "remedy": finding.remedy.in_(locale) if finding.remedy is not None else None,
        }
        for finding in findings
    ]
    whole = {"ok": not _fails(findings), "version": __version__, "findings": told}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _fails(findings: list[Finding]) -> int:
    return sum(finding.status == "FAIL" for finding in findings)
