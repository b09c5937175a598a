"""Server-sent events: the standard's examples, the ends of lines, and that no cut makes a difference."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2sql_ws.llm.event_stream import MAX_LINE_BYTES, Event, EventStream, Oversized


def decode(*pieces: bytes) -> list[Event]:
    stream = EventStream()
    events = [event for piece in pieces for event in stream.feed(piece)]
    return events + stream.close()


def feed_all(stream: EventStream, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        stream.feed(piece)


def data_of(*pieces: bytes) -> list[bytes]:
    return [event.data for event in decode(*pieces)]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [b"YHOO\n+2\n10"]),
        (
            b": test stream\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
            [b"first", b"second", b" third"],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [b"", b"\n", b""]),
        (b"data:test\n\ndata: test\n\n", [b"test", b"test"]),
        (b"event: x\n\ndata: y\n\n", [b"y"]),
        (b"", []),
        (b"\n\r\n\r", []),
    ],
)
def test_the_standards_examples(stream: bytes, data: list[bytes]) -> None:
    assert data_of(stream) == data


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_line_ends_at_lf_cr_and_crlf(end: bytes) -> None:
    assert data_of(end.join([b"data: a", b"data: b", b"", b"data: c", b"", b""])) == [b"a\nb", b"c"]


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_nothing_else_ends_a_line(inside: str) -> None:
    assert data_of(f"data: a{inside}b\n\n".encode()) == [f"a{inside}b".encode()]


def test_an_event_comes_with_its_blank_line_and_not_later() -> None:
    stream = EventStream()
    assert stream.feed(b"data: a\r\n\r") == [Event(b"a")]
    assert stream.feed(b"\ndata: b\n") == []
    assert stream.feed(b"\n") == [Event(b"b")]


def test_the_event_field_names_one_event_only() -> None:
    assert decode(b"event: error\ndata: a\n\ndata: b\n\n") == [Event(b"a", "error"), Event(b"b")]


def test_a_byte_order_mark_counts_at_the_start_only() -> None:
    mark = b"\xef\xbb\xbf"
    assert data_of(mark + b"data: a\n\n" + mark + b"data: b\n\n") == [b"a"]


def test_beyond_the_standard_error_lines_and_bare_objects_are_events() -> None:
    assert decode(b'data: a\nerror: {"x":1}\n{"y":2}\n{"z":\n') == [
        Event(b"a"),
        Event(b'{"x":1}', "error"),
        Event(b'{"y":2}'),
    ]


@pytest.mark.parametrize("size", [1, 4096, MAX_LINE_BYTES * 2])
def test_a_line_is_bounded_however_it_comes(size: int) -> None:
    stream = EventStream()
    line = b"data: " + b"x" * MAX_LINE_BYTES
    pieces = (
        [line[start : start + size] for start in range(0, len(line), size)]
        if size > 1
        else [line[:-1], b"x" * 9]
    )
    with pytest.raises(Oversized):
        feed_all(stream, pieces)


def test_long_lines_and_events_one_after_the_other_are_not() -> None:
    line = b"data: " + b"x" * (MAX_LINE_BYTES - 100)
    stream = EventStream()
    for _ in range(6):
        feed_all(stream, [line[:-50], line[-50:], b"\n"])
        assert [event.data for event in stream.feed(b"\n")] == [line[6:]]


def test_an_event_is_bounded() -> None:
    stream = EventStream()
    with pytest.raises(Oversized):
        feed_all(stream, [b"data: " + b"x" * (MAX_LINE_BYTES - 6) + b"\n"] * 6)


def test_every_cut_into_two_gives_the_same() -> None:
    stream = (
        '\ufeff: c\r\ndata: a\u2028\rdata: 😀\r\n\r\nevent: e\nid: 1\0\ndata:b\n\n{"x":1}\rdata: c'.encode()
    )
    whole = decode(stream)
    assert len(whole) == 4
    for cut in range(len(stream) + 1):
        assert decode(stream[:cut], stream[cut:]) == whole, cut


LINES = st.sampled_from(
    [
        b"data: a",
        b"data:",
        b"data",
        b"",
        b": c",
        b"event: e",
        b"id: 1",
        b"error: x",
        b'{"a":1}',
        b"{",
        b"\xef\xbb\xbf",
        b"x",
    ]
)
STREAMS = st.lists(
    st.tuples(LINES | st.binary(max_size=8), st.sampled_from([b"\n", b"\r", b"\r\n", b""]))
).map(lambda parts: b"".join(line + end for line, end in parts))


@given(STREAMS, st.lists(st.integers(min_value=0, max_value=200)))
def test_any_cutting_of_any_bytes_gives_the_same(stream: bytes, cuts: list[int]) -> None:
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert decode(*pieces) == decode(stream) == decode(*(stream[i : i + 1] for i in range(len(stream))))


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), min_size=1))
def test_what_is_written_as_the_standard_says_is_read_back(texts: list[str]) -> None:
    written = "".join(f"data: {text}\n\n" for text in texts).encode()
    assert data_of(written) == [text.encode() for text in texts]
