"""The models that may be asked, by the names the operator gave their providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from text2sql_ws.errors import Code, Fault
from text2sql_ws.llm.metering import Metered
from text2sql_ws.llm.model import Model
from text2sql_ws.texts import say


@dataclass(frozen=True, slots=True)
class Offered:
    """A provider: its client, and the names of its models, the default first. `offline`: our own stand-in.

    What doesn't see values is told names and types only: no rows, no examples of what a column holds.
    """

    model: Model
    names: tuple[str, ...]
    offline: bool = False
    sees_values: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """What a question will be asked of."""

    provider: str
    name: str
    model: Model
    sees_values: bool = True


class Providers:
    """`default` is one of `offered`."""

    def __init__(self, offered: Mapping[str, Offered], default: str) -> None:
        self._offered = offered
        self._default = default

    def replace(self, offered: Mapping[str, Offered], default: str) -> None:
        """From now on these are chosen among; who has chosen already keeps what it has."""
        self._offered = offered
        self._default = default

    def choose(self, provider: str | None, name: str | None) -> Choice:
        """The provider and model that a question names, else the defaults.

        A model without a provider is looked for in the default provider first. Raises `Fault`
        INVALID_MESSAGE, which lists the known, for a name that isn't configured.
        """
        if provider is not None and provider not in self._offered:
            raise _unknown("options.provider", provider, list(self._offered))
        candidates = [provider] if provider is not None else [self._default, *self._offered]
        for candidate in candidates:
            offered = self._offered[candidate]
            if name is None or name in offered.names:
                chosen = name or offered.names[0]
                return Choice(
                    candidate, chosen, Metered(candidate, chosen, offered.model), offered.sees_values
                )
        known = [known for candidate in dict.fromkeys(candidates) for known in self._offered[candidate].names]
        raise _unknown("options.model", str(name), known)

    def models(self) -> Mapping[str, Model]:
        """By provider; whoever asks one of these is not metered."""
        return {name: offered.model for name, offered in self._offered.items()}

    def listing(self) -> list[dict[str, object]]:
        """The providers as a client may see them, the default first."""
        names = dict.fromkeys([self._default, *self._offered])
        return [
            {
                "name": name,
                "model": self._offered[name].names[0],
                "models": list(self._offered[name].names),
                "offline": self._offered[name].offline,
            }
            for name in names
        ]


def _unknown(field: str, name: str, known: Sequence[str]) -> Fault:
    return Fault(
        Code.INVALID_MESSAGE, say("option.unknown", field=field, name=name[:100], known=", ".join(known))
    )
