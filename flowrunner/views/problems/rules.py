"""A rule in full, and the list of them."""

from collections.abc import Iterable

from flowrunner.diagnostics.codes import Rule
from flowrunner.views.terminal.styles import BOLD, DIM, GREEN, RED, paint


def rule_list(rules: Iterable[Rule], *, colour: bool) -> str:
    """A line for each rule: its code, its severity, and what was found."""
    listed = list(rules)
    size = max(len(rule.code) for rule in listed)
    return "\n".join(f"{paint(each.code.ljust(size), BOLD, colour)}  {each.severity:7}  {each.what}" for each in listed)


def rule_text(rule: Rule, *, colour: bool) -> str:
    """One rule: what, why, what is wrong and right, and the pages that it comes from."""
    parts = [paint(f"{rule.code} ({rule.severity})", BOLD, colour), rule.what, "", rule.why]
    wrong, right = rule.wrong or f"$ {rule.wrong_command}", rule.right or f"$ {rule.right_command}"
    for title, style, example in (("wrong", RED, wrong), ("right", GREEN, right)):
        shown = "\n".join(f"    {line}" for line in example.strip("\n").split("\n"))
        parts += ["", paint(f"{title}:", style, colour), paint(shown, DIM if title == "wrong" else "", colour)]
    if rule.pages:
        parts += ["", paint("pages:", BOLD, colour), *(f"    {page}" for page in rule.pages)]
    return "\n".join(parts)
