"""The doctor, against real databases and models, whole and broken."""

import asyncio
import io
import json
import logging
import re
import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.support.mariadb import MariaDb
from tests.support.model_server import HEAD, ModelServer, Status
from tests.support.paths import ROOT
from tests.support.process import free_port
from tests.support.serving import make_shop, served
from text2sql_ws.app import main
from text2sql_ws.clock import SystemClock
from text2sql_ws.doctor import locale_of, visit
from text2sql_ws.settings import Settings, load
from text2sql_ws.texts import TEXTS, Locale

Finding = dict[str, Any]


async def findings(
    settings: dict[str, Any], clock: SystemClock | None = None, locale: Locale = "en"
) -> list[Finding]:
    out = io.StringIO()
    status = await visit(lambda: loaded(settings), clock or SystemClock(), locale, out, as_json=True)
    told = json.loads(out.getvalue())
    found: list[Finding] = told["findings"]
    assert told["ok"] is all(finding["status"] != "FAIL" for finding in found)
    assert status == (0 if told["ok"] else 1)
    for finding in found:
        assert (finding["remedy"] is None) == (finding["status"] == "OK"), "what to do is told"
    return found


def loaded(settings: dict[str, Any]) -> Settings:
    return load(None, {"server": {"port": free_port()}, **settings})


def of(found: list[Finding], check: str) -> list[tuple[str, str]]:
    return [(finding["status"], finding["message"]) for finding in found if finding["check"] == check]


def only(found: list[Finding], check: str) -> Finding:
    (finding,) = [finding for finding in found if finding["check"] == check]
    return finding


def mysql(server: MariaDb, **changed: Any) -> dict[str, Any]:
    return {
        "type": "mysql", "host": server.host, "port": server.port, "user": server.user,
        "password": server.password, "database": server.database, **changed,
    }  # fmt: skip


def sqlite(path: Path) -> dict[str, Any]:
    return {"type": "sqlite", "path": str(path)}


def provider(base_url: str, **more: Any) -> dict[str, Any]:
    """`[llm]` with one provider."""
    return {"llm": {"providers": {"main": {"base_url": base_url, "model": "m", **more}}}}


def stored(folder: Path) -> dict[str, Any]:
    return {"storage": {"url": f"sqlite:///{folder}/own.db"}}


async def test_an_installation_that_is_well(tmp_path: Path, mariadb: MariaDb) -> None:
    async with ModelServer(["OK"]) as model:
        near = sqlite(make_shop(tmp_path / "shop.db"))
        found = await findings({
            "datasources": {"far": mysql(mariadb), "near": near},
            **provider(model.base_url, api_key="s3cret-key"),
            **stored(tmp_path),
        })  # fmt: skip
        assert {finding["status"] for finding in found} == {"OK"}
        assert len(model.requests) == 1
        told = [message for _, message in of(found, "datasource")]
        assert any("MariaDB" in message and "(mariadb)" in message for message in told)
        assert told.count("the account can only read") == 2
        assert "3 tables may be asked about" in told
        assert "s3cret" not in str(found)
        assert mariadb.password not in str(found)


async def test_an_account_that_may_write_is_told_with_the_grant_it_should_have(
    mariadb: MariaDb, tmp_path: Path
) -> None:
    far = mysql(mariadb, user=mariadb.admin_user, password=mariadb.admin_password)
    found = await findings({"datasources": {"far": far}, **stored(tmp_path)})
    (doubt,) = [finding for finding in found if finding["status"] == "WARN"]
    assert "ALL PRIVILEGES" in doubt["message"]
    assert "GRANT SELECT, SHOW VIEW ON `shop`.*" in doubt["remedy"]


@pytest.mark.parametrize(
    "changed",
    [{"password": "s3cret-wrong"}, {"database": "nowhere"}, {"port": 9}],
    ids=["password", "database", "port"],
)
async def test_a_database_that_does_not_let_us_in(
    mariadb: MariaDb, tmp_path: Path, changed: dict[str, Any]
) -> None:
    far = mysql(mariadb, **changed)
    found = await findings({"datasources": {"far": far}, **stored(tmp_path)})
    finding = only(found, "datasource")
    assert finding["status"] == "FAIL"
    assert f"mysql -h 127.0.0.1 -P {far['port']} -u reader -p {far['database']}" in finding["remedy"]
    assert "s3cret" not in str(found)


