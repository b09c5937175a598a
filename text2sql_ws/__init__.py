"""text2sql-ws: ask a database in plain Chinese or English, and watch the answer being made."""

__version__ = "0.1.0"
