"""What is known of a schema, made once from the prompt's text and kept for the next question. A small
cache, no I/O.
"""

from dataclasses import dataclass
from functools import lru_cache

from text2sql_ws.llm.offline import database as databases
from text2sql_ws.llm.offline import ddl, vocabulary
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.tokens import key
from text2sql_ws.llm.offline.vocabulary import Vocabulary

SCHEMAS_KEPT = 16


@dataclass(frozen=True)
class Knowledge:
    """A schema read: its tables, and the words for them."""

    database: Database
    vocabulary: Vocabulary

    def links(self, phrase: str) -> tuple[Link, ...]:
        return self.vocabulary.links.get(key(phrase), ())


@lru_cache(maxsize=SCHEMAS_KEPT)
def knowledge_of(statements: str, dialect: str) -> Knowledge:
    """Read the CREATE TABLE statements of a prompt. Takes some ten milliseconds once."""
    database = databases.build(ddl.read_tables(statements), dialect)
    return Knowledge(database, vocabulary.build(database))
