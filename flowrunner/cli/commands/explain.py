"""``flowrunner explain``."""

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say


@click.command(help="Explain a diagnostic's CODE: what it means, why, and what is right. Without CODE, list all codes.")
@click.argument("code", required=False, default="", metavar="[CODE]")
def explain(code: str) -> int:
    """Print a rule."""
    from flowrunner.diagnostics import nearest
    from flowrunner.diagnostics.codes import rules
    from flowrunner.views.problems.rules import rule_list, rule_text

    known = rules()
    if not code:
        say(rule_list(known.values(), colour=colour()))
        return DONE
    rule = known.get(code)
    if rule is None:
        close = nearest(code, list(known))
        refuse(
            f"there is no code {code}", f"did you mean {close}?" if close else "list all codes with: flowrunner explain"
        )
        return WRONG_INPUT
    say(rule_text(rule, colour=colour()))
    return DONE
