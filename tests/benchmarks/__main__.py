"""`make bench`: every benchmark, as a table in Markdown. Figures of a shared machine: read the ratios."""

import asyncio
import sys

from tests.benchmarks import chat, first_token, load, relay, rows, soak

BENCHMARKS = {
    "first_token": first_token.main,
    "relay": relay.main,
    "rows": rows.main,
    "load": load.main,
    "chat": chat.main,
    "soak": soak.main,
}


async def main(names: list[str]) -> None:
    sys.stdout.write("| what | measured | held to | how |\n|---|---|---|---|\n")
    for name in names or BENCHMARKS:
        sys.stdout.write(await BENCHMARKS[name]() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
