"""A real MariaDB server for the tests: its own process, port, directory, accounts and tables.

`mariadb` is a session-scoped fixture; import it in a conftest to use it. It needs `mariadbd` and fails, with
the remedy, where that is missing: a test that needs a database never passes without one.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiomysql
import pytest

START_SECONDS = 60
UNPRIVILEGED = ("mysql", "nobody")

OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--skip-slave-start",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--key-buffer-size=1M",
    "--aria-pagecache-buffer-size=8M",
    "--max-connections=300",
)


class MariaDb:
    """One server. `user` may only read `database`; `admin_user` may do anything.

    `stop`, `kill` and `start` make outages; who stops the server starts it again.
    """

    host = "127.0.0.1"
    database = "shop"
    user = "reader"
    password = "reader-secret"
    admin_user = "admin"
    admin_password = "admin-secret"

    def __init__(self, home: Path, port: int, account: str) -> None:
        self.port = port
        self._home = home
        self._account = account
        self._process: subprocess.Popen[bytes] | None = None

    # --- talking to it ---------------------------------------------------------------------------

    async def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement as the administrator, on a connection of its own; its rows."""
        connection = await aiomysql.connect(
            host=self.host,
            port=self.port,
            user=self.admin_user,
            password=self.admin_password,
            db=self.database,
            charset="utf8mb4",
            autocommit=True,
        )
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(sql)
                return list(await cursor.fetchall())
        finally:
            await connection.ensure_closed()

    async def processlist(self, user: str | None = None) -> list[tuple[int, str]]:
        """Connections of `user` (the reader) that run something: their ids and statements."""
        rows = await self.execute(
            "SELECT id, info FROM information_schema.processlist "
            f"WHERE user = '{user or self.user}' AND command <> 'Sleep' AND info IS NOT NULL"
        )
        return [(int(number), str(info)) for number, info in rows]

    async def connections(self, user: str | None = None) -> int:
        """How many connections `user` (the reader) has open, idle ones included."""
        rows = await self.execute(
            f"SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{user or self.user}'"
        )
        return int(rows[0][0])

    # --- outages -----------------------------------------------------------------------------------

    async def start(self) -> None:
        await asyncio.to_thread(self.start_now)

    async def stop(self) -> None:
        """An orderly shutdown, as an operator's restart does."""
        await asyncio.to_thread(self.end_now, signal.SIGTERM)

    async def kill(self) -> None:
        """A crash: no goodbye on any connection but the kernel's."""
        await asyncio.to_thread(self.end_now, signal.SIGKILL)

    # --- the process ---------------------------------------------------------------------------------

    def start_now(self) -> None:
        """Start the process and return when it takes connections."""
        command = [
            _program("mariadbd"),
            "--no-defaults",
            *OPTIONS,
            f"--user={self._account}",
            f"--datadir={self._home / 'data'}",
            f"--socket={self._home / 'socket'}",
            f"--pid-file={self._home / 'pid'}",
            f"--port={self.port}",
            f"--init-file={self._home / 'init.sql'}",
            f"--log-error={self._home / 'log'}",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait_until_it_greets()

    def _wait_until_it_greets(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _greets(self.host, self.port):
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = (self._home / "log").read_text("utf-8", "replace")
                pytest.fail(f"mariadbd did not start; its log ends:\n{log[-2000:]}", pytrace=False)
            time.sleep(0.02)

    def end_now(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """The server, started once for the whole run, gone with its directory at the end."""
    with running_mariadb() as server:
        yield server


@contextmanager
def running_mariadb() -> Iterator[MariaDb]:
    """The same outside of pytest."""
    home = Path(tempfile.mkdtemp(prefix="t2s-mariadb-"))
    server = MariaDb(home, _free_port(), _account())
    try:
        _install(home, _account())
        server.start_now()
        yield server
    finally:
        server.end_now(signal.SIGKILL)
        shutil.rmtree(home, ignore_errors=True)


def _install(home: Path, account: str) -> None:
    (home / "init.sql").write_text("\n".join(_one_line(sql) for sql in ACCOUNTS + TABLES), "utf-8")
    if os.geteuid() == 0:
        owner = pwd.getpwnam(account)
        os.chown(home, owner.pw_uid, owner.pw_gid)
    made = subprocess.run(
        [
            _program("mariadb-install-db"),
            "--force",  # also where the machine's own name can't be looked up, as in a container
            "--no-defaults",
            f"--datadir={home / 'data'}",
            f"--user={account}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--innodb-log-file-size=8M",
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    if made.returncode:
        pytest.fail(f"mariadb-install-db made no database: {made.stdout[-500:]}{made.stderr[-500:]}", False)


def _account() -> str:
    """Who the server runs as: never root, unless there is nobody else."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in UNPRIVILEGED if name in known), "root")


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        pytest.fail(f"{name} is not installed; install mariadb-server (apt install mariadb-server)", False)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _greets(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1) as probe:
            return bool(probe.recv(1))
    except OSError:
        return False


def _one_line(sql: str) -> str:
    """The init file takes a statement a line."""
    return " ".join(sql.split()) + ";"


ACCOUNTS = (
    "CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4",
    "CREATE DATABASE IF NOT EXISTS elsewhere CHARACTER SET utf8mb4",
    "CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY 'reader-secret'",
    "CREATE USER IF NOT EXISTS admin@'%' IDENTIFIED BY 'admin-secret'",
    "GRANT SELECT, SHOW VIEW ON shop.* TO reader@'%'",
    "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION",
)

TABLES = (
    "CREATE TABLE IF NOT EXISTS elsewhere.secrets (id INT PRIMARY KEY, word TEXT)",
    """CREATE TABLE IF NOT EXISTS shop.departments (
        id INT PRIMARY KEY COMMENT '部门编号',
        name VARCHAR(40) NOT NULL COMMENT '部门名称'
    ) COMMENT '部门'""",
    """CREATE TABLE IF NOT EXISTS shop.employees (
        id INT PRIMARY KEY COMMENT '员工编号',
        name VARCHAR(40) NOT NULL COMMENT '姓名',
        department_id INT COMMENT '所属部门',
        salary DECIMAL(12,2) COMMENT '月薪（元）',
        hired DATE COMMENT '入职日期',
        FOREIGN KEY (department_id) REFERENCES departments (id)
    ) COMMENT '员工'""",
    """CREATE TABLE IF NOT EXISTS shop.orders (
        id INT PRIMARY KEY AUTO_INCREMENT COMMENT '订单编号',
        employee_id INT COMMENT '销售员',
        amount DECIMAL(12,2) NOT NULL COMMENT '金额（元）',
        status ENUM('已付款','已发货','已退货') NOT NULL COMMENT '状态',
        placed_at DATETIME NOT NULL COMMENT '下单时间',
        FOREIGN KEY (employee_id) REFERENCES employees (id)
    ) COMMENT '订单'""",
    "REPLACE INTO shop.departments VALUES (1,'研究开发部'),(2,'市场销售部'),(3,'财务部')",
    """REPLACE INTO shop.employees VALUES
        (1,'张伟',1,18000.00,'2019-03-01'),(2,'王芳',2,15000.50,'2020-07-15'),
        (3,'李娜',2,16000.00,'2021-01-04'),(4,'O''Brien',3,NULL,NULL)""",
    """REPLACE INTO shop.orders VALUES
        (1,2,1200.00,'已付款','2025-01-05 09:30:00'),(2,2,88.80,'已发货','2025-02-11 18:00:00'),
        (3,3,5300.25,'已付款','2025-02-28 23:59:59'),(4,3,15.00,'已退货','2025-03-01 00:00:00'),
        (5,NULL,999.99,'已付款','2025-06-18 12:00:00')""",
)
