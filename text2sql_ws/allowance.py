"""How much somebody may ask in a time: a token bucket; and strikes, for who doesn't mind it.

Pure: what time it is, in seconds that never go back, is handed in.
"""

from collections import OrderedDict, deque

MINUTE = 60.0


class Allowance:
    """A token bucket: full at first, `burst` at most, `per_minute` are put back a minute, evenly."""

    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, per_minute: float, burst: float) -> None:
        self._per_second = per_minute / MINUTE
        self._burst = self._left = burst
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Take one: 0.0. Or, where none is left, take nothing: the seconds until there is one."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= 1
        return 0.0


class Allowances:
    """A bucket for each name, a minute's worth at most; one that is full again is forgotten."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._kept: OrderedDict[str, tuple[Allowance, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, name: str, now: float) -> float:
        """As `Allowance` has it."""
        self._forget_the_full(now)
        kept = self._kept.get(name)
        allowance = kept[0] if kept is not None else Allowance(self._per_minute, self._per_minute)
        self._kept[name] = allowance, now
        self._kept.move_to_end(name)
        return allowance.take(now)

    def _forget_the_full(self, now: float) -> None:
        while self._kept:
            _, used = next(iter(self._kept.values()))
            if now - used < MINUTE:
                return
            self._kept.popitem(last=False)


class Strikes:
    """Counts what was refused. `limit` within a minute, any minute, is too much."""

    __slots__ = ("_at", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._at: deque[float] | None = None  # an empty deque would cost every connection 760 bytes

    def add(self, now: float) -> bool:
        """Count one; true when it was one too many."""
        if self._at is None:
            self._at = deque(maxlen=self._limit)
        self._at.append(now)
        return len(self._at) == self._limit and now - self._at[0] < MINUTE
