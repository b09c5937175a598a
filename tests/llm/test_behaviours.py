"""Every recorded behaviour of every server, played byte for byte by a real server on loopback."""

from collections.abc import Iterator

import pytest

from tests.llm.asking import Outcome, ask
from tests.llm.behaviours import SERVERS
from tests.llm.behaviours.recording import CLOSE, Behaviour, Fails, Says
from tests.llm.conftest import Connect
from tests.support.model_server import ModelServer, Raw, Step

CASES = [
    pytest.param(behaviour, id=f"{server}: {behaviour.name}")
    for server, behaviours in SERVERS.items()
    for behaviour in behaviours
]


def steps(behaviour: Behaviour, *, at_once: int | None = None) -> Iterator[Step]:
    """The behaviour as a script, in pieces of at most `at_once` bytes."""
    for piece in behaviour.wire:
        if isinstance(piece, bytes):
            size = at_once or len(piece) or 1
            yield from (Raw(piece[start : start + size]) for start in range(0, len(piece), size))
        else:
            yield piece
    yield CLOSE


def check(outcome: Outcome, expected: Says | Fails) -> None:
    match expected:
        case Says(content, reasoning, usage):
            assert outcome.fault is None, outcome.fault
            assert outcome.completion is not None
            assert (outcome.completion.content, outcome.completion.reasoning) == (content, reasoning)
            assert (outcome.joined("content"), outcome.joined("reasoning")) == (content, reasoning)
            spent = outcome.completion.usage
            assert (spent and (spent.prompt_tokens, spent.completion_tokens)) == usage
        case Fails(kind, saying):
            assert outcome.completion is None, outcome.completion
            assert type(outcome.fault) is kind
            assert saying in outcome.fault.message.en


@pytest.mark.parametrize("behaviour", CASES)
async def test_behaviour(behaviour: Behaviour, connect: Connect) -> None:
    async with ModelServer([steps(behaviour)]) as server:
        outcome = await ask(connect(server, max_retries=0))
        check(outcome, behaviour.expected)
        await server.streams_closed()


@pytest.mark.parametrize(
    "behaviour", SERVERS["thoughts"] + SERVERS["OpenAI"][:12], ids=lambda case: case.name
)
async def test_behaviour_sent_a_byte_at_a_time(behaviour: Behaviour, connect: Connect) -> None:
    async with ModelServer([steps(behaviour, at_once=1)]) as server:
        check(await ask(connect(server, max_retries=0)), behaviour.expected)


def test_there_are_enough_of_them() -> None:
    assert len(SERVERS) >= 20
    assert sum(map(len, SERVERS.values())) >= 221
    assert len({(server, case.name) for server, cases in SERVERS.items() for case in cases}) == len(CASES)
