"""Facts about the page's files that need no browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
LABELS = STATIC / "js" / "texts.js"
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|createContextualFragment"
)
CODE = re.compile(r"\beval\(|new Function|set(?:Timeout|Interval)\(\s*[\"'`]")
ENTRY = re.compile(r'^  "([a-z_.]+)":', re.MULTILINE)
SAID = re.compile(r'(?<!\bel\()"((?:[a-z_]+\.)+[a-z_]+)"')
MOST_LINES = 300


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.name)
def script(request: pytest.FixtureRequest) -> str:
    return str(request.param.read_text("utf-8"))


def test_no_script_makes_markup_or_code_from_text(script: str) -> None:
    assert MARKUP.findall(script) == []
    assert CODE.findall(script) == []


def test_each_script_opens_with_what_it_is_for_and_holds_one_idea(script: str) -> None:
    assert script.startswith("// ")
    assert script.count("\n") <= MOST_LINES


def test_the_page_has_no_inline_script_style_or_handler() -> None:
    """What a strict Content-Security-Policy forbids would fail only in the browser, and silently."""
    page = (STATIC / "index.html").read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page) == []


def test_nothing_names_another_host() -> None:
    for path in [*SCRIPTS, *STATIC.rglob("*.css"), *STATIC.rglob("*.html")]:
        named = re.findall(r"https?://[\w.-]+|url\(\s*[\"']?//", path.read_text("utf-8"))
        assert set(named) <= {"http://www.w3.org", "https://api.example.com"}, path.name


def test_every_label_is_written_once_and_used() -> None:
    entries = ENTRY.findall(LABELS.read_text("utf-8"))
    assert len(entries) == len(set(entries))
    assert set(entries) == set(_used(entries))


def _used(entries: list[str]) -> Iterator[str]:
    """Keys stand in the scripts whole, or as a template's beginning: `stage.${…}`."""
    others = "\n".join(path.read_text("utf-8") for path in SCRIPTS if path != LABELS)
    known = {key.split(".")[0] for key in entries}
    yield from (key for key in SAID.findall(others) if key.split(".")[0] in known and not key.endswith(".js"))
    for beginning in re.findall(r"`((?:[a-z_]+\.)+)\$\{", others):
        yield from (key for key in entries if key.startswith(beginning))
