"""The SQL in what a model says; and whether a person's question is SQL already.

Knows how models write (fences, prose, reasoning, JSON), nothing of what may run. The one rule: what is given
out is what the model meant to be run, whole and as it wrote it; half an idea of SQL is none.
"""

import itertools
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import statement
from text2sql_ws.sql.fences import Block, blocks, without_blocks
from text2sql_ws.sql.lexer import Unreadable, scan
from text2sql_ws.sql.prose import sql_in_prose, trimmed
from text2sql_ws.sql.punctuation import plain

MAX_CHARACTERS = 256 << 10
_MAX_OBJECTS = 50
_KEYS = ("sql", "sql_query", "query", "statement", "sqlquery", "final_sql", "answer")
_REASONING = re.compile(r"<(think|thinking|reasoning|reflection)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_REASONING_END = re.compile(r"\A.*</(?:think|thinking|reasoning|reflection)>", re.DOTALL | re.IGNORECASE)
_SPECIAL_TOKENS = re.compile(r"<\|[a-z_]+\|>|</?s>|\[/?INST\]", re.IGNORECASE)


def sql_in(text: str) -> str | None:
    """The SQL in a model's whole answer, without fences, labels and a trailing `;`; `None` if it holds none.

    Of several blocks the last one is meant, unless the text says otherwise. Pure, raises nothing.
    """
    text = _without_reasoning(text[:MAX_CHARACTERS])
    found = (
        _in_json(text) or _in_blocks(text) or _several(text) or _in_json_within(text) or sql_in_prose(text)
    )
    return trimmed(plain(found)) or None if found else None


def is_statement(question: str, dialect: SqlDialect) -> bool:
    """Is the question itself a SQL statement, allowed or not? Pure, raises nothing."""
    return statement.is_sql(as_statement(question), dialect)


def as_statement(question: str) -> str:
    """A question that is a statement as SQL: without its fence, with ASCII punctuation, and all of it.

    Nothing behind a `;` is left out, so that the guard sees what was asked. Pure, raises nothing.
    """
    text = question.strip()
    fenced = blocks(text)
    if len(fenced) == 1 and not without_blocks(text, fenced).strip():
        text = fenced[0].text
    return plain(text)


def _several(text: str) -> str | None:
    """A text that is nothing but several statements: whole, for the guard to refuse, and not one picked."""
    if text.count(";") > _MAX_OBJECTS or ";" not in text.rstrip(" \n;"):
        return None
    try:
        tokens = list(scan(text, "mysql"))
    except Unreadable:
        return None
    ends = [token.start for token in tokens if token.text == ";"]
    pieces = [text[start:end].lstrip(";") for start, end in pairwise([0, *ends, len(text)])]
    statements = [piece for piece in pieces if piece.strip()]
    are_all = len(statements) > 1 and all(statement.is_sql(piece, "mysql") for piece in statements)
    return text if are_all else None


def _without_reasoning(text: str) -> str:
    text = _REASONING.sub("", text)
    text = _REASONING_END.sub("", text)
    return _SPECIAL_TOKENS.sub("", text).strip()


def _in_json(text: str) -> str | None:
    """The SQL of an answer that is a JSON object, fenced or not."""
    candidates = [text, *(block.text for block in blocks(text))]
    for candidate in reversed(candidates):
        if candidate.lstrip().startswith(("{", "[")):
            found = _of_object(_decoded(candidate.strip()))
            if found is not None:
                return found
    return None


def _in_json_within(text: str) -> str | None:
    """The SQL of the last JSON object that stands in prose."""
    found = None
    for start in itertools.islice(re.finditer(r"\{(?=\s*\")", text), _MAX_OBJECTS):
        found = _of_object(_decoded(text[start.start() : start.start() + (64 << 10)])) or found
    return found


def _decoded(text: str) -> Any:
    try:
        # Models break lines inside strings: strict=False allows them.
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _of_object(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[-1]
    if not isinstance(value, dict):
        return None
    lowered = {str(key).lower(): inner for key, inner in value.items()}
    for key in _KEYS:
        inner = lowered.get(key)
        if isinstance(inner, str) and inner.strip():
            fenced = blocks(inner)
            return fenced[-1].text if fenced else inner if _could_be_sql(inner) else None
    return None


def _in_blocks(text: str) -> str | None:
    candidates = list(_sql_blocks(text))
    return _meant(candidates) if candidates else None


def _sql_blocks(text: str) -> Iterator[Block]:
    for block in blocks(text):
        if _could_be_sql(block.text):
            yield block
        elif block.text.strip():
            inner = sql_in_prose(block.text)
            if inner is not None:
                yield Block(inner, block.label, block.before)


def _could_be_sql(text: str) -> bool:
    return _STARTS.match(plain(text)) is not None


_STARTS = re.compile(
    r"(?:\s|\(|--[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*(?:select|with|show|desc|describe|explain|values|table|insert|update"
    r"|delete|drop|create|alter|truncate|replace|call|set|use|grant|revoke|pragma|attach|merge|load|do|handler)\b",
    re.IGNORECASE | re.DOTALL,
)

_FINAL = re.compile(
    r"最终|正确的?(?:sql|查询|语句|写法)?[：:是]|修正后|应(?:该)?(?:使用|执行|运行)|请(?:使用|执行|运行)|推荐"
    r"|\bfinal\b|\bcorrected\b|\bcorrect (?:sql|query|one)|\bfixed\b|\b(?:please )?(?:use|run) this\b"
    r"|\banswer\b|\brecommend|\bthe query (?:to run|you need) is\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"错误|不(?:要|能|应|可以|正确|推荐)|有误|原(?:来|始|先)的?|或者|另一种|另外|也可以|替代|备选|示例|例如"
    r"|如果(?:你|您|需要|想)|结果|输出|表结构|建表|索引|参考|验证"
    r"|\b(?:wrong|incorrect|instead of|original|do not|don't|avoid|alternativ\w*|another way|or you could"
    r"|optional(?:ly)?|you (?:could|can|may) also|if you (?:want|need|prefer|only|also)|for example|e\.g"
    r"|results?|output|returns?|schema|index|to verify|bonus)\b",
    re.IGNORECASE,
)


def _meant(candidates: list[Block]) -> str:
    """The block that the prose before it calls final; else the last that it doesn't set aside."""
    queries = [block for block in candidates if _is_query(block.text)] or candidates
    final = [block for block in queries if _FINAL.search(block.before) and not _denies(block)]
    kept = [block for block in queries if not _ASIDE.search(_last_words(block.before))]
    return (final or kept or queries)[-1].text


def _denies(block: Block) -> bool:
    return re.search(r"(?:not|don't|不是|不要)", _last_words(block.before), re.IGNORECASE) is not None


def _last_words(prose: str) -> str:
    """The paragraph that introduces a block."""
    lines = [line for line in prose.strip().splitlines() if line.strip()]
    return " ".join(lines[-2:])[-200:]


def _is_query(text: str) -> bool:
    return re.match(r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(?:select|with)\b", plain(text), re.I | re.S) is not None
