"""Our own storage: may it be written, are its tables of today, is there room. Nothing is made or changed."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from text2sql_ws.doctor.findings import Finding, Subject
from text2sql_ws.settings import Misconfigured
from text2sql_ws.storage.database import address_of
from text2sql_ws.storage.revising import NewerTables, is_current
from text2sql_ws.texts import verbatim

SECONDS = 10.0
LITTLE_BYTES = 1 << 30


async def look_at_storage(url: str) -> list[Finding]:
    subject = Subject("storage")
    try:
        address = address_of(url)
    except Misconfigured as misconfigured:
        return [subject.bad("doctor.storage.bad", why=verbatim(misconfigured.problems[0]))]
    if address.get_backend_name() != "sqlite":
        return [await _look_inside(subject, address, address.render_as_string(hide_password=True))]
    path = Path(address.database or "")
    found = list(_look_at_file(subject, path))
    if (inside := _for_reading(address, path)) is not None:
        found.append(await _look_inside(subject, inside, str(path)))
    return found


def _look_at_file(subject: Subject, path: Path) -> Iterator[Finding]:
    """The file and the folder that it is or will be in."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not _is_writable(path, folder):
        yield subject.bad("doctor.storage.unwritable", path=path)
    elif not path.exists():
        yield subject.good("doctor.storage.none_yet", path=path)
    if (free := shutil.disk_usage(folder).free) < LITTLE_BYTES:
        yield subject.doubtful("doctor.storage.little_room", free=free >> 20, folder=folder)


def _for_reading(address: URL, path: Path) -> URL | None:
    """The address that reads the file and makes none beside it, which would be ours and not the service's."""
    if not path.exists():
        return None
    is_in_use = path.with_name(f"{path.name}-shm").exists()
    reading = {"mode": "ro"} if is_in_use else {"immutable": "1"}
    return address.set(database=f"file:{quote(str(path.absolute()))}", query={**reading, "uri": "true"})


def _is_writable(path: Path, folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))


async def _look_inside(subject: Subject, address: URL, shown: str) -> Finding:
    engine = create_async_engine(address, hide_parameters=True)
    try:
        async with asyncio.timeout(SECONDS), engine.connect() as connection:
            is_today_s = await connection.run_sync(is_current)
    except (SQLAlchemyError, OSError, TimeoutError, NewerTables) as error:
        original = getattr(error, "orig", None) or error
        return subject.bad("doctor.storage.bad", why=verbatim(f"{type(original).__name__}: {original}"))
    finally:
        await engine.dispose()
    if is_today_s:
        return subject.good("doctor.storage.good", shown=shown)
    return subject.doubtful("doctor.storage.old", shown=shown)
