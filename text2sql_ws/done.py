"""What need not be waited for: a call that mostly has nothing to wait for says so, and costs no coroutine.

Such a call returns an awaitable, so `await` always works. Who must not wait, inside a callback of the loop,
looks whether it is `DONE`; what is not done begins only when it is awaited, and may be dropped.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from functools import partial
from typing import Any, Final, TypeVar

T = TypeVar("T")


class _Done:
    """Awaiting it takes no turn of the loop."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


DONE: Final = _Done()


class Later:
    """Begins when it is awaited, which is once or never."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, None, None]:
        return self._begin().__await__()


def forget(awaited: Awaitable[None]) -> None:
    """Nobody will await this: a coroutine would complain."""
    if isinstance(awaited, Coroutine):
        awaited.close()


def in_turn(call: Callable[[T], Awaitable[None]], values: Iterable[T]) -> Awaitable[None]:
    """Call it with each of `values`, each once the one before is done; now, as far as they are."""
    rest = iter(values)
    for value in rest:
        if (called := call(value)) is not DONE:
            return Later(partial(_in_turn_after, called, call, rest))
    return DONE


async def _in_turn_after(
    called: Awaitable[None], call: Callable[[T], Awaitable[None]], rest: Iterable[T]
) -> None:
    await called
    for value in rest:
        await call(value)


def then(first: Awaitable[None], second: Callable[[], Awaitable[None]]) -> Awaitable[None]:
    """`second`, once `first` is done; now, if it is."""

    async def in_order() -> None:
        await first
        await second()

    return second() if first is DONE else Later(in_order)
