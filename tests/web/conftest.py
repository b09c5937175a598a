"""Every test in here leaves the process as it found it."""

import pytest
import vl_convert

from tests.support.free import free
from text2sql_ws.web.vega import SNIPPET

__all__ = ["free"]


@pytest.fixture(scope="session")
def bundler() -> None:
    """vl-convert's own runtime: started by its first use, it stays for the life of a process."""
    vl_convert.javascript_bundle(SNIPPET)


@pytest.fixture(autouse=True)
def leaves_nothing(bundler: None, free: None) -> None:
    """What every test of this folder is held to."""
