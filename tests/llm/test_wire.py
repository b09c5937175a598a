"""What is overheard is the body, however HTTP and the network cut it; and tokens go past aiohttp's parser."""

import asyncio
from collections.abc import Iterable

import pytest
from aiohttp import StreamReader
from hypothesis import given
from hypothesis import strategies as st

from text2sql_ws.llm.patience import Take
from text2sql_ws.llm.wire import Wire

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b'data: {"choices":[]}\n\n'

DATA = st.one_of(
    st.just(EVENT),
    st.binary(min_size=1, max_size=40),
    st.lists(
        st.sampled_from([b"\n\n", b"\r\n", b"\n\n\r\n", b"1f\r\n", b"0\r\n\r\n", EVENT]), min_size=1
    ).map(b"".join),
)
SIZES = st.sampled_from([b"%x", b"%X", b"00%x", b"%x;name=value"])


def chunk(data: bytes, size: bytes = b"%x") -> bytes:
    return size % len(data) + b"\r\n" + data + b"\r\n"


@given(data=st.data(), chunks=st.lists(st.tuples(DATA, SIZES), max_size=8))
def test_a_body_cut_anywhere(data: st.DataObject, chunks: list[tuple[bytes, bytes]]) -> None:
    written = [chunk(*one) for one in chunks]
    sent = b"".join(written)
    edges = set[int]()
    for at, one in enumerate(written):  # mostly where a chunk ends, as on a network that keeps up
        edges.add(sum(map(len, written[:at])) + len(one))
    places = st.sampled_from(sorted(edges or {0})) | st.integers(0, len(sent))
    cuts = sorted(data.draw(st.sets(places, max_size=12)))
    pieces = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    told = asyncio.run(_overheard([*pieces, b"0\r\n\r\n"]))
    assert b"".join(told) == b"".join(one for one, _ in chunks)


LOOKALIKE = chunk(EVENT)


@pytest.mark.parametrize(
    "before",
    [chunk(EVENT) + b"%x\r\n" % len(LOOKALIKE), b"%x\r\n" % (5 + len(LOOKALIKE)) + b"x\n\n\r\n"],
    ids=["the size was read", "some of its data was read, and ends as a chunk does"],
)
async def test_what_looks_like_a_chunk_within_a_chunk(before: bytes) -> None:
    told = b"".join(await _overheard([chunk(EVENT), before, LOOKALIKE, b"\r\n", b"0\r\n\r\n"]))
    assert told.endswith(LOOKALIKE)


async def test_tokens_go_past_the_parser() -> None:
    """aiohttp's body counts what it was fed; if this fails, its private count of chunks has changed."""
    wire, body = await _opened()
    told: list[bytes] = []
    overhearing = asyncio.create_task(wire.overhear(body, _into(told)))
    await asyncio.sleep(0)
    for _ in range(3):
        wire.data_received(chunk(EVENT))
    assert told == [EVENT] * 3
    assert body.total_bytes == len(EVENT)
    wire.data_received(b"0\r\n\r\n")
    await overhearing
    assert body.at_eof()


async def test_who_says_no_finds_the_rest_in_the_body() -> None:
    wire, body = await _opened()
    told: list[bytes] = []

    def take(piece: bytes) -> bool:
        told.append(piece)
        return len(told) < 2

    overhearing = asyncio.create_task(wire.overhear(body, take))
    await asyncio.sleep(0)
    for number in range(4):
        wire.data_received(chunk(b"data: %d\n\n" % number))
    await overhearing
    assert told == [b"data: 0\n\n", b"data: 1\n\n"]
    assert await body.readany() == b"data: 2\n\ndata: 3\n\n"


async def _overheard(pieces: Iterable[bytes]) -> list[bytes]:
    wire, body = await _opened()
    told: list[bytes] = []
    overhearing = asyncio.create_task(wire.overhear(body, _into(told)))
    await asyncio.sleep(0)
    for piece in filter(None, pieces):
        wire.data_received(piece)
    async with asyncio.timeout(1):
        await overhearing
    return told


def _into(told: list[bytes]) -> Take:
    def take(piece: bytes) -> bool:
        told.append(piece)
        return True

    return take


async def _opened() -> tuple[Wire, StreamReader]:
    """A wire on which an answer has begun."""
    wire = Wire(asyncio.get_running_loop())
    wire.connection_made(asyncio.Transport())
    wire.set_response_params(read_until_eof=True, auto_decompress=False)
    wire.data_received(HEAD)
    _, body = await wire.read()
    return wire, body
