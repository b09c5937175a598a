"""The measure for `rows.py`: aiomysql's `SSCursor` reads a statement's rows, and says what CPU that took."""

import asyncio
import sys
import time

import aiomysql

from tests.support.mariadb import MariaDb

BATCH = 1000


async def read_all(port: int, sql: str) -> float:
    """CPU seconds of this process, from sending `sql` to its last row."""
    connection = await aiomysql.connect(
        host=MariaDb.host, port=port, user=MariaDb.user, password=MariaDb.password, db=MariaDb.database,
        charset="utf8mb4",
    )  # fmt: skip
    began = time.process_time()
    async with connection.cursor(aiomysql.SSCursor) as cursor:
        await cursor.execute(sql)
        while await cursor.fetchmany(BATCH):
            pass
    spent = time.process_time() - began
    await connection.ensure_closed()
    return spent


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(read_all(int(sys.argv[1]), sys.argv[2]))}\n")
