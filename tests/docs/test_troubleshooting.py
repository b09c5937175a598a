"""Every error and every close code has its entry in the manual."""

import re

from tests.support.paths import ROOT
from text2sql_ws import departures
from text2sql_ws.departures import Departure
from text2sql_ws.errors import Code

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")


def test_every_error_code_has_its_entry_and_no_other_has() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == {code.value for code in Code}


def test_every_close_code_is_explained() -> None:
    codes = {str(one.code) for one in vars(departures).values() if isinstance(one, Departure)}
    assert codes <= set(re.findall(r"^\| (\d{4}) \|", PAGE, re.MULTILINE))
