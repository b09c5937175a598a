"""SHOW and DESCRIBE, read token by token: sqlglot knows them only in part.

Knows which of them tell about tables that may be read. The one rule: a form that is not written here is
refused; there are more of them in every version, and some tell about other people's queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals
from text2sql_ws.sql.lexer import Token
from text2sql_ws.sql.names import Reach
from text2sql_ws.sql.words import METADATA_VERBS, QUERY_VERBS


class Reader:
    """Takes tokens from the left; `take` answers whether the next ones were the words asked for."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.position = 0

    @property
    def next(self) -> Token | None:
        return self._tokens[self.position] if self.position < len(self._tokens) else None

    def take(self, *words: str) -> bool:
        found = self.next
        if found is None or not found.is_word(*words):
            return False
        self.position += 1
        return True

    def sign(self, text: str) -> bool:
        found = self.next
        if found is None or found.text != text:
            return False
        self.position += 1
        return True

    def string(self) -> str | None:
        found = self.next
        if found is None or found.kind != "string":
            return None
        self.position += 1
        return found.text

    def name(self) -> str:
        """A table's or database's name, unquoted; raises `Fault` where there is none."""
        found = self.next
        if found is None or found.kind not in ("word", "quoted"):
            raise refusals.malformed(found.text if found else "")
        self.position += 1
        return found.text[1:-1].replace("``", "`") if found.kind == "quoted" else found.text


@dataclass(frozen=True, slots=True)
class Shown:
    """The statement to run, and the tables whose structure it tells."""

    sql: str
    tables: frozenset[str]


def show(sql: str, tokens: Sequence[Token], reach: Reach) -> Shown:
    """`sql`, a SHOW statement, narrowed to the tables that may be read. Raises `Fault`."""
    reader = Reader(tokens)
    reader.take("show")
    full = "FULL " if reader.take("full") else ""
    reader.take("extended")
    if reader.take("tables"):
        return _show_tables(sql, f"SHOW {full}TABLES", f"Tables_in_{reach.database}", reader, reach)
    if reader.take("table"):
        if not reader.take("status"):
            raise refusals.not_read_only("show", what="TABLE")
        return _show_tables(sql, "SHOW TABLE STATUS", "Name", reader, reach)
    if reader.take("columns", "fields", "index", "indexes", "keys"):
        return _show_of_table(sql, reader, reach)
    if reader.take("create") and reader.take("table", "view"):
        return Shown(sql, frozenset({_last_table(reader, reach)}))
    raise refusals.not_read_only("show", what=_rest(tokens))


def describe(sql: str, tokens: Sequence[Token], reach: Reach) -> Shown:
    """`sql`, `DESCRIBE table [column]` in any of its spellings. Raises `Fault`."""
    reader = Reader(tokens[1:])
    table = _table(reader, reach)
    if reader.next is not None and reader.string() is None:
        reader.name()
    _end(reader)
    return Shown(sql, frozenset({table}))


def _rest(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens[1:3]).upper()


def _show_of_table(sql: str, reader: Reader, reach: Reach) -> Shown:
    if not reader.take("from", "in"):
        raise refusals.malformed(reader.next.text if reader.next else "")
    table = _table(reader, reach)
    _database(reader, reach)
    if reader.take("like") and reader.string() is None:
        raise refusals.malformed("LIKE")
    _end(reader)
    return Shown(sql, frozenset({table}))


def _show_tables(sql: str, head: str, column: str, reader: Reader, reach: Reach) -> Shown:
    _database(reader, reach)
    pattern = reader.string() if reader.take("like") else None
    _end(reader)
    if reach.tables is None:
        return Shown(sql, frozenset())
    if not reach.database:
        raise refusals.not_permitted("show_tables")
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(reach.tables)) or "NULL"
    column = "`" + column.replace("`", "``") + "`"
    also = f" AND {column} LIKE {pattern}" if pattern else ""
    return Shown(f"{head} WHERE {column} IN ({names}){also}", frozenset())


def _table(reader: Reader, reach: Reach) -> str:
    first = reader.name()
    if not reader.sign("."):
        return reach.table("", first)
    return reach.table(first, reader.name())


def _last_table(reader: Reader, reach: Reach) -> str:
    table = _table(reader, reach)
    _end(reader)
    return table


def _database(reader: Reader, reach: Reach) -> None:
    if reader.take("from", "in"):
        reach.check_database(reader.name())


def _end(reader: Reader) -> None:
    if reader.next is not None:
        raise refusals.not_read_only("show", what=reader.next.text[:30])


def explained_query(tokens: Sequence[Token], dialect: SqlDialect) -> int | None:
    """The index of the token where the query starts that an EXPLAIN explains; `None`: it describes a table.

    Raises `Fault` for forms that run the query (ANALYZE) or look into other sessions.
    """
    reader = Reader(tokens)
    reader.take("explain", "describe", "desc")
    if reader.take("analyze"):
        raise refusals.not_read_only("explain_analyze")
    _take_explain_options(reader, dialect)
    start = reader.next
    if start is not None and (start.text == "(" or start.is_word(*QUERY_VERBS)):
        return reader.position
    names_table = start is not None and not start.is_word("for", *METADATA_VERBS)
    if dialect == "sqlite" or reader.position > 1 or not names_table:
        raise refusals.not_read_only("show", what=start.text[:30] if start else "EXPLAIN")
    return None


def _take_explain_options(reader: Reader, dialect: SqlDialect) -> None:
    if dialect == "sqlite":
        if reader.take("query") and not reader.take("plan"):
            raise refusals.malformed("QUERY")
        return
    if not reader.take("extended", "partitions", "verbose", "logical", "costs") and reader.take("format"):
        if not reader.sign("="):
            raise refusals.malformed("FORMAT")
        if not reader.take("traditional", "json", "tree", "row", "brief") and reader.string() is None:
            raise refusals.malformed("FORMAT")
