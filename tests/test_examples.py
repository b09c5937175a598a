"""The tests that draw their examples draw the same ones in every run, unless somebody explores."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples

HERE = Path(__file__).parent
PRIVATE = re.compile(r"\b(?:max_examples|deadline|derandomize|database)\s*=")
steady = pytest.mark.skipif("HYPOTHESIS_PROFILE" in os.environ, reason="somebody explores")


@steady
def test_two_runs_draw_the_same_and_nothing_is_judged_by_the_wall_clock() -> None:
    first, second = _drawn(), _drawn()
    assert first == second
    assert len(first) > 20
    assert settings().derandomize
    assert settings().deadline is None
    assert examples(1.5).derandomize


def test_no_test_goes_its_own_way() -> None:
    """A number of its own would not grow when somebody explores; a deadline fails on a loaded machine."""
    for path in HERE.rglob("test_*.py"):
        text = path.read_text("utf-8")
        if re.search(r"^from hypothesis", text, re.M) and path != Path(__file__):
            assert not PRIVATE.search(text), path


def _drawn() -> list[str]:
    seen = []

    @examples(0.3)
    @given(st.text())
    def draw(text: str) -> None:
        seen.append(text)

    draw()
    return seen
