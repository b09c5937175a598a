"""The service as `run.py` starts it; at SIGUSR1 it writes what it has to the file that `COUNT` names.

Its tasks, and the blocks of memory that Python has handed out: where these stay and the process grows all the
same, it is the allocator's holes that grow, and not what we keep.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from text2sql_ws.app import main


def count(*_: object) -> None:
    tasks = len(asyncio.all_tasks(asyncio.get_running_loop()))
    half = Path(os.environ["COUNT"] + ".half")
    half.write_text(f"{tasks} {sys.getallocatedblocks()}")
    half.rename(os.environ["COUNT"])


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, count)
    sys.exit(main())
