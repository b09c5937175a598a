"""What is down is told once, when it is certain; what is back likewise; hiccups alarm nobody."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.support.asked import Asked
from tests.support.fakes import FakeCatalog, FakeEngine, ManualClock, ScriptedModel
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.errors import Code, Fault
from text2sql_ws.happenings import Bulletin, Happening, ServiceCameBack, ServiceWentDown
from text2sql_ws.llm.faults import AuthenticationRefused, BadRequest, ConnectionFailed, RateLimited
from text2sql_ws.llm.providers import Offered, Providers
from text2sql_ws.probing import TRUSTED_SECONDS, Health, Prober
from text2sql_ws.settings import DataSource as DataSourceSettings
from text2sql_ws.texts import verbatim

DOWN = Fault(Code.DATABASE_CONNECTION_FAILED, verbatim("connection refused"))


class Door(ScriptedModel):
    """A model that can be asked whether it is there: `True`, `False`, `None`, or a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.there: bool | Fault | None = True

    async def is_there(self) -> bool | None:
        if isinstance(self.there, Fault):
            raise self.there
        return self.there


class Post:
    """A prober of one data source and one provider, three failures down, two successes up."""

    def __init__(self) -> None:
        self.clock, self.bulletin = ManualClock(), Bulletin()
        self.engine, self.model = FakeEngine(), Door()
        settings = DataSourceSettings(type="sqlite", path="unused.db")
        source = DataSource("sales", settings, self.engine, FakeCatalog())  # type: ignore[arg-type]
        self.sources = DataSources({"sales": source}, lambda name, settings: source)
        self.providers = Providers({"main": Offered(self.model, ("scripted",))}, "main")
        self.prober = Prober(self.sources, self.providers, self.bulletin, self.clock, 30, 3, 2)
        self.told: list[Happening] = []
        self.bulletin.listen(self.prober.hear)
        self.bulletin.listen(self._hear)
        self.asked = Asked(self.bulletin, self.clock)

    def _hear(self, happening: Happening) -> None:
        if isinstance(happening, ServiceWentDown | ServiceCameBack):
            self.told.append(happening)

    async def look(self, *refusals: Fault | None) -> None:
        """A look every half a minute; at each the data source refuses, or not."""
        for refusal in refusals:
            self.clock.advance(30)
            self.engine.refusals = [refusal] if refusal else []
            await self.prober.probe()

    async def ask(self, *answers: Fault | str) -> None:
        for answer in answers:
            await self.asked.ask(model=ScriptedModel(answer))


async def test_three_failures_in_a_row_are_down_and_two_successes_up_again() -> None:
    post = Post()
    await post.look(None, DOWN, DOWN)
    assert post.told == []
    await post.look(DOWN)
    assert post.told == [ServiceWentDown("datasource", "sales", "connection refused")]
    await post.look(DOWN, None)
    assert post.prober.state("datasource", "sales") == "down"
    assert len(post.told) == 1
    await post.look(None)
    assert post.told[1:] == [ServiceCameBack("datasource", "sales", 90.0)]
    assert post.prober.state("datasource", "sales") == "up"


async def test_a_state_is_known_from_the_first_look_on_and_while_nobody_could_look_again() -> None:
    post = Post()
    assert post.prober.states() == {}
    await post.look(None)
    everything = {("datasource", "sales"): "up", ("provider", "main"): "up"}
    assert post.prober.states() == everything
    post.clock.advance(3600)
    assert post.prober.states() == everything
    post.sources.replace({})
    await post.look(None)
    assert post.prober.states() == {("provider", "main"): "up"}


async def test_what_fails_at_the_first_look_is_down_until_it_was_up() -> None:
    post = Post()
    await post.look(DOWN)
    assert post.prober.states()["datasource", "sales"] == "down"
    await post.look(None, DOWN)
    assert post.prober.states()["datasource", "sales"] == "up"


async def test_hiccups_alarm_nobody() -> None:
    post = Post()
    await post.look(*([None, DOWN, DOWN] * 5))
    assert post.told == []


