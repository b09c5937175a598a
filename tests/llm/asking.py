"""Asks a client one question and keeps what came of it."""

from dataclasses import dataclass, field

from text2sql_ws.llm.client import ModelClient
from text2sql_ws.llm.faults import ModelFault
from text2sql_ws.llm.model import Completion, Delta, Message

QUESTION = [Message("system", "You write SQL."), Message("user", "有多少订单？")]


@dataclass
class Outcome:
    """`completion` or `fault`, and the deltas that came before it."""

    deltas: list[Delta] = field(default_factory=list)
    completion: Completion | None = None
    fault: ModelFault | None = None

    def joined(self, kind: str) -> str:
        return "".join(delta.text for delta in self.deltas if delta.kind == kind)


async def ask(client: ModelClient, *, model: str | None = None) -> Outcome:
    outcome = Outcome()

    async def keep(delta: Delta) -> None:
        outcome.deltas.append(delta)

    try:
        outcome.completion = await client.stream(QUESTION, keep, model=model)
    except ModelFault as fault:
        outcome.fault = fault
    return outcome
