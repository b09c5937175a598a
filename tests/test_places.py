"""Places: never more than there are, never one lost."""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from text2sql_ws.places import Place, Places

PER_USER = 2
IN_ALL = 3


def test_a_user_has_so_many_and_all_together_so_many() -> None:
    places = Places(PER_USER, IN_ALL)
    first = places.take("a", "1")
    assert first is not None
    assert places.take("a", "2") is not None
    assert places.take("a", "3") is None
    assert places.take("b", "1") is not None
    assert places.are_full
    assert places.take("c", "1") is None
    first.release()
    first.release()
    assert len(places) == 2
    assert places.take("c", "1") is not None


def test_the_same_session_again_needs_no_further_place() -> None:
    places = Places(1, 1)
    older, newer = places.take("a", "s"), places.take("a", "s")
    assert older is not None
    assert newer is not None
    assert len(places) == 1
    assert places.take("b", "s") is None, "another user's session of that name is another"
    older.release()
    assert len(places) == 1
    newer.release()
    assert len(places) == 0


class Coming(RuleBasedStateMachine):
    """Any order of coming and going, against a list that is counted anew each time."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.places = Places(PER_USER, IN_ALL)
        self.model: list[tuple[str, str]] = []

    @rule(target=held, user=st.sampled_from("abc"), name=st.sampled_from("123"))
    def come(self, user: str, name: str) -> tuple[Place | None, tuple[str, str]]:
        taken = set(self.model)
        has_room = len(taken) < IN_ALL and sum(other == user for other, _ in taken) < PER_USER
        place = self.places.take(user, name)
        assert (place is not None) == ((user, name) in taken or has_room)
        if place is not None:
            self.model.append((user, name))
        return place, (user, name)

    @rule(coming=consumes(held))
    def go(self, coming: tuple[Place | None, tuple[str, str]]) -> None:
        place, who = coming
        if place is not None:
            place.release()
            self.model.remove(who)

    @invariant()
    def as_many_are_taken_as_are_held(self) -> None:
        assert len(self.places) == len(set(self.model))


TestComing = Coming.TestCase