async def test_what_was_never_up_is_told_to_be_down_too() -> None:
    post = Post()
    await post.look(DOWN)
    assert post.prober.state("datasource", "sales") == "down"
    await post.look(DOWN, DOWN, DOWN)
    assert [type(happening) for happening in post.told] == [ServiceWentDown]


async def test_what_was_not_seen_lately_is_not_known() -> None:
    post = Post()
    assert post.prober.state("datasource", "sales") is None
    await post.look(None)
    post.clock.advance(60)
    assert post.prober.state("datasource", "sales") == "up"
    post.clock.advance(10)
    assert post.prober.state("datasource", "sales") is None


async def test_a_source_whose_connections_are_all_at_work_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = Post()
    monkeypatch.setattr(FakeEngine, "in_use", (1, 1))
    await post.look(DOWN, DOWN, DOWN)
    assert post.told == []


async def test_a_source_that_does_not_answer_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from text2sql_ws import probing

    monkeypatch.setattr(probing, "PROBE_SECONDS", 0.05)
    post = Post()

    async def hang() -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(post.engine, "connect", hang)
    async with asyncio.timeout(5):
        await post.look(None, None, None)
    (told,) = post.told
    assert isinstance(told, ServiceWentDown)
    assert "no answer" in told.why


@pytest.mark.parametrize("there", [False, ConnectionFailed("main", "model.connection.lost")], ids=str)
async def test_a_provider_that_cannot_be_reached_is_down(there: bool | Fault) -> None:
    post = Post()
    await post.look(None)
    post.model.there = there
    await post.look(None, None, None)
    assert [(type(told), told.name) for told in post.told] == [(ServiceWentDown, "main")]  # type: ignore[union-attr]
    post.model.there = True
    await post.look(None, None)
    assert isinstance(post.told[1], ServiceCameBack)


async def test_a_provider_without_a_list_of_models_is_known_by_what_questions_meet() -> None:
    post = Post()
    post.model.there = None
    await post.look(None, None, None)
    assert post.prober.state("provider", "main") is None
    await post.ask(*[ConnectionFailed("main", "model.connection.lost")] * 3)
    assert [type(told) for told in post.told] == [ServiceWentDown]
    await post.ask("在的", "在的")
    assert [type(told) for told in post.told] == [ServiceWentDown, ServiceCameBack]


async def test_a_list_of_models_does_not_prove_that_questions_are_answered() -> None:
    """Of a key that is not valid for answers, say; but nobody asks a provider that is down for ever."""
    post = Post()
    await post.look(None)
    await post.ask(*[AuthenticationRefused("main", why="no")] * 3)
    await post.look(None, None, None)
    assert post.prober.state("provider", "main") == "down"
    post.clock.advance(TRUSTED_SECONDS)
    await post.look(None, None)
    assert [type(told) for told in post.told] == [ServiceWentDown, ServiceCameBack]


@pytest.mark.parametrize("kind", [BadRequest, RateLimited])
async def test_a_call_that_is_refused_for_its_own_sake_says_nothing_of_the_provider(kind: type) -> None:
    post = Post()
    await post.ask(*[kind("main", why="too long")] * 5)
    assert post.told == []
    assert post.prober.state("provider", "main") is None


async def test_what_is_not_configured_any_more_is_forgotten() -> None:
    post = Post()
    await post.look(DOWN, DOWN, DOWN)
    post.sources.replace({})
    await post.look(None)
    assert post.prober.state("datasource", "sales") is None


@pytest.mark.parametrize(
    ("seen", "changes"),
    [("u", []), ("ddd", [2]), ("udud", []), ("uddud", []), ("uddduu", [3, 5]), ("uddduduu", [3, 7])],
)
def test_hysteresis(seen: Sequence[str], changes: list[int]) -> None:
    health = Health()
    noted = [health.note("up" if one == "u" else "down", 0.0, 3, 2) for one in seen]
    assert [number for number, changed in enumerate(noted) if changed] == changes
