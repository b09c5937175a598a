"""Undoes gzip and deflate as the bytes come, so that a token never waits for the next one. Pure.

Formats: RFC 9110, 8.4.1. The one rule: the first byte decides and the label only helps, for labels lie.
"""

import zlib
from collections.abc import Callable

_GZIP_FIRST = b"\x1f"
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Undecodable(ValueError):
    """The bytes are not in the encoding that they claim, or it is one that we didn't offer."""


class Inflater:
    """`label` is the `Content-Encoding`, empty if there was none. We only ever offer `identity`."""

    __slots__ = ("_inflate", "_label")

    def __init__(self, label: str) -> None:
        self._label = label.strip().lower()
        self._inflate: Callable[[bytes], bytes] | None = None

    @property
    def is_plain(self) -> bool:
        """What was fed means itself, and so does all that follows."""
        return self._inflate is bytes

    def feed(self, received: bytes) -> bytes:
        """What `received` means, as far as it is known by now; raises `Undecodable`."""
        if self._inflate is bytes or not received:
            return received
        if self._inflate is None:
            self._inflate = self._chosen(received[:1])
        try:
            return self._inflate(received)
        except zlib.error as error:
            raise Undecodable(self._label or "gzip") from error

    def _chosen(self, first: bytes) -> Callable[[bytes], bytes]:
        if first == _GZIP_FIRST:
            return _Members().feed
        if self._label == "deflate":  # zlib's header by the standard, bare by custom
            is_zlib = first[0] & 0x0F == zlib.DEFLATED
            return zlib.decompressobj(_ZLIB if is_zlib else _RAW).decompress
        if self._label in ("", "identity", "gzip", "x-gzip"):
            return bytes
        raise Undecodable(self._label)


class _Members:
    """gzip allows several members one after the other (RFC 1952, 2.2); zlib stops after the first."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, received: bytes) -> bytes:
        inflated = b""
        while received:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            inflated += self._member.decompress(received)
            received = self._member.unused_data
        return inflated
