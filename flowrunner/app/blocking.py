"""The same functions for callers without an event loop."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def blocking(function: Callable[Parameters, Coroutine[Any, Any, Result]]) -> Callable[Parameters, Result]:
    """The function under its name without ``_async``, with the same arguments, result and errors; and one more error.

    Raises:
        RuntimeError: There is a running event loop, as in Jupyter and FastAPI; nothing was done.
    """
    name = function.__name__.removesuffix("_async")

    @wraps(function)
    def wait(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(function(*args, **kwargs))
        raise RuntimeError(
            f"flowrunner.{name}() cannot be called while an event loop is running, as in Jupyter and FastAPI: "
            f"write `await flowrunner.{name}_async(...)` with the same arguments"
        )

    wait.__name__ = wait.__qualname__ = name
    return wait
