"""A rule in full, and the list of them."""

from collections.abc import Mapping, Sequence

from flowrunner.views.terminal.styles import BOLD, DIM, GREEN, RED, paint


def rule_list(rules: Mapping[str, tuple[str, str]], *, colour: bool) -> str:
    """A line for each rule: code -> (severity, what)."""
    size = max(map(len, rules))
    return "\n".join(
        f"{paint(code.ljust(size), BOLD, colour)}  {severity:7}  {what}" for code, (severity, what) in rules.items()
    )


def rule_text(
    code: str, severity: str, what: str, why: str, *, wrong: str, right: str, pages: Sequence[str] = (), colour: bool
) -> str:
    """One rule: what, why, what is wrong and right, and the pages that it comes from."""
    parts = [paint(f"{code} ({severity})", BOLD, colour), what, "", why]
    for title, style, example in (("wrong", RED, wrong), ("right", GREEN, right)):
        shown = "\n".join(f"    {line}" for line in example.strip("\n").split("\n"))
        parts += ["", paint(f"{title}:", style, colour), paint(shown, DIM if title == "wrong" else "", colour)]
    if pages:
        parts += ["", paint("pages:", BOLD, colour), *(f"    {page}" for page in pages)]
    return "\n".join(parts)
