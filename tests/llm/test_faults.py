"""What a fault says: in both languages, in one line, and nothing that is secret."""

import asyncio
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.asking import ask
from tests.llm.conftest import Connect
from tests.support.model_server import ModelServer, Status
from text2sql_ws.errors import Code
from text2sql_ws.llm import faults
from text2sql_ws.llm.answer import Cut, Empty, Filtered, Flaw, Garbled
from text2sql_ws.llm.complaints import Complaint, page_title
from text2sql_ws.llm.faults import ModelFault, fault_of
from text2sql_ws.llm.quoting import MAX_QUOTE, Quoter
from text2sql_ws.texts import Text, say

KEY = "sk-proj-Abc_123-xyz"
BASE_URL = "https://user:hunter22@host/account-77f3/v1?token=qwerty%20uiop"
quote = Quoter(KEY, BASE_URL, ["team-secret"])

FLAWS: list[Flaw] = [
    Complaint("no", "c", 400),
    Complaint("", "", 500),
    Complaint("", "some_code"),
    Complaint(""),
    Garbled("not_json", "x"),
    Garbled("page", "x"),
    Garbled("other", "x"),
    Garbled("oversized"),
    Garbled("encoding", "br"),
    Cut("ended"),
    Cut("length"),
    Filtered(),
    Empty("nothing"),
    Empty("thoughts"),
    Empty("tools"),
]


@pytest.mark.parametrize("flaw", FLAWS, ids=str)
def test_every_flaw_is_a_fault_with_two_sentences(flaw: Flaw) -> None:
    fault = fault_of("main", flaw, quote)
    assert fault.code is Code.LLM_SERVICE_ERROR
    assert not fault.mendable
    assert "main" in fault.message.zh
    assert "main" in fault.message.en
    assert fault.message.zh != fault.message.en
    assert not fault.message.en.endswith(": ")


def test_the_tree() -> None:
    retryable = {kind.__name__ for kind in KINDS if kind.retryable}
    assert retryable == {"RateLimited", "ServerFailed", "ConnectionFailed"}
    assert issubclass(faults.QuotaExhausted, faults.RateLimited)
    assert issubclass(faults.EmptyAnswer, faults.ProtocolBroken)
    assert {kind.__name__ for kind in KINDS if issubclass(kind, faults.TimedOut)} == {
        "TimedOut",
        "NoFirstToken",
        "FellSilent",
        "TookTooLong",
    }


KINDS = [
    kind
    for _, kind in inspect.getmembers(faults, inspect.isclass)
    if issubclass(kind, ModelFault) and kind is not ModelFault
]


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        (f"Incorrect API key provided: {KEY}.", "Incorrect API key provided: ***."),
        ("Incorrect API key provided: sk-pr***************xyz.", "Incorrect API key provided: ***."),
        ("header Authorization: Bearer abcdef was wrong", "header Authorization: *** was wrong"),
        ("POST /account-77f3/v1/chat/completions", "POST ***/chat/completions"),
        ("at ?token=qwerty%20uiop or qwerty uiop", "at ?*** or ***"),
        ("password hunter22, team-secret", "password ***, ***"),
        ("two\nlines\tand \x1b[31mcolours\x00\u2028", "two lines and [31mcolours"),
        ("half \ud83d character", "half character"),
        ("user v1", "user v1"),
        ("", ""),
    ],
)
def test_what_is_quoted(foreign: str, shown: str) -> None:
    assert quote(foreign) == shown


@given(st.text())
def test_a_quote_is_one_bounded_line(foreign: str) -> None:
    shown = quote(foreign * 40)
    assert len(shown) <= MAX_QUOTE
    assert shown == " ".join(shown.split())
    shown.encode()


@given(st.text(), st.text())
def test_the_key_is_never_quoted(before: str, after: str) -> None:
    assert KEY not in quote(before + KEY + after)


def test_a_key_cut_by_the_limit_is_not_quoted_in_part() -> None:
    for length in range(MAX_QUOTE - 30, MAX_QUOTE + 5):
        assert "sk-p" not in quote("x" * length + " " + KEY)


@pytest.mark.parametrize(
    "answer",
    [
        Status(401, {"error": {"message": f"bad key {KEY} at /secret-path/v1?code=s3cr3t-code"}}),
        Status(500, f"<html><title>{KEY} /secret-path/v1/chat</title></html>"),
        Status(200, f"{KEY} s3cr3t-code"),
        Status(404, {"detail": "POST /secret-path/v1/chat/completions?code=s3cr3t-code not found"}),
        Status(307, headers={"Location": f"http://127.0.0.1:1/{KEY}"}),
        Status(307, headers={"Location": f"ftp://{KEY}/secret-path"}),
    ],
    ids=str,
)
async def test_no_fault_leaks_the_key_or_the_address(connect: Connect, answer: Status) -> None:
    async with ModelServer([answer]) as server:
        client = connect(f"{server.origin}/secret-path/v1?code=s3cr3t-code", api_key=KEY, max_retries=0)
        fault = (await ask(client)).fault
    assert fault is not None
    for text in (fault.message.zh, fault.message.en, str(fault), repr(fault)):
        assert not [secret for secret in (KEY, "secret-path", "s3cr3t") if secret in text]


@pytest.mark.parametrize(
    "base_url", ["http://nowhere.invalid/secret-path/v1?code=s3cr3t", "http://127.0.0.1:1/secret-path/v1"]
)
async def test_nor_does_one_of_a_connection_that_fails(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    fault = (await ask(connect(base_url, max_retries=0))).fault
    assert type(fault) is faults.ConnectionFailed
    assert "secret-path" not in str(fault)


async def test_a_closed_port_is_unreachable(connect: Connect) -> None:
    async with ModelServer() as server:
        base_url = server.base_url
    assert await key_of_failure(connect, base_url) == say("model.connection.unreachable", provider="main")


async def test_a_handshake_that_fails_is_named(connect: Connect) -> None:
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        told = await key_of_failure(connect, f"https://127.0.0.1:{port}/v1")
    assert told == say("model.connection.tls", provider="main")


async def key_of_failure(connect: Connect, base_url: str) -> Text:
    fault = (await ask(connect(base_url, max_retries=0))).fault
    assert type(fault) is faults.ConnectionFailed
    return fault.message


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title> 502\n Bad &amp; Gateway</title>", "502 Bad & Gateway"),
        ("<html><h1 class='x'>Sorry</h1></html>", "Sorry"),
        ("<TITLE LANG=en></TITLE><body><script>alert('x')</script>a<b>b</b></body>", "a b"),
        ("<", "<"),
        ("<title>" + "x" * 999, "x" * 300),
    ],
)
def test_the_title_of_a_page(page: str, title: str) -> None:
    assert page_title(page) == title
