"""Whether a provider is there, asked for its list of models; what it may be asked with, and what it tells."""

import pytest

from tests.llm.conftest import Connect
from tests.support.model_server import RESET, Answer, ModelServer, Status
from text2sql_ws.llm.faults import ConnectionFailed


@pytest.mark.parametrize(
    ("listing", "is_there"),
    [
        (Status(200, {"data": []}), True),
        (Status(200, b"x" * 1_000_000), True),
        (Status(404), None),
        (Status(401), None),
        (Status(501), None),
        (Status(500), False),
        (Status(503), False),
    ],
    ids=str,
)
async def test_what_its_answer_tells(connect: Connect, listing: Answer, is_there: bool | None) -> None:
    async with ModelServer() as server:
        server.listing = listing
        assert await connect(server, api_key="sk-1").is_there() is is_there
        (request,) = server.listed
    assert (request.method, request.target) == ("GET", "/v1/models")
    assert request.headers["authorization"] == "Bearer sk-1"
    assert server.requests == []


async def test_who_cannot_be_reached_is_a_fault(connect: Connect) -> None:
    async with ModelServer() as server:
        client = connect(server)
        server.listing = RESET
        with pytest.raises(ConnectionFailed):
            await client.is_there()
    with pytest.raises(ConnectionFailed):
        await client.is_there()


async def test_where_the_usual_address_is_none_nobody_is_asked(connect: Connect) -> None:
    async with ModelServer() as server:
        assert await connect(server, kind="azure", api_version="2024-10-21").is_there() is None
        assert server.listed == []


async def test_an_address_of_completions_has_its_models_beside_it(connect: Connect) -> None:
    async with ModelServer() as server:
        server.listing = Status(200)
        assert await connect(f"{server.base_url}/chat/completions").is_there() is True
        assert server.listed[0].target == "/v1/models"
