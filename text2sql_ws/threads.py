"""A call in a thread of its own that holds up nobody: not the event loop, and not the end of the process."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def in_thread(call: Callable[P, ResultT], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[ResultT]":
    """What it returns or raises comes by the future. The thread goes on where nobody waits any more."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[ResultT] = loop.create_future()

    def settle(result: ResultT | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = call(*args, **kwargs)
        except BaseException as error:  # it is raised where the call is awaited
            failed = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=run, name=getattr(call, "__name__", "call"), daemon=True).start()
    return future
