"""A question that takes several requests, such as the pages of a list: each after the first waits for its own turn."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class _Question:
    """What is asked now, in one task: whether its first request has left, and how the next ones wait."""

    def __init__(self, turn: Callable[[], Awaitable[None]]) -> None:
        self.turn = turn
        self.has_begun = False


_ASKED: Final[ContextVar[_Question | None]] = ContextVar("asked", default=None)
"""Of each task its own: a client is shared by all."""


@contextmanager
def one_question(turn: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Within: ``turn`` is awaited before each request after the first, which had its turn before."""
    token = _ASKED.set(_Question(turn))
    try:
        yield
    finally:
        _ASKED.reset(token)


async def wait_for_turn() -> None:
    """Called before a request leaves: waits where it is not the first one of its question."""
    question = _ASKED.get()
    if question is not None:
        if question.has_begun:
            await question.turn()
        question.has_begun = True
