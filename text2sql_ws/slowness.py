"""The slow-query log: what took long, with its SQL, for whoever tunes the database.

The one line of every query's end holds no SQL; this one does, so `log.slow_query_seconds = 0` turns it off.
"""

import structlog

from text2sql_ws.happenings import Happening, Listener, QueryOver

log = structlog.get_logger()


def slow_query_log(seconds: float) -> Listener:
    """A listener of the bulletin that logs the queries which took `seconds` or more; 0: none."""

    def hear(happening: Happening) -> None:
        if not isinstance(happening, QueryOver) or seconds == 0:
            return
        query = happening.query
        if query.ended - query.started >= seconds:
            log.warning("slow_query", sql=query.sql, **query.facts())

    return hear
