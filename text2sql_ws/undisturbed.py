"""What must not be cut off halfway is done whole, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def undisturbed(doing: Coroutine[Any, Any, object]) -> None:
    """Have it done whole; a cancel that comes meanwhile is felt when it is."""
    task = asyncio.create_task(doing)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    try:
        if (raised := cancelled or task.exception()) is not None:
            raise raised
    finally:
        cancelled = raised = None  # an error that its own traceback holds stays until the collector comes
