"""The service as `run.py` starts it; at SIGUSR1 it writes how many tasks it has to the file `COUNT` names."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from text2sql_ws.app import main


def count(*_: object) -> None:
    tasks = len(asyncio.all_tasks(asyncio.get_running_loop()))
    half = Path(os.environ["COUNT"] + ".half")
    half.write_text(str(tasks))
    half.rename(os.environ["COUNT"])


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, count)
    sys.exit(main())
