"""What the client asks for, where, and with which headers; redirects and proxies."""

import json
from pathlib import Path

import pytest

from tests.llm.asking import QUESTION, ask
from tests.llm.conftest import Connect
from tests.support.model_server import ModelServer, Status
from text2sql_ws.llm.endpoint import BadLocation, Endpoint, Post, is_loopback, proxy_for, redirected
from text2sql_ws.llm.faults import BadRequest, ConnectionFailed, ProtocolBroken
from text2sql_ws.llm.model import Message
from text2sql_ws.settings import Provider

PROXY_VARIABLES = [
    name for stem in ("http", "https", "all", "no") for name in (f"{stem}_proxy", f"{stem.upper()}_PROXY")
]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


async def test_an_openai_request(connect: Connect) -> None:
    async with ModelServer(["SELECT 1"]) as server:
        await ask(connect(server, api_key="sk-1"))
        (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/v1/chat/completions")
    assert request.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You write SQL."},
            {"role": "user", "content": "有多少订单？"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert request.headers["authorization"] == "Bearer sk-1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"].startswith("text2sql-ws/")
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


async def test_an_azure_request(connect: Connect) -> None:
    async with ModelServer(["SELECT 1"]) as server:
        client = connect(server.origin, kind="azure", api_version="2024-10-21", api_key="az", model="gpt 4/o")
        await ask(client)
        (request,) = server.requests
    assert request.target == "/openai/deployments/gpt%204%2Fo/chat/completions?api-version=2024-10-21"
    assert request.headers["api-key"] == "az"
    assert "authorization" not in request.headers


async def test_without_a_key_no_header_is_sent(connect: Connect) -> None:
    async with ModelServer(["SELECT 1"]) as server:
        await ask(connect(server))
        assert not {"authorization", "api-key"} & set(server.requests[0].headers)


async def test_extras_override_ours(connect: Connect) -> None:
    async with ModelServer(["SELECT 1"]) as server:
        await ask(
            connect(
                server,
                api_key="sk-1",
                extra_headers={"authorization": "Token t", "X-Team": "数据"},
                extra_body={"temperature": 0, "model": "other", "stream_options": {"x": 1}},
            )
        )
        (request,) = server.requests
    assert request.headers["authorization"] == "Token t"
    assert request.headers["x-team"].encode("latin-1").decode() == "数据"
    assert request.body["temperature"] == 0
    assert request.body["model"] == "other"
    assert request.body["stream_options"] == {"x": 1}


async def test_a_call_may_name_another_model(connect: Connect) -> None:
    async with ModelServer(["SELECT 1"]) as server:
        await ask(connect(server), model="big")
        assert server.requests[0].body["model"] == "big"


async def test_a_question_with_half_a_character_is_asked_all_the_same(connect: Connect) -> None:
    async with ModelServer(["SELECT 1"]) as server:
        await connect(server).stream([Message("user", "a\ud83d")], _ignore)
        assert server.requests[0].body["messages"][0]["content"] == "a?"


async def test_a_header_that_cannot_be_sent_is_a_fault(connect: Connect) -> None:
    async with ModelServer() as server:
        outcome = await ask(connect(server, extra_headers={"X": "a\nb: c"}))
        assert type(outcome.fault) is BadRequest
        assert server.requests == []


BASE = {"model": "m"}
AZURE = {**BASE, "kind": "azure", "api_version": "v"}


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({**BASE, "base_url": "https://h/v1"}, "https://h/v1/chat/completions"),
        ({**BASE, "base_url": "https://h/v1/"}, "https://h/v1/chat/completions"),
        ({**BASE, "base_url": "https://h"}, "https://h/chat/completions"),
        ({**BASE, "base_url": "https://h/v1/chat/completions"}, "https://h/v1/chat/completions"),
        ({**BASE, "base_url": "https://u:p@h:8/v1?key=k#f"}, "https://h:8/v1/chat/completions?key=k"),
        ({**AZURE, "base_url": "https://h"}, "https://h/openai/deployments/m/chat/completions?api-version=v"),
        (
            {**AZURE, "base_url": "https://h/openai/deployments/d"},
            "https://h/openai/deployments/d/chat/completions?api-version=v",
        ),
        ({**AZURE, "base_url": "https://h/openai/v1/"}, "https://h/openai/v1/chat/completions?api-version=v"),
        (
            {**AZURE, "base_url": "https://h/openai/deployments/d?api-version=w"},
            "https://h/openai/deployments/d/chat/completions?api-version=w",
        ),
        (
            {**AZURE, "base_url": "https://h/gw?a=b"},
            "https://h/gw/openai/deployments/m/chat/completions?a=b&api-version=v",
        ),
    ],
)
def test_addresses(settings: dict[str, str], url: str) -> None:
    assert Endpoint(Provider(**settings)).post(QUESTION, "m", include_usage=True).url == url


