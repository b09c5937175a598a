"""Row packets, cut anywhere."""

import pytest

from text2sql_ws.engines.mysql_packets import (
    MAX_ROW_BYTES,
    Finished,
    Malformed,
    Refused,
    RowPackets,
    RowTooLarge,
)

ROWS: list[list[bytes | None]] = [
    [b"1", b"", None],
    [b"x" * 250, b"y" * 251, b"z" * 70_000],
    [None, None, None],
    [b"\xfe\xff\xfb", "中文".encode(), b"last"],
]
FLAT = [cell for row in ROWS for cell in row]


def packet(payload: bytes, sequence: int = 1) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([sequence % 256]) + payload


def length(size: int) -> bytes:
    if size < 251:
        return bytes([size])
    if size < 1 << 16:
        return b"\xfc" + size.to_bytes(2, "little")
    return b"\xfd" + size.to_bytes(3, "little")


def row(cells: list[bytes | None]) -> bytes:
    return packet(b"".join(b"\xfb" if cell is None else length(len(cell)) + cell for cell in cells))


def end(status: int = 2) -> bytes:
    return packet(b"\xfe\x00\x00" + status.to_bytes(2, "little"))


STREAM = b"".join(map(row, ROWS)) + end()


def test_a_whole_result() -> None:
    rows = RowPackets(3)
    rows.feed(STREAM)
    assert rows.cells == FLAT
    assert rows.ending == Finished(has_more=False)


def test_cut_in_two_at_every_byte() -> None:
    short = b"".join(map(row, (ROWS[0], ROWS[2], ROWS[3]))) + end()
    for cut in range(1, len(short)):
        rows = RowPackets(3)
        rows.feed(short[:cut])
        assert rows.ending is None
        rows.feed(short[cut:])
        assert rows.cells == FLAT[:3] + FLAT[6:]
        assert rows.ending == Finished(has_more=False)


def test_byte_by_byte() -> None:
    rows = RowPackets(3)
    short = row(ROWS[0]) + row(ROWS[3]) + end()
    for byte in short:
        rows.feed(bytes([byte]))
    assert rows.cells == FLAT[:3] + FLAT[9:]
    assert rows.ending == Finished(has_more=False)


def test_what_a_large_row_lacks_is_known_as_soon_as_its_length_is() -> None:
    rows, large = RowPackets(1), row([b"z" * 200_000])
    rows.feed(large[:2])
    assert rows.missing == 2
    rows.feed(large[2:10])
    assert rows.missing == len(large) - 10
    rows.feed(large[10:])
    assert (rows.missing, rows.cells) == (0, [b"z" * 200_000])


def test_another_result_may_follow() -> None:
    rows = RowPackets(1)
    rows.feed(row([b"1"]) + end(status=0x0008) + b"whatever comes then")
    assert rows.ending == Finished(has_more=True)


def test_an_error_after_rows() -> None:
    rows = RowPackets(1)
    rows.feed(row([b"1"]) + packet(b"\xff\xb1\x07#70100max_statement_time exceeded"))
    assert rows.cells == [b"1"]
    assert rows.ending == Refused(b"\xff\xb1\x07#70100max_statement_time exceeded")


@pytest.mark.parametrize(
    "stream",
    [
        row([b"1", b"2"]),  # a cell too many
        packet(b"\x05abc"),  # a cell longer than its packet
        packet(b"\xfd\x01\x00\x00"),  # a length, and no cell
        row([b"1"]) + end() + row([b"2"]),  # something after the end
    ],
)
def test_what_is_no_row_packet(stream: bytes) -> None:
    with pytest.raises(Malformed):
        RowPackets(1).feed(stream)


def test_a_row_in_several_packets_is_refused_at_its_first_bytes() -> None:
    rows = RowPackets(1)
    with pytest.raises(RowTooLarge):
        rows.feed(MAX_ROW_BYTES.to_bytes(3, "little") + b"\x01\xfe")
