"""Thoughts apart from the answer, and characters mended, wherever the text is cut."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2sql_ws.llm.thinking import SurrogateJoiner, ThinkSplitter


def split(*pieces: str) -> list[tuple[str, str]]:
    splitter = ThinkSplitter()
    found = [part for piece in pieces for part in splitter.push(piece)] + splitter.close()
    assert all(text for _, text in found)
    return [
        (kind, "".join(text for _, text in parts)) for kind, parts in groupby(found, key=lambda part: part[0])
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("SELECT 1", [("content", "SELECT 1")]),
        ("<think>a</think>b", [("reasoning", "a"), ("content", "b")]),
        ("x<Thinking>a</THINKING>b", [("content", "x"), ("reasoning", "a"), ("content", "b")]),
        ("<think></think>b", [("content", "b")]),
        ("a</think>b", [("content", "a</think>b")]),
        ("<think>a<think>b</think>c", [("reasoning", "a<think>b"), ("content", "c")]),
        ("<think>a", [("reasoning", "a")]),
        ("a < b <think", [("content", "a < b <think")]),
        ("<<think>a", [("content", "<"), ("reasoning", "a")]),
        ("<thinker>a", [("content", "<thinker>a")]),
        ("", []),
    ],
)  # fmt: skip
def test_split_and_cut_at_every_letter(text: str, parts: list[tuple[str, str]]) -> None:
    assert split(text) == parts
    assert split(*text) == parts
    for cut in range(len(text)):
        assert split(text[:cut], text[cut:]) == parts


@given(st.text(st.sampled_from("<>/thinkTHINKg a")), st.integers(1, 5))
def test_any_cutting_gives_the_same(text: str, size: int) -> None:
    assert split(*(text[start : start + size] for start in range(0, len(text), size))) == split(text)


def test_text_without_a_tag_is_never_held_back() -> None:
    splitter = ThinkSplitter()
    assert splitter.push("a < b") == [("content", "a < b")]
    assert splitter.push("<") == []
    assert splitter.push("= b") == [("content", "<= b")]


def join(*pieces: str) -> str:
    joiner = SurrogateJoiner()
    return "".join(map(joiner.push, pieces)) + joiner.close()


@given(st.text(st.characters() | st.sampled_from("\ud83d\ude00a😀")), st.integers(1, 3))
def test_joined_surrogates_are_what_utf_16_makes_of_them(text: str, size: int) -> None:
    expected = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    units = [text[start : start + size] for start in range(0, len(text), size)]
    assert join(*units) == expected
    assert join(text) == expected
