"""The messages that a model is sent, made from the templates in `config/prompts/` and nothing else. Pure.

A template is text with `{names}`; what is filled in is never read as a template again. The schema goes in as
DDL, because that is what models have seen most of; comments and example values ride along as SQL comments.
The tags (`<database>`, `<today>`, `<failed_sql>`, `<error>`, `<question>`, `<sql>`, `<result>`) are part
of the contract between these prompts and the built-in offline model, which reads them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from text2sql_ws.llm.model import Message
from text2sql_ws.schema import Column, ForeignKey, Schema, Table
from text2sql_ws.texts import Locale

TASKS = ("generate", "rewrite", "explain", "result", "talk")
RESULT_ROWS = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, and the SQL that answered it."""

    question: str
    sql: str


class Prompts:
    """The templates of every task in every language; `read_prompts` makes one."""

    def __init__(self, templates: Mapping[tuple[str, Locale], str]) -> None:
        self._templates = templates

    def generate(
        self, question: str, schema: Schema, today: date, locale: Locale, history: Sequence[Turn] = ()
    ) -> list[Message]:
        """Messages that ask for SQL: the schema, the conversation so far, the question."""
        system = self._fill(
            "generate", locale,
            dialect=schema.dialect, version=schema.version, ddl=ddl(schema), today=today.isoformat(),
        )  # fmt: skip
        messages = [Message("system", system)]
        for turn in history:
            messages += [Message("user", turn.question), Message("assistant", f"```sql\n{turn.sql}\n```")]
        return [*messages, Message("user", question)]

    def rewrite(self, asked: Sequence[Message], sql: str, error: str, locale: Locale) -> list[Message]:
        """Messages that ask for a better SQL: what was asked, the SQL that failed, the database's error."""
        again = self._fill("rewrite", locale, sql=sql, error=error)
        return [*asked, Message("assistant", f"```sql\n{sql}\n```"), Message("user", again)]

    def explain(
        self, question: str, sql: str, rows: str, row_count: int, truncated: bool, locale: Locale
    ) -> list[Message]:
        """Messages that ask for an explanation; `rows` is the head of the result as text."""
        result = self._fill(
            "result", locale, question=question, sql=sql, rows=rows,
            row_count=str(row_count), truncated="true" if truncated else "false",
        )  # fmt: skip
        return [Message("system", self._fill("explain", locale)), Message("user", result)]

    def talk(self, message: str, earlier: Sequence[Message], today: date, locale: Locale) -> list[Message]:
        """Messages that go on with a conversation in words: `earlier` is what was said, oldest first."""
        system = self._fill("talk", locale, today=today.isoformat())
        return [Message("system", system), *earlier, Message("user", message)]

    def _fill(self, task: str, locale: Locale, **values: str) -> str:
        template = self._templates[task, locale]
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template).strip()


def read_prompts(folder: Path) -> Prompts:
    """Read `<task>.<locale>.md` of every task and language; a missing one is a `FileNotFoundError`."""
    locales: tuple[Locale, ...] = get_args(Locale)
    return Prompts(
        {
            (task, locale): (folder / f"{task}.{locale}.md").read_text("utf-8")
            for task in TASKS
            for locale in locales
        }
    )


def ddl(schema: Schema) -> str:
    """The schema as CREATE TABLE statements, one column a line, comments and example values behind `--`."""
    return "\n\n".join(_create_table(table) for table in schema.tables)


def _create_table(table: Table) -> str:
    key = [column.name for column in table.columns if column.primary_key]
    lines = [_column_line(column, is_key=key == [column.name]) for column in table.columns]
    lines += [(f"PRIMARY KEY ({_quoted_list(key)})", "")] if len(key) > 1 else []
    lines += [(_foreign_key_line(key), "") for key in table.foreign_keys]
    body = [
        f"  {definition}{',' if number < len(lines) - 1 else ''}{remark}"
        for number, (definition, remark) in enumerate(lines)
    ]
    return "\n".join([f"CREATE TABLE {_quoted(table.name)} ({_remark(table.comment)}", *body, ");"])


def _column_line(column: Column, *, is_key: bool) -> tuple[str, str]:
    declared = " ".join(column.type.splitlines())
    definition = f"{_quoted(column.name)} {declared}{' PRIMARY KEY' if is_key else ''}"
    examples = ", ".join(_literal(value) for value in column.examples if "</" not in value)
    remarks = [text for text in (column.comment, examples and f"examples: {examples}") if text]
    return definition, _remark("; ".join(remarks))


def _foreign_key_line(key: ForeignKey) -> str:
    return (
        f"FOREIGN KEY ({_quoted_list(key.columns)}) "
        f"REFERENCES {_quoted(key.referred_table)} ({_quoted_list(key.referred_columns)})"
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _quoted_list(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _literal(value: str) -> str:
    return "'" + " ".join(value.split()).replace("'", "''") + "'"


def _remark(text: str) -> str:
    """A comment to the end of the line; a line break or a closing tag would let data pose as the prompt."""
    return f" -- {' '.join(text.replace('</', '< /').split())}" if text else ""
