"""Reads chunks that differ from one already read in nothing but their text, without parsing each. Pure.

A model's server sends the same few hundred bytes round every token. From a chunk that was parsed a stencil is
cut; a run of events that fit it is merely split at what they share, in a few calls for all of them.

The one rule: a stencil reads what `read_chunk` would have read. It is tried out before it is used, and
whatever does not fit to the byte is left to be parsed.
"""

import re
from dataclasses import replace

import orjson

from text2sql_ws.llm.chunks import Chunk, read_chunk
from text2sql_ws.llm.parsing import Malformed
from text2sql_ws.llm.thinking import Kind, has_surrogates

_TRIAL = "?!"
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')


class Stencil:
    """`head` and `tail` are what stands before and behind a text of `kind`, from its quotes outwards."""

    __slots__ = ("_between", "_head", "_tail", "kind")

    def __init__(self, kind: Kind, head: bytes, tail: bytes) -> None:
        self.kind: Kind = kind
        self._head = b"data: " + head
        self._tail = tail + b"\n\n"
        self._between = self._tail + self._head

    def read(self, block: bytes) -> tuple[list[str], bytes]:
        """The texts of the events that `block` begins with, and what is left of it.

        `block` must begin where an event does.
        """
        start = len(self._head)
        end = block.rfind(self._tail) if block.startswith(self._head) else -1
        if end < 0:
            return [], block
        quoted = block[start:end]
        try:
            # Mostly it is a single event: whoever keeps up meets one at a time.
            texts = [quoted.decode()] if _PLAIN.fullmatch(quoted) else _unquoted(quoted.split(self._between))
            return texts, block[end + len(self._tail) :]
        except ValueError:
            return [], block


def cut(data: bytes, chunk: Chunk) -> Stencil | None:
    """The stencil of a `chunk` that was read from `data`, if it has a text and little else."""
    text = chunk.content or chunk.reasoning
    if not text or has_surrogates(text) or b"\n" in data:
        return None
    head, found, tail = data.partition(orjson.dumps(text))
    if not found:
        return None
    try:
        tried = read_chunk(head + orjson.dumps(_TRIAL) + tail)
    except Malformed:
        return None
    plain = Chunk(model=chunk.model, spoken=True)
    if tried == replace(plain, content=_TRIAL):
        return Stencil("content", head + b'"', b'"' + tail)
    if tried == replace(plain, reasoning=_TRIAL):
        return Stencil("reasoning", head + b'"', b'"' + tail)
    return None


def _unquoted(quoted: list[bytes]) -> list[str]:
    """The texts of JSON strings without their quotes. Raises `ValueError` where one of them is none."""
    if _PLAIN.fullmatch(b"".join(quoted)):
        return [text.decode() for text in quoted]
    return [orjson.loads(b'"%b"' % text) for text in quoted]