async def test_tables_that_the_settings_name_and_nobody_has(mariadb: MariaDb, tmp_path: Path) -> None:
    far = mysql(mariadb, tables=["orders", "oders"])
    found = await findings({"datasources": {"far": far}, **stored(tmp_path)})
    assert ("WARN", "tables that the settings name are not there, or not to be seen: oders") in of(
        found, "datasource"
    )
    none = await findings({"datasources": {"far": mysql(mariadb, tables=["oders"])}, **stored(tmp_path)})
    assert ("FAIL", "the account sees no tables at all") in of(none, "datasource")


class Ahead(SystemClock):
    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


class Long(SystemClock):
    def now(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC)


async def test_clocks_that_are_apart(mariadb: MariaDb, tmp_path: Path) -> None:
    found = await findings({"datasources": {"far": mysql(mariadb)}, **stored(tmp_path)}, Ahead())
    (doubt,) = [finding for finding in found if finding["status"] == "WARN"]
    assert "s apart" in doubt["message"]
    assert only(await findings(stored(tmp_path), Long()), "clock")["status"] == "FAIL"


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (Status(401, {"error": {"message": "bad key s3cret-key"}}), "api_key"),
        (Status(404, {"error": {"message": "no such model"}}), "usually ends in /v1"),
        (Status(500, "<html>"), "provider"),
        ([HEAD], "provider"),
    ],
    ids=["key", "name", "server", "empty"],
)
async def test_a_model_that_does_not_answer(tmp_path: Path, answer: Any, remedy: str) -> None:
    async with ModelServer([answer]) as model:
        found = await findings({**provider(model.base_url, api_key="s3cret-key"), **stored(tmp_path)})
        finding = only(found, "model")
        assert finding["status"] == "FAIL"
        assert remedy in finding["remedy"]
        assert "s3cret" not in str(found)
        assert len(model.requests) == 1, "a failure is told, not tried again"


async def test_a_model_that_cannot_be_reached(tmp_path: Path) -> None:
    base_url = f"http://user:s3cret@127.0.0.1:{free_port()}/v1"
    found = await findings({**provider(base_url), **stored(tmp_path)})
    assert only(found, "model")["status"] == "FAIL"
    assert "HTTPS_PROXY" in only(found, "model")["remedy"]
    assert "s3cret" not in str(found)


async def test_a_model_s_stream_ends_with_its_first_token(tmp_path: Path) -> None:
    never = asyncio.Event()
    async with ModelServer([["O", never]]) as model:
        found = await findings({**provider(model.base_url), **stored(tmp_path)})
        assert only(found, "model")["status"] == "OK"
        await model.streams_closed()


UNNAMED = {"type": "mysql", "user": "u", "database": "d", "password_env": "NO_SUCH"}


@pytest.mark.parametrize(
    ("settings", "check"),
    [
        (provider("http://127.0.0.1:9", api_key_env="NO_SUCH"), "model"),
        ({"datasources": {"a": UNNAMED}}, "datasource"),
    ],
    ids=["key", "password"],
)
async def test_a_secret_s_variable_that_is_not_set(
    tmp_path: Path, settings: dict[str, Any], check: str
) -> None:
    finding = only(await findings({**settings, **stored(tmp_path)}), check)
    assert finding["status"] == "FAIL"
    assert "NO_SUCH" in finding["message"]
    assert "credentials/" in finding["remedy"]


