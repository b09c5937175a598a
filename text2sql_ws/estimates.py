"""How long a query still takes: a running estimate of each stage's seconds, per data source and model."""

from collections import OrderedDict
from collections.abc import Mapping

from text2sql_ws.events import Stage

Key = tuple[str, str]
"""Data source and model."""

WEIGHT = 0.3
"""How much the latest query counts; the mean forgets a slow day after some ten queries."""

KEYS = 1000
"""Estimates are kept for this many pairs; the one not used for longest goes first."""

ORDER = tuple(Stage)


class Estimates:
    def __init__(self) -> None:
        self._means: OrderedDict[Key, dict[Stage, float]] = OrderedDict()

    def learn(self, key: Key, seconds: Mapping[Stage, float]) -> None:
        """Take in a completed query's seconds by stage; a stage that it skipped is left as it was."""
        means = self._means.setdefault(key, {})
        self._means.move_to_end(key)
        for stage, taken in seconds.items():
            means[stage] = taken + (1 - WEIGHT) * (means.get(stage, taken) - taken)
        while len(self._means) > KEYS:
            self._means.popitem(last=False)

    def expected(self, key: Key) -> Mapping[Stage, float] | None:
        """Seconds of each stage as they were lately; `None` before any is known."""
        return self._means.get(key)

    def remaining(self, key: Key, stage: Stage, elapsed: float) -> int | None:
        """Whole seconds from here to the end, `elapsed` seconds into `stage`; `None` before any is known."""
        means = self._means.get(key)
        if means is None:
            return None
        later = sum(means.get(following, 0.0) for following in ORDER[ORDER.index(stage) + 1 :])
        return round(max(means.get(stage, 0.0) - elapsed, 0.0) + later)
