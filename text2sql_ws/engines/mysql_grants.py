"""What SHOW GRANTS tells of an account that should only read. Pure.

Formats: `GRANT SELECT, SHOW VIEW ON `shop`.* TO …` (MySQL, MariaDB, TiDB, StarRocks); lists such as
`Select_priv,Load_priv` (Doris). Tried against MariaDB, the others are read from their manuals.
"""

import re
from collections.abc import Iterable

READING = frozenset(
    {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "SHOW CREATE ROUTINE", "REFERENCES", "SHOW_VIEW"}
)
"""All that an account needs, and what does no harm: REFERENCES is of no use without CREATE."""

_GRANT = re.compile(
    r"GRANT (?P<rights>(?:\([^)]*\)|[^(])+?) ON .+?(?P<option> WITH GRANT OPTION)?$", re.DOTALL
)
_COLUMNS = re.compile(r"\s*\([^)]*\)")
_DORIS = re.compile(r"\b([A-Za-z_]+)_priv\b")


def beyond_reading(cells: Iterable[str]) -> frozenset[str]:
    """The rights in any of `cells` that let an account do more than read, in capitals.

    A role that was granted without being active gives nothing: nobody can take it up in our sessions.
    """
    return frozenset(right for cell in cells for right in _rights(cell)) - READING


def _rights(cell: str) -> Iterable[str]:
    found = _GRANT.match(cell)
    if found is None:
        return [name.upper() for name in _DORIS.findall(cell)]
    named = _COLUMNS.sub("", found["rights"]).split(",")
    return [name.strip().upper() for name in named] + (["GRANT OPTION"] if found["option"] else [])
