"""Our own storage: is it there, may it be written, is there room. Nothing is made or changed."""

import asyncio
import os
import shutil
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from text2sql_ws.doctor.findings import Finding, Subject
from text2sql_ws.settings import Misconfigured
from text2sql_ws.storage.database import address_of
from text2sql_ws.texts import verbatim

SECONDS = 10.0
LITTLE_BYTES = 1 << 30


async def look_at_storage(url: str) -> list[Finding]:
    subject = Subject("storage")
    try:
        address = address_of(url)
    except Misconfigured as misconfigured:
        return [subject.bad("doctor.storage.bad", why=verbatim(misconfigured.problems[0]))]
    if address.get_backend_name() == "sqlite":
        return _look_at_file(subject, Path(address.database or ""))
    return [await _look_at_server(subject, address)]


def _look_at_file(subject: Subject, path: Path) -> list[Finding]:
    """The file itself, or the folder that it will be made in."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        return [subject.bad("doctor.storage.unwritable", path=path)]
    found = [subject.good("doctor.storage.file" if path.exists() else "doctor.storage.none_yet", path=path)]
    free = shutil.disk_usage(folder).free
    if free < LITTLE_BYTES:
        found.append(subject.doubtful("doctor.storage.little_room", free=free >> 20, folder=folder))
    return found


async def _look_at_server(subject: Subject, address: URL) -> Finding:
    engine = create_async_engine(address, hide_parameters=True)
    try:
        async with asyncio.timeout(SECONDS), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        original = getattr(error, "orig", None) or error
        return subject.bad("doctor.storage.bad", why=verbatim(f"{type(original).__name__}: {original}"))
    finally:
        await engine.dispose()
    return subject.good("doctor.storage.server", address=address.render_as_string(hide_password=True))
