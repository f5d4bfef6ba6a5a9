"""A flow as the conversation its recipients will see: one HTML file that asks nothing of any network."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import starmap

from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Action, Message, MessageStep, Pause, Rendering, Skipped, Step, Variable
from flowrunner.numbers import as_shown
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.formatting import link
from flowrunner.views.html.page import as_sent, asset, closing, in_lines, opening, pretty, safe
from flowrunner.views.message.body import drawable, kind
from flowrunner.views.preview import Preview
from flowrunner.views.quiet import quiet


def as_html(previews: Sequence[Preview], *, title: str, script: str = "") -> str:
    """The whole page; with several previews, each is a tab. All of it can be read without a script, and on paper.

    Args:
        previews: One or more.
        title: What the page is called: the flow's name.
        script: More script, which may speak with the server the page came from.
    """
    style, code = asset("html/chat.css") + asset("html/preview.css"), asset("html/preview.js") + script
    return (
        f"{opening(title, style, code, connects=bool(script))}"
        f'<header>\n<h1><bdi>{safe(title)}</bdi></h1>\n<p class="note">Preview: nothing was sent.</p>\n'
        f"{_tabs(previews)}</header>\n<main>\n"
        f"{''.join(starmap(_preview, enumerate(previews, 1)))}</main>\n{closing(code)}"
    )


def as_picture(previews: Sequence[Preview], *, title: str) -> str:
    """The conversations alone, one under the other, for a picture; the page writes its height to ``data-height``."""
    style, code = asset("html/chat.css") + asset("html/preview.css"), _MEASURE
    chats = "".join(_chat(number, preview) for number, preview in enumerate(previews, 1))
    return f'{opening(title, style, code)}<main class="picture">\n{chats}</main>\n{closing(code)}'


_MEASURE = """
const page = document.documentElement;
page.dataset.height = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
"""


def _tabs(previews: Sequence[Preview]) -> str:
    if len(previews) == 1:
        return ""
    links = "".join(
        f'<li><a href="#recipient-{n}"><bdi>{safe(each.heading)}</bdi></a></li>' for n, each in enumerate(previews, 1)
    )
    return f'<nav class="tabs" aria-label="Recipients"><ul>{links}</ul></nav>\n'


def _preview(number: int, preview: Preview) -> str:
    about = "" if (its := preview.rendering) is None else _variables(its.variables) + _facts(its)
    return (
        f'<section class="recipient" id="recipient-{number}" aria-labelledby="who-{number}">\n{_chat(number, preview)}'
        f'<aside aria-label="About {safe(preview.heading)}">\n{_problems(preview.diagnostics)}{about}</aside>\n'
        "</section>\n"
    )


def _chat(number: int, preview: Preview) -> str:
    label = safe(preview.heading)
    chat = ""
    if preview.rendering is None or preview.stale:
        before = " This is how it was before them." if preview.stale else ""
        chat = f'<p class="quiet">Nothing can be sent until the errors are fixed.{before}</p>'
    if preview.rendering is not None:
        steps = "".join(_conversation(preview.rendering))
        chat += f'<ol class="chat" aria-label="The conversation with {label}">\n{steps}</ol>'
    look = "phone stale" if preview.stale else "phone"
    return f'<div class="{look}">\n<h2 id="who-{number}"><bdi>{label}</bdi></h2>\n{chat}\n</div>\n'


def _conversation(rendering: Rendering) -> Iterator[str]:
    """An item a step, and one for each day; the clock goes on by the pauses."""
    at = datetime.fromisoformat(rendering.now)
    day = None
    for action in rendering.actions:
        if isinstance(action, Pause):
            at += timedelta(seconds=action.seconds)
        if at.date() != day:
            day = at.date()
            yield f'<li class="day">{day.day} {day:%B %Y}</li>\n'
        yield _action(action, f"{at:%H:%M}")


def _action(action: Action, clock: str) -> str:
    match action:
        case Skipped():
            return _left_out(action)
        case Message(step=step, body=body, wire=wire):
            drawn = bubble(body, clock=clock, status="delivered", name=f"Step {step.label}")
            because = f'<p class="quiet">{shown}</p>' if (shown := _condition(step).removesuffix(": ")) else ""
            return (
                f'<li class="step">{because}{drawn}<details class="json"><summary>{_caption(step, body)}</summary>'
                f'<pre>{pretty(body)}</pre><p>Exactly as it is sent:</p><pre class="wire">{as_sent(wire)}</pre>'
                "</details></li>\n"
            )
        case _:
            return f'<li class="quiet">{_condition(action.step)}{safe(quiet(action))}</li>\n'


def _condition(step: Step) -> str:
    return f"because <code>{safe(str(step.when))}</code>: " if isinstance(step.when, str) else ""


def _caption(step: MessageStep, body: Mapping[str, object]) -> str:
    until = f", then waits until {step.until}" if step.until else ""
    return f"<bdi>{safe(step.label)}</bdi> · {safe(kind(body))}{until} · JSON"


def _left_out(skipped: Skipped) -> str:
    """What was left out and why, with what its author wrote: expressions in it have no value here."""
    step = skipped.step
    said = f'<p class="quiet"><bdi>{safe(step.label)}</bdi> is left out: {safe(skipped.reason)}</p>'
    if not isinstance(step, MessageStep):
        return f'<li class="step out">{said}</li>\n'
    shown = bubble(step.message, name=f"Left out: step {step.label}") if drawable(step.message) else ""
    written = f'<details class="json"><summary>As it is written</summary><pre>{pretty(step.message)}</pre></details>'
    return f'<li class="step out">{said}{shown}{written}</li>\n'


def _problems(diagnostics: Sequence[Diagnostic]) -> str:
    if not diagnostics:
        return ""
    return f"<h3>Problems</h3>\n<ul class='problems'>{''.join(map(_problem, diagnostics))}</ul>\n"


def _problem(diagnostic: Diagnostic) -> str:
    excerpt = f"<pre>{safe(shown)}</pre>" if (shown := diagnostic.excerpt.strip()) else ""
    notes = "".join(f"<p>from {safe(str(note.location))}: {safe(note.message)}</p>" for note in diagnostic.notes)
    hint = f"<p>Hint: {safe(diagnostic.hint)}</p>" if diagnostic.hint else ""
    about = f"<p>{link(diagnostic.link)}</p>" if diagnostic.link else ""
    return (
        f'<li class="{diagnostic.severity}"><p><strong>{diagnostic.severity}</strong> {safe(diagnostic.message)}</p>'
        f"<p><code>{safe(str(diagnostic.location))}</code> <small>{safe(diagnostic.code)}</small></p>"
        f"{excerpt}{notes}{hint}{about}</li>"
    )


def _variables(variables: Sequence[Variable]) -> str:
    if not variables:
        return ""
    rows = "".join(
        f'<tr><th scope="row"><bdi>{safe(each.name)}</bdi></th><td dir="auto">{in_lines(as_shown(each.value))}</td>'
        f"<td><bdi>{safe(each.origin)}</bdi></td></tr>"
        for each in variables
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Name", "Value", "From"))
    return f"<h3>Variables</h3>\n<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>\n"


def _facts(rendering: Rendering) -> str:
    flow, recipient = rendering.flow, rendering.recipient
    count = len(rendering.messages)
    facts = [
        ("Description", flow.description),
        ("File", f"{flow.bundle.path}, {flow.bundle.digest[:12]}"),
        ("Phone", recipient.phone),
        ("Conversation", recipient.conversation),
        ("Messages", f"{count} of {len(rendering.actions)} steps"),
        ("As of", rendering.now),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd><bdi>{safe(value)}</bdi></dd></div>" for name, value in facts if value)
    return f"<h3>About</h3>\n<dl class='facts'>{rows}</dl>\n"
