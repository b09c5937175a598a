"""The reference of settings is what the settings are. `UPDATE_DOCS=1` writes it anew."""

import os

from tests.docs.configuration import written
from tests.support.paths import ROOT
from text2sql_ws.settings import Settings

PAGE = ROOT / "docs" / "configuration.md"


def test_the_configuration_reference_is_up_to_date() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(written(), "utf-8")
    assert PAGE.read_text("utf-8") == written(), "UPDATE_DOCS=1 pytest tests/docs writes it anew"


def test_every_setting_is_in_it_with_a_word_on_what_it_does() -> None:
    page = written()
    for section, field in Settings.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {})
        for key in keys.keys() - {"providers"}:  # a heading of its own
            assert f"| `{key}` |" in page, f"{section}.{key}"
