"""What is asked again, after how long, and what never is."""

from email.utils import formatdate

import pytest

from tests.llm.asking import ask
from tests.llm.conftest import Connect, Naps
from tests.support.model_server import CLOSE, HEAD, RESET, Answer, Body, ModelServer, Raw, Reasoning, Status
from text2sql_ws.llm.faults import (
    AuthenticationRefused,
    BadRequest,
    ConnectionFailed,
    ModelFault,
    NotFound,
    PermissionRefused,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    Truncated,
)
from text2sql_ws.llm.retries import backoff, requested_pause

BUSY = Body(b'data: {"error":{"message":"busy","code":503}}\n\n')


@pytest.mark.parametrize(
    "failure",
    [
        Status(408),
        Status(409),
        Status(429),
        Status(500),
        Status(502),
        Status(529),
        RESET,
        CLOSE,
        [HEAD, RESET],
        [HEAD, CLOSE],
        [BUSY, CLOSE],
    ],
    ids=str,
)
async def test_asked_again(connect: Connect, naps: Naps, failure: Answer) -> None:
    async with ModelServer([failure, failure, "SELECT 1"]) as server:
        outcome = await ask(connect(server, max_retries=2))
        assert outcome.joined("content") == "SELECT 1"
        assert naps.seconds == [0.25, 0.5]  # half of 0.5 and of 1, as the test's random says


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Status(400), BadRequest),
        (Status(401), AuthenticationRefused),
        (Status(402), QuotaExhausted),
        (Status(403), PermissionRefused),
        (Status(404), NotFound),
        (Status(422), BadRequest),
        (Status(429, {"error": {"code": "insufficient_quota"}}), QuotaExhausted),
        (Status(200, ""), Truncated),
        ([Body(b": wait\n\n"), Body(b'data: {"choices":[]}\n\n'), Raw(b"0\r\n\r\n"), CLOSE], Truncated),
    ],
)
async def test_not_asked_again(connect: Connect, naps: Naps, failure: Answer, kind: type[ModelFault]) -> None:
    async with ModelServer([failure, "SELECT 1"]) as server:
        outcome = await ask(connect(server, max_retries=2))
        assert isinstance(outcome.fault, kind)
        assert (len(server.requests), naps.seconds) == (1, [])


@pytest.mark.parametrize("first", ["SEL", Reasoning("hm")])
@pytest.mark.parametrize("failure", [RESET, CLOSE, BUSY])
async def test_never_after_the_first_delta(
    connect: Connect, naps: Naps, first: Answer, failure: Answer
) -> None:
    async with ModelServer([[first, failure], "SELECT 1"]) as server:  # type: ignore[list-item]
        outcome = await ask(connect(server, max_retries=2))
        assert isinstance(outcome.fault, ConnectionFailed | ServerFailed)
        assert (len(outcome.deltas), len(server.requests), naps.seconds) == (1, 1, [])


async def test_the_role_is_no_delta(connect: Connect) -> None:
    role = Body(b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n')
    async with ModelServer([[role, RESET], "SELECT 1"]) as server:
        assert (await ask(connect(server))).joined("content") == "SELECT 1"


@pytest.mark.parametrize("tries", [0, 1, 3])
async def test_as_often_as_the_settings_say(connect: Connect, naps: Naps, tries: int) -> None:
    async with ModelServer([Status(500)] * 9) as server:
        assert type((await ask(connect(server, max_retries=tries))).fault) is ServerFailed
        assert (len(server.requests), len(naps.seconds)) == (tries + 1, tries)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 0),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After": formatdate(1_700_000_012, usegmt=True)}, 12),
        ({"Retry-After": "soon"}, 0.25),
    ],
)
async def test_as_long_as_the_server_asks(
    connect: Connect, naps: Naps, headers: dict[str, str], pause: float
) -> None:
    async with ModelServer([Status(429, headers=headers), "SELECT 1"]) as server:
        assert (await ask(connect(server))).joined("content") == "SELECT 1"
        assert naps.seconds == [pause]


@pytest.mark.parametrize("status", [429, 503])
async def test_not_when_it_asks_for_long(connect: Connect, naps: Naps, status: int) -> None:
    async with ModelServer([Status(status, headers={"Retry-After": "31"}), "SELECT 1"]) as server:
        outcome = await ask(connect(server))
        assert isinstance(outcome.fault, RateLimited | ServerFailed)
        assert "try again in 31 s" in outcome.fault.message.en
        assert "31 秒后重试" in outcome.fault.message.zh
        assert naps.seconds == []


async def test_not_when_the_total_would_pass(connect: Connect, naps: Naps) -> None:
    async with ModelServer([Status(429, headers={"Retry-After": "5"}), "SELECT 1"]) as server:
        assert type((await ask(connect(server, total_timeout=4))).fault) is RateLimited
        assert naps.seconds == []


NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 GMT"}, 10),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 -0000"}, 10),
        ({"retry-after": "Tuesday, 14-Nov-23 22:13:30 GMT"}, 10),
        ({"retry-after": "Tue Nov 14 22:13:30 2023"}, 10),
        ({"retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"}, 0),
        ({"retry-after": "Tue, 99 Nov 2023 22:00:00 GMT"}, None),
        ({"retry-after-ms": "x", "retry-after": "2"}, 2),
    ],
)
def test_the_pause_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert requested_pause(headers, NOW) == seconds


def test_back_off_doubles_and_is_bounded() -> None:
    longest = [backoff(attempt, lambda: 1.0) for attempt in (0, 1, 2, 3, 4, 5, 5000)]
    assert longest == [0.5, 1, 2, 4, 8, 8, 8]
    assert backoff(3, lambda: 0.0) == 0
