"""The service as `run.py` starts it, with a watch on each turn of its event loop.

At SIGUSR1 it says the milliseconds of the longest callback since it last said so, and how many of them the
CPU worked on it: the rest is the machine's, busy with others.
"""

import asyncio
import signal
import sys
import time
from typing import Any

from text2sql_ws.app import main

longest = (0.0, 0.0)
"""Seconds by the clock, and seconds of CPU."""


def watch() -> None:
    """Time every callback that the loop runs, tasks' steps included."""
    run = asyncio.Handle._run

    def timed(handle: Any) -> None:
        global longest
        began, worked = time.perf_counter(), time.thread_time()
        run(handle)
        longest = max(longest, (time.perf_counter() - began, time.thread_time() - worked))

    asyncio.Handle._run = timed  # type: ignore[method-assign, assignment]


def tell(*_: object) -> None:
    global longest
    sys.stdout.write(f"{longest[0] * 1000} {longest[1] * 1000}\n")
    sys.stdout.flush()
    longest = (0.0, 0.0)


if __name__ == "__main__":
    watch()
    signal.signal(signal.SIGUSR1, tell)
    sys.exit(main())
