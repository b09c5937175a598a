"""The built-in offline model: questions to SQL by rule, deterministic, without a network or a key.

It is a stand-in for a real model and says so. It reads everything from the messages as `llm/prompts.py`
makes them, knows no table by name, and says which words it did not understand instead of guessing.

The way of a question: `request` -> `marking` (words to meanings) -> `reductions` and `reading` (meanings
to what is asked) -> `solving` (what is asked to one statement) -> `talk`.
"""

from text2sql_ws.llm.offline.answering import Reply, answer
from text2sql_ws.llm.offline.pieces import pieces

MODEL = "offline-rules"
"""What this model is called on the wire."""

__all__ = ["MODEL", "Reply", "answer", "pieces"]