def test_a_user_in_the_address_becomes_a_header() -> None:
    post = Endpoint(Provider(base_url="https://u%40x:p@h/v1", model="m")).post(
        QUESTION, "m", include_usage=True
    )
    assert post.credentials == {"Authorization": "Basic dUB4OnA="}
    assert "dUB4OnA=" not in repr(post)


def test_white_space_around_a_pasted_key_is_dropped() -> None:
    assert Endpoint(Provider(base_url="http://h", model="m", api_key=" sk-1\n")).key == "sk-1"


# --- the usage option --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "Unrecognized request argument supplied: stream_options"}}),
        (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}),
        (400, {"error": {"message": "include_usage is not supported"}}),
    ],
)
async def test_the_usage_option_is_dropped_once_and_for_all_when_refused(
    connect: Connect, status: int, body: object
) -> None:
    async with ModelServer([Status(status, body), "SELECT 1", "SELECT 2"]) as server:
        client = connect(server, max_retries=0)
        outcomes = [await ask(client), await ask(client)]
        assert [outcome.joined("content") for outcome in outcomes] == ["SELECT 1", "SELECT 2"]
        assert ["stream_options" in request.body for request in server.requests] == [True, False, False]


async def test_a_refusal_that_does_not_concern_it_is_not_asked_again(connect: Connect) -> None:
    async with ModelServer([Status(400, {"error": {"message": "no"}})]) as server:
        assert type((await ask(connect(server))).fault) is BadRequest
        assert len(server.requests) == 1


async def test_it_is_dropped_only_once(connect: Connect) -> None:
    refusal = Status(400, {"error": "stream_options"})
    async with ModelServer([refusal, refusal, "SELECT 1"]) as server:
        assert type((await ask(connect(server))).fault) is BadRequest
        assert len(server.requests) == 2


# --- redirects ---------------------------------------------------------------------------------


def moved(status: int, location: str) -> Status:
    return Status(status, headers={"Location": location})


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_on_the_same_origin_keeps_everything(connect: Connect, status: int) -> None:
    async with ModelServer([moved(status, "/v2/chat?x=1"), "SELECT 1"]) as server:
        outcome = await ask(connect(server, api_key="sk-1", extra_headers={"X-Team": "t"}))
        assert outcome.joined("content") == "SELECT 1"
        first, second = server.requests
    assert second.target == "/v2/chat?x=1"
    assert second.body == first.body
    assert (second.headers["authorization"], second.headers["x-team"]) == ("Bearer sk-1", "t")


@pytest.mark.parametrize("kind", ["openai", "azure"])
async def test_the_key_never_goes_to_another_origin(connect: Connect, kind: str) -> None:
    async with ModelServer(["SELECT 1"]) as other, ModelServer() as server:
        server.next_answer = lambda body: moved(307, f"{other.base_url}/chat")  # type: ignore[method-assign]
        client = connect(server, kind=kind, api_version="v", api_key="sk-1", extra_headers={"X-Secret": "s"})
        assert (await ask(client)).joined("content") == "SELECT 1"
        (request,) = other.requests
    assert not {"authorization", "api-key", "x-secret"} & set(request.headers)
    assert request.body == server.requests[0].body


async def test_the_key_does_not_come_back_by_a_detour(connect: Connect) -> None:
    async with ModelServer() as server, ModelServer() as other:
        other.next_answer = lambda body: moved(308, f"{server.origin}/end")  # type: ignore[method-assign]
        answers = iter([moved(307, other.origin), "SELECT 1"])
        server.next_answer = lambda body: next(answers)  # type: ignore[method-assign]
        assert (await ask(connect(server, api_key="sk-1"))).joined("content") == "SELECT 1"
        assert "authorization" in server.requests[0].headers
        assert "authorization" not in server.requests[1].headers


