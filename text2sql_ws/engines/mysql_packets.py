"""Row packets of MySQL's text protocol, cut into cells. Pure: bytes in, cells out, cut anywhere.

Format: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html
It reads what aiomysql would, but a whole read at a time: its packet object for each row and its Python object
for each cell cost more than all the rest of an answer.
"""

from dataclasses import dataclass
from struct import Struct

Cells = list[bytes | None]

MAX_ROW_BYTES = (1 << 24) - 1
"""A row of this size or more comes as several packets; we take none so large."""

_NULL, _TWO_BYTES, _THREE_BYTES, _EIGHT_BYTES = 0xFB, 0xFC, 0xFD, 0xFE
_EOF, _ERROR = 0xFE, 0xFF
_SHORTEST_HUGE_ROW = 9
_MORE_RESULTS = 0x0008
_HEADER_BYTES = 4
_SIZE = 0xFFFFFF

_header = Struct("<I").unpack_from
_status = Struct("<H").unpack_from


class RowTooLarge(Exception):
    """A row of `MAX_ROW_BYTES` or more."""


class Malformed(Exception):
    """These bytes are no row packets: the connection is out of step."""


@dataclass(frozen=True, slots=True)
class Finished:
    """All rows have come. `has_more`: another result set follows on this connection."""

    has_more: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The server gave up on the statement; `packet` is its error packet."""

    packet: bytes


class RowPackets:
    """Feed it what arrives. `cells` grows by `width` a row (take them out as you like), `ending` is set last.

    After an exception it can't be used any more.
    """

    def __init__(self, width: int) -> None:
        self.cells: Cells = []
        self.ending: Finished | Refused | None = None
        self._width = width
        self._tail = b""

    @property
    def missing(self) -> int:
        """How many bytes the packet at hand still lacks, at least; 0 between packets."""
        if not self._tail:
            return 0
        return max(_HEADER_BYTES, _packet_end(self._tail, 0)) - len(self._tail)

    def feed(self, data: bytes) -> None:
        """Raises `RowTooLarge`, `Malformed`."""
        buffer = self._tail + data if self._tail else data
        try:
            self._tail = buffer[self._cut(buffer) :]
        except IndexError:
            raise Malformed from None
        if self.ending and self._tail and not (isinstance(self.ending, Finished) and self.ending.has_more):
            raise Malformed

    def _cut(self, buffer: bytes) -> int:
        """Append the cells of every whole packet; where the first packet that is not whole begins.

        The innermost loop of the product, so it is written out: no call for a row or a usual cell.
        """
        append, columns, end = self.cells.append, range(self._width), len(buffer)
        position = 0
        while end - position > _HEADER_BYTES:
            start = position + _HEADER_BYTES
            stop: int = start + (_header(buffer, position)[0] & _SIZE)
            if stop - start >= MAX_ROW_BYTES:
                raise RowTooLarge
            if stop > end:
                break
            if buffer[start] >= _EOF and self._is_ending(buffer, start, stop):
                return stop
            position = start
            for _ in columns:
                size = buffer[position]
                position += 1
                if size < _NULL:
                    append(buffer[position : position + size])
                    position += size
                elif size == _NULL:
                    append(None)
                else:
                    begin, position = _long_cell(buffer, position)
                    append(buffer[begin:position])
            if position != stop:
                raise Malformed
        return position

    def _is_ending(self, buffer: bytes, start: int, stop: int) -> bool:
        if buffer[start] == _ERROR:
            self.ending = Refused(buffer[start:stop])
        elif stop - start < _SHORTEST_HUGE_ROW:
            status = _status(buffer, start + 3)[0] if stop - start >= 5 else 0
            self.ending = Finished(bool(status & _MORE_RESULTS))
        return self.ending is not None


def _packet_end(buffer: bytes, position: int) -> int:
    if len(buffer) - position < _HEADER_BYTES:
        return 0
    return position + _HEADER_BYTES + (int(_header(buffer, position)[0]) & _SIZE)


def _long_cell(buffer: bytes, position: int) -> tuple[int, int]:
    """Where a cell of more than 250 bytes begins and ends; `position` is just past its first length byte."""
    bytes_of_length = {_TWO_BYTES: 2, _THREE_BYTES: 3, _EIGHT_BYTES: 8}.get(buffer[position - 1])
    if bytes_of_length is None:
        raise Malformed
    begin = position + bytes_of_length
    return begin, begin + int.from_bytes(buffer[position:begin], "little")
