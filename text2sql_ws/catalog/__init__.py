"""What a data source's tables look like, and which of them a question needs.

`catalog.py` caches, `reading.py` and its two dialects ask the database (the only SQLAlchemy here), `scope.py`
leaves out what may not be seen, `sampling.py` fetches example values; `comments.py`, `words.py` and
`retrieval.py` are pure. Nothing here writes SQL for a question. The one rule: what the operator left out
(`tables`, `denied_columns`) is gone before anything is sampled, cached or ranked.
"""

from text2sql_ws.catalog.catalog import Catalog
from text2sql_ws.catalog.retrieval import fit
from text2sql_ws.catalog.words import load_dictionary

__all__ = ["Catalog", "fit", "load_dictionary"]
