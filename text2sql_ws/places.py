"""How many may be connected, of one user and in all.

Places are named: who comes under a name that its user holds already shares that place, for the older
connection of a session is about to go. The one rule: nothing in here waits, so no two are given the same last
place.
"""

from collections import Counter


class Place:
    """Held until it is released, which may be said more than once."""

    __slots__ = ("_name", "_places", "_user_id")

    def __init__(self, places: "Places", user_id: str, name: str) -> None:
        self._places: Places | None = places
        self._user_id = user_id
        self._name = name

    def release(self) -> None:
        places, self._places = self._places, None
        if places is not None:
            places._give_back(self._user_id, self._name)


class Places:
    def __init__(self, per_user: int, in_all: int) -> None:
        self._per_user = per_user
        self._in_all = in_all
        self._taken = 0
        self._holders: dict[str, Counter[str]] = {}

    def __len__(self) -> int:
        """How many are taken."""
        return self._taken

    @property
    def are_full(self) -> bool:
        return self._taken >= self._in_all

    def take(self, user_id: str, name: str) -> Place | None:
        """A place, or `None` where this user, or everybody, has as many as there may be."""
        names = self._holders.get(user_id, Counter())
        if name not in names:
            if self.are_full or len(names) >= self._per_user:
                return None
            self._taken += 1
        self._holders.setdefault(user_id, names)[name] += 1
        return Place(self, user_id, name)

    def _give_back(self, user_id: str, name: str) -> None:
        names = self._holders[user_id]
        names[name] -= 1
        if names[name] == 0:
            del names[name]
            self._taken -= 1
        if not names:
            del self._holders[user_id]
