"""Every test in here leaves the process as it found it."""

import pytest

from tests.support.free import free

__all__ = ["free"]


@pytest.fixture(autouse=True)
def leaves_nothing(free: None) -> None:
    """What every test of this folder is held to."""