@contextmanager
def few_descriptors(count: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_fewer_descriptors_than_connections_need(tmp_path: Path) -> None:
    with few_descriptors(700):
        finding = only(await findings(stored(tmp_path)), "limits")
    assert finding["status"] == "WARN"
    assert "700 files may be open, and 1264 are needed" in finding["message"]


async def test_the_port_is_ours_free_or_taken(tmp_path: Path) -> None:
    async with served(tmp_path, {}) as server:
        port = int(server.address.rsplit(":", 1)[1])
        found = await findings({"server": {"port": port}, **stored(tmp_path)})
        assert of(found, "port") == [("OK", "this server is running there")]
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = await findings({"server": {"port": other.getsockname()[1]}, **stored(tmp_path)})
        assert only(found, "port")["status"] == "FAIL"


async def test_storage_is_looked_at_and_not_made(tmp_path: Path) -> None:
    found = await findings(stored(tmp_path))
    assert "will be made" in only(found, "storage")["message"]
    assert not (tmp_path / "own.db").exists()
    (tmp_path / "file").touch()
    found = await findings({"storage": {"url": f"sqlite:///{tmp_path}/file/own.db"}})
    assert {status for status, _ in of(found, "storage")} == {"FAIL"}


async def test_the_tables_of_the_storage_are_of_today_or_older(tmp_path: Path) -> None:
    async with served(tmp_path, {}):
        assert of(await findings(stored(tmp_path)), "storage")[0][0] == "OK", "while a server uses it"
    assert of(await findings(stored(tmp_path)), "storage")[0][0] == "OK"
    assert [path.name for path in tmp_path.glob("own.db*")] == ["own.db"], "nothing is left beside it"
    connection = sqlite3.connect(tmp_path / "own.db")
    connection.execute("DROP TABLE alembic_version")
    connection.close()
    finding = only(await findings(stored(tmp_path)), "storage")
    assert finding["status"] == "WARN"
    assert "Back up" in finding["remedy"]
    (tmp_path / "own.db").write_bytes(b"this is no database" * 100)
    assert only(await findings(stored(tmp_path)), "storage")["status"] == "FAIL"


async def test_a_storage_on_a_server(mariadb: MariaDb) -> None:
    far = f"mysql://{mariadb.admin_user}:{{}}@{mariadb.host}:{mariadb.port}/{mariadb.database}"
    good = only(await findings({"storage": {"url": far.format(mariadb.admin_password)}}), "storage")
    assert good["status"] == "WARN"
    assert "the next start makes" in good["message"]
    assert mariadb.admin_password not in str(good)
    bad = only(await findings({"storage": {"url": far.format("s3cret-wrong")}}), "storage")
    assert bad["status"] == "FAIL"
    assert "s3cret" not in str(bad)


async def test_what_is_allowed_and_worth_a_thought(tmp_path: Path) -> None:
    server = {
        "host": "0.0.0.0",
        "allow_insecure": True,
        "port": free_port(),
        "public_url": "http://ask.example.com",
    }
    found = await findings({"server": server, **stored(tmp_path)})
    told = " ".join(message for status, message in of(found, "settings") if status == "WARN")
    assert "everyone who does is an administrator" in told
    assert "is not encrypted" in told


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """The command sets up logging for its process; here that is everybody's."""
    configured, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("logs_as_before")
def test_the_command_says_it_in_lines_and_exits_1_where_something_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.toml").write_text(f"[server]\nport = {free_port()}\n")
    assert main(["doctor", "--config", "good.toml", "--locale", "en"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "OK    settings: the settings can be used"
    assert told[-1].endswith("findings, none fails, 0 to think about")
    (tmp_path / "bad.toml").write_text("[server]\nprot = 1\n")
    assert main(["doctor", "--config", "bad.toml", "--locale", "zh"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "FAIL  settings: server.prot is not a setting; did you mean port?"
    assert told[1].startswith("      → 修正")
    assert {path.name for path in tmp_path.iterdir()} == {"good.toml", "bad.toml"}


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_is_the_reader_s(environment: dict[str, str], locale: Locale) -> None:
    assert locale_of(environment) == locale


def test_every_sentence_of_the_doctor_is_there_with_what_to_do() -> None:
    said = "".join(path.read_text("utf-8") for path in (ROOT / "text2sql_ws" / "doctor").glob("*.py"))
    needed = set(re.findall(r'"(doctor\.[a-z_.]+)"', said))
    needed |= {f"{key}.remedy" for key in re.findall(r'\.(?:doubtful|bad)\(\s*"(doctor\.[a-z_.]+)"', said)}
    assert len(needed) > 40
    assert needed <= TEXTS.keys()
    unused = {key for key in TEXTS if key.startswith("doctor.")} - needed
    assert unused == set()
