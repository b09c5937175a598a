"""Bounds on time that hold on any machine: the CPU's seconds, as those of the machine they were measured on.

A wall clock counts what else the machine does; even the CPU's clock runs fast where two share a core. So a
bound that seems broken is looked at again with a yardstick: how much slower is this machine, just now?
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

YARDSTICK_SECONDS = 0.0079
"""What the yardstick took where the bounds were measured."""


@contextmanager
def cpu_within(seconds: float) -> Iterator[None]:
    """What stands inside must not take more of the CPU than that."""
    began = time.process_time()
    yield
    spent = time.process_time() - began
    assert spent < seconds or spent < seconds * slowness(), f"{spent:.3f} s of CPU"


def slowness() -> float:
    """How many times slower this machine is now than that other; never less than 1."""
    return max(1.0, min(_yardstick() for _ in range(3)) / YARDSTICK_SECONDS)


def _yardstick() -> float:
    """Texts, numbers and a dict: what the code under test is made of."""
    began, seen = time.thread_time(), dict[str, int]()
    for number in range(60_000):
        word = str(number % 997)
        seen[word] = seen.get(word, 0) + len(word)
    return time.thread_time() - began
