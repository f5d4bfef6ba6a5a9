"""The rules by code, with their long texts: what `flowrunner explain` says."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple


class Rule(NamedTuple):
    """One rule.

    Attributes:
        code: Its name, as diagnostics have it.
        severity: How bad breaking it is.
        what: What was found, in one line.
        why: Why the rule is there.
        wrong: A flow file that breaks it and no other; empty where a command shows it better.
        right: The same file, fixed.
        wrong_command: A command that ends in it; empty where a file shows it.
        right_command: The command as it should be.
        values: The wrong file is right until it gets its values.
        pages: Where the rule comes from: the pages of the message types that have it.
    """

    code: str
    severity: Literal["error", "warning"]
    what: str
    why: str
    wrong: str = ""
    right: str = ""
    wrong_command: str = ""
    right_command: str = ""
    values: bool = False
    pages: Sequence[str] = ()


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the file."""
    written = tomllib.loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))
    return {code: Rule(code, **entry) for code, entry in written.items()}
