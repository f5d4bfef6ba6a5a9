"""The number that tests send from, where a dialect needs one."""

from flowrunner.dialects import dialect_of
from flowrunner.emulator.api.numbers import NUMBER_ID


def number_of(dialect: str) -> str:
    """The emulator's first number; empty where it is the only one."""
    return NUMBER_ID if dialect_of(dialect).NUMBER.is_required else ""


def sending_as(dialect: str) -> list[str]:
    """The options of the command line for it."""
    number = number_of(dialect)
    return ["--dialect", dialect, *(["--number", number] if number else [])]
