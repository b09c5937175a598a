"""A stencil reads what parsing would have read: whatever the text, wherever it is cut, whoever sends it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2sql_ws.llm.chunks import Chunk, read_chunk
from text2sql_ws.llm.model import Completion
from text2sql_ws.llm.reading import Reading
from text2sql_ws.llm.stencil import Stencil, cut

END = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
PIECES = [
    b"a", b'","b', b'"', b"\\", b'\\"', b"\n", b"\\n", b"\r", b"\x00", b"\xff", b"\\ud83d", b"\\ude00",
    b'x","role":"y', b'"},{"index":0,"delta":{"content":"z', "数".encode(), b"<think>", b"", b"\\u6570",
]  # fmt: skip


def chunk(text: str, key: str = "content", *, ascii_only: bool = False) -> bytes:
    value = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {key: text}, "finish_reason": None}]}
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":")).encode()


def event(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


def stencil_of(data: bytes) -> Stencil:
    read = read_chunk(data)
    assert isinstance(read, Chunk)
    stencil = cut(data, read)
    assert stencil is not None
    return stencil


def read(*pieces: bytes, learns: bool = True) -> tuple[str, Any]:
    reading = Reading("m")
    reading._lessons *= learns
    deltas = [delta for piece in pieces for delta in reading.feed(piece)] + reading.close()
    return "".join(f"<{d.kind}>{d.text}" for d in deltas).replace("<content>", ""), reading.outcome()


def test_a_run_of_chunks_is_read_at_once_and_counted() -> None:
    block = event(chunk("SELECT")) + event(chunk(" 1\n")) + event(chunk("数"))
    assert stencil_of(chunk("x")).read(block + b"data: {") == (["SELECT", " 1\n", "数"], b"data: {")


def test_the_deltas_of_one_read_are_one_that_knows_what_it_was_joined_from() -> None:
    reading = Reading("m")
    reading.feed(event(chunk("a")))
    (delta,) = reading.feed(b"".join(event(chunk(text)) for text in "bcd"))
    assert (delta.text, delta.parts) == ("bcd", ("b", "c", "d"))


@pytest.mark.parametrize(
    "data",
    [
        b'{"choices":[{"index":1,"delta":{"content":"x"}}]}',
        b'{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}',
        b'{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
        b'{"choices":[{"index":0,"message":{"content":"x"}}]}',
        b'{"choices":[{"index":0,"delta":{"content":"\\u0061","id":"a"}}]}',
        b'{"choices":[{"index":0,"delta":{"content":"x","reasoning_content":"x"}}]}',
        b'{"choices":[{"index":0,\n"delta":{"content":"x"}}]}',
    ],
    ids=["another choice", "an ending", "usage", "a whole message", "elsewhere", "two texts", "two lines"],
)
def test_no_stencil_is_cut_where_more_is_told_than_a_text(data: bytes) -> None:
    read = read_chunk(data)
    assert isinstance(read, Chunk)
    assert cut(data, read) is None


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.integers(1, 90), max_size=40))
def test_it_makes_no_difference_whatever_stands_between_the_quotes(
    texts: list[bytes], sizes: list[int]
) -> None:
    head, _, tail = chunk("@").partition(b"@")
    body = event(chunk("first ")) + b"".join(event(head + text + tail) for text in texts) + END
    pieces, start = [], 0
    for size in sizes:
        pieces.append(body[start : start + size])
        start += size
    parsed = read(body, learns=False)
    assert read(body) == parsed
    assert read(*pieces, body[start:]) == parsed


@given(
    st.lists(st.tuples(st.sampled_from(["content", "reasoning_content"]), st.text(max_size=8), st.booleans()))
)
def test_nor_which_texts_come(said: list[tuple[str, str, bool]]) -> None:
    events = [event(chunk(text, key, ascii_only=plain)) for key, text, plain in said]
    body = b"".join(events) + END
    parsed = read(body, learns=False)
    assert read(body) == read(*events, END) == parsed
    if any(key == "content" and not text.isspace() and text for key, text, _ in said):
        assert isinstance(parsed[1], Completion)
