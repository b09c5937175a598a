"""Reaching a database: two more tries, two and four seconds apart, told as they happen; and only for that."""

import pytest

from tests.support.fakes import FakeEngine
from text2sql_ws.connecting import connect
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Event, Stage, StageProgressed
from text2sql_ws.progress import Progress
from text2sql_ws.texts import verbatim


class Trying:
    """A database that refuses so often, and the seconds that were waited for it."""

    def __init__(self, *refusals: Code) -> None:
        self.engine = FakeEngine()
        self.engine.refusals = [Fault(code, verbatim(f"{n}")) for n, code in enumerate(refusals)]
        self.events: list[Event] = []
        self.waited: list[float] = []

    async def connect(self) -> str:
        progress = Progress(self._emit, Stage.ANALYZING)
        await progress.begin(Stage.CONNECTING_DATABASE)
        return await connect(self.engine, progress, self._sleep)  # type: ignore[arg-type]

    async def _emit(self, event: Event) -> None:
        self.events.append(event)

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


DOWN = Code.DATABASE_CONNECTION_FAILED


async def test_a_database_that_answers_is_not_waited_for() -> None:
    trying = Trying()
    assert await trying.connect() == "3.45"
    assert trying.waited == []


@pytest.mark.parametrize(("refused", "waited"), [(1, [2]), (2, [2, 4])])
async def test_it_may_refuse_twice(refused: int, waited: list[float]) -> None:
    trying = Trying(*[DOWN] * refused)
    assert await trying.connect() == "3.45"
    assert trying.waited == waited
    told = [event.details for event in trying.events if isinstance(event, StageProgressed) and event.details]
    assert told == [{"attempt": n + 1, "wait_seconds": seconds} for n, seconds in enumerate(waited)]


async def test_the_third_refusal_is_the_answer() -> None:
    trying = Trying(DOWN, DOWN, DOWN)
    with pytest.raises(Fault) as refused:
        await trying.connect()
    assert (refused.value.code, refused.value.message.en) == (DOWN, "2")
    assert trying.waited == [2, 4]


async def test_what_another_try_would_not_mend_is_not_tried_again() -> None:
    trying = Trying(Code.INSUFFICIENT_PERMISSIONS)
    with pytest.raises(Fault):
        await trying.connect()
    assert trying.waited == []
