"""`make bench`: every benchmark, as one table in Markdown. Figures of a shared machine: read the ratios.

`make bench ARGS="relay load"` takes some of them; with `--output FILE` the table is written there as well. It
bears the date and what it was measured on. `rows` needs MariaDB installed; all else needs nothing.
"""

import argparse
import asyncio
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import cancel, chat, first_token, load, relay, rows, soak

BENCHMARKS = {
    "first_token": first_token.main,
    "relay": relay.main,
    "cancel": cancel.main,
    "rows": rows.main,
    "load": load.main,
    "chat": chat.main,
    "soak": soak.main,
}
HEAD = "| what | measured | held to | how |\n|---|---|---|---|\n"


async def main(names: list[str], output: Path | None) -> None:
    told = []
    for name in names:
        sys.stderr.write(f"{name} ...\n")
        told.append(await BENCHMARKS[name]())
    table = f"{_where()}\n\n{HEAD}" + "\n".join(told) + "\n"
    sys.stdout.write(table)
    if output is not None:
        output.write_text(table)


def _where() -> str:
    """When, and on what."""
    busy = os.getloadavg()[1]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({_processor()}), Linux {platform.release()}, "
        f"Python {platform.python_version()}, load average {busy:.1f}."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", help="all, where none is named")
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    asyncio.run(main(asked.names or list(BENCHMARKS), asked.output))