@pytest.mark.parametrize("hops", [3, 4])
async def test_three_redirects_are_followed_and_no_more(connect: Connect, hops: int) -> None:
    async with ModelServer([*[moved(307, "/next")] * hops, "SELECT 1"]) as server:
        outcome = await ask(connect(server))
        assert (outcome.completion is not None) == (hops == 3)
        assert outcome.fault is None or type(outcome.fault) is ProtocolBroken
        assert len(server.requests) == 4
        assert server.open_connections <= 1


POST = Post("https://h/v1", b"{}", {}, {"Authorization": "Bearer k"})


@pytest.mark.parametrize(
    ("location", "url", "keeps_key"),
    [
        ("/x", "https://h/x", True),
        ("https://h:443/x", "https://h:443/x", True),
        ("//h/x", "https://h/x", True),
        ("http://h/x", "http://h/x", False),
        ("https://h:444/x", "https://h:444/x", False),
        ("https://sub.h/x", "https://sub.h/x", False),
        ("https://u:p@h/x", "https://h/x", True),
    ],
)
def test_where_a_redirect_leads(location: str, url: str, keeps_key: bool) -> None:
    sent_on = redirected(POST, location)
    assert (sent_on.url, bool(sent_on.credentials), sent_on.body) == (url, keeps_key, POST.body)


@pytest.mark.parametrize(
    "location", ["", "ftp://h/", "file:///etc/passwd", "http://", "https://h:port/", "http://[::1"]
)
def test_where_no_redirect_can_lead(location: str) -> None:
    with pytest.raises(BadLocation):
        redirected(POST, location)


# --- proxies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "loops"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, loops: bool) -> None:
    assert is_loopback(host) is loops


def test_which_proxy_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://h/") is None
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    assert proxy_for("https://h/") == "http://all:1"
    monkeypatch.setenv("HTTPS_PROXY", "proxy:2")
    assert proxy_for("https://h/") == "http://proxy:2"
    assert proxy_for("http://h/") == "http://all:1"
    monkeypatch.setenv("NO_PROXY", "internal,h:8443")
    assert proxy_for("https://api.internal/") is None
    assert proxy_for("https://h:8443/") is None
    assert proxy_for("https://h/") == "http://proxy:2"
    assert proxy_for("https://[::1]:8/") is None
    assert proxy_for("http://127.0.0.1:8/") is None


async def test_a_proxy_is_used_with_its_password(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer(["SELECT 1"]) as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:pa%40ss@127.0.0.1:{proxy.port}")
        outcome = await ask(connect("http://model.invalid/v1", api_key="sk-1"))
        assert outcome.joined("content") == "SELECT 1"
        (request,) = proxy.requests
    assert request.target == "http://model.invalid/v1/chat/completions"
    assert request.headers["proxy-authorization"] == "Basic dXNlcjpwYUBzcw=="
    assert request.headers["authorization"] == "Bearer sk-1"


async def test_a_proxy_is_not_used_for_loopback(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelServer() as proxy, ModelServer(["SELECT 1"]) as server:
        monkeypatch.setenv("http_proxy", proxy.origin)
        assert (await ask(connect(server))).joined("content") == "SELECT 1"
        assert proxy.connections_made == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "socks5://127.0.0.1:1", "nonsense://x"])
async def test_a_proxy_that_fails_is_named(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("https_proxy", address)
    outcome = await ask(connect("https://model.invalid/v1", max_retries=0))
    assert type(outcome.fault) is ConnectionFailed
    assert "the proxy failed" in outcome.fault.message.en


async def test_no_other_library_writes_our_bodies(connect: Connect, tmp_path: Path) -> None:
    """A body is UTF-8 JSON, not escaped: Chinese costs 3 bytes a character, not 6."""
    async with ModelServer(["SELECT 1"]) as server:
        await connect(server).stream([Message("user", "销" * 1000)], _ignore)
        (request,) = server.requests
    assert int(request.headers["content-length"]) < 3200
    assert len(json.dumps(request.body)) > 6000


async def _ignore(delta: object) -> None:
    pass
