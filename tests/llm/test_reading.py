"""Reading a body: no cut makes a difference, and no bytes make it fail other than with a flaw."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.behaviours import SERVERS
from text2sql_ws.llm.answer import Flaw
from text2sql_ws.llm.complaints import complaint_about
from text2sql_ws.llm.model import Completion
from text2sql_ws.llm.reading import Reading

Result = tuple[str, str, Completion | Flaw]


def read(*pieces: bytes) -> Result:
    reading = Reading("m")
    deltas = [delta for piece in pieces for delta in reading.feed(piece)]
    deltas += reading.close()
    assert all(delta.text for delta in deltas)
    content, reasoning = (
        "".join(d.text for d in deltas if d.kind == kind) for kind in ("content", "reasoning")
    )
    outcome = reading.outcome()
    if isinstance(outcome, Completion):
        assert (outcome.content, outcome.reasoning) == (content, reasoning)
    return content, reasoning, outcome


def bodies() -> list[Any]:
    """The small bodies among the behaviours: those sent as a single chunk and not packed."""
    found = []
    for server, behaviours in SERVERS.items():
        for behaviour in behaviours:
            head, _, framed = b"".join(p for p in behaviour.wire if isinstance(p, bytes)).partition(
                b"\r\n\r\n"
            )
            size, _, body = framed.partition(b"\r\n")
            is_single_chunk = b"chunked" in head and size == b"%x" % (len(body) - 7)
            if is_single_chunk and b"Content-Encoding" not in head and len(body) < 4000:
                found.append(pytest.param(body[:-7], id=f"{server}: {behaviour.name}"))
    return found


@pytest.mark.parametrize("body", bodies())
def test_a_body_cut_at_every_byte_reads_the_same(body: bytes) -> None:
    assert read(*(body[place : place + 1] for place in range(len(body)))) == read(body)


@pytest.mark.parametrize("body", bodies()[::7])
def test_a_body_cut_into_any_two_reads_the_same(body: bytes) -> None:
    whole = read(body)
    for cut in range(0, len(body), 3):
        assert read(body[:cut], body[cut:]) == whole, cut


def test_there_are_bodies_to_cut() -> None:
    assert len(bodies()) > 150


def test_a_stream_that_stops_at_any_byte_is_whole_only_after_its_finish_reason() -> None:
    chunk = '{"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}'
    body = "".join(
        f"data: {chunk % pair}\n\n" for pair in (("SELECT", "null"), (" 1", "null"), ("", '"stop"'))
    )
    complete = len(body.encode()) - 2  # the last event counts without its blank line
    for end in range(len(body) + 1):
        outcome = read(body.encode()[:end])[2]
        assert isinstance(outcome, Completion) == (end >= complete), end


KEYS = st.sampled_from(
    [
        "choices",
        "index",
        "delta",
        "message",
        "content",
        "reasoning_content",
        "reasoning",
        "reasoning_details",
        "thinking",
        "type",
        "text",
        "finish_reason",
        "usage",
        "prompt_tokens",
        "error",
        "errors",
        "detail",
        "loc",
        "msg",
        "code",
        "status",
        "base_resp",
        "header",
        "x_groq",
        "model",
        "object",
        "done",
        "eval_count",
        "refusal",
        "summary",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["stop", "length", "text", "429"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(st.lists(JSON, max_size=4))
def test_no_json_makes_it_fail(values: list[Any]) -> None:
    body = "".join(f"data: {json.dumps(value)}\n\n" for value in values).encode()
    assert read(body) == read(body[: len(body) // 2], body[len(body) // 2 :])


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(body: bytes) -> None:
    assert not isinstance(read(body)[2], Completion)


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200))
def test_any_refusal_has_a_complaint_with_its_status(body: bytes) -> None:
    assert complaint_about(500, body).status == 500
