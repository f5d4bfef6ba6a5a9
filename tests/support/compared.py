"""Comparisons made for the tests of their drawings, without a file."""

from typing import Any

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diff import compare_actions
from flowrunner.diff.values import Case, Comparison, FlowDifference
from flowrunner.model import Action, Bundle, Flow, Message, MessageStep, Skipped, Variable
from support.previewed import message as made
from support.previewed import pause

BUTTONS = {
    "message_type": "interactive",
    "interactive_type": "button",
    "header_text": "Welcome",
    "body_text": "Shall we *start*?",
    "buttons": [{"id": "yes", "title": "Yes"}, {"id": "later", "title": "Later"}],
}
IMAGE = {"message_type": "image", "media_url": "https://cdn.example.com/welcome.jpg", "caption": "Your first week"}
TEMPLATE = {
    "message_type": "template",
    "template_name": "reminder",
    "template_language": "en",
    "template_params": ["Ana", "9:00"],
}
LOCATION = {"message_type": "location", "latitude": 19.4, "longitude": -99.1, "location_name": "Shop"}


def message(number: int, body: dict[str, Any] | str, name: str = "", **waits: Any) -> Message:
    return made(number, {"message_type": "text", "content": body} if isinstance(body, str) else body, id=name, **waits)


def skipped(number: int, name: str, reason: str = 'plan == "pro" is false') -> Skipped:
    said = {"message_type": "text", "content": "Try pro for a month."}
    return Skipped(MessageStep(str(number), ("steps", number - 1), id=name, message=said), reason)


def flow(name: str = "onboarding") -> Flow:
    return Flow(Bundle.of(f"flows/{name}.yaml", "", digest="0" * 64), name, "", {}, ())


def difference(before: list[Action], after: list[Action], **more: Any) -> FlowDifference:
    variables = more.pop("variables", (Variable("name", "Ana", "example"),))
    cases = (Case(more.pop("rows", ()), variables, compare_actions(before, after)),)
    return FlowDifference("onboarding.yaml", flow(), flow(), cases, **more)


def comparison(*flows: FlowDifference) -> Comparison:
    return Comparison("main:flows", "flows", flows)


BEFORE: list[Action] = [
    message(1, "Hi Ana, welcome! 👋\n\nThis is *your* plan."),
    pause(2, 2),
    message(3, IMAGE, "picture"),
    message(4, "This one is gone."),
    message(5, "Try pro for a month.", "offer"),
    message(6, TEMPLATE),
    message(7, LOCATION, "shop"),
    message(8, BUTTONS, "ask", until="delivered"),
    message(9, "First a text", "kind"),
    message(10, "The end."),
]
AFTER: list[Action] = [
    message(1, "The end."),
    message(2, "Hello Ana, a warm welcome! 👋\n\nThis is *your new* plan.\nEnjoy it."),
    pause(3, 90),
    message(4, {**IMAGE, "media_url": "https://cdn.example.com/week-1.jpg", "caption": "Your week"}, "picture"),
    skipped(5, "offer"),
    message(6, {**TEMPLATE, "template_params": ["Ana", "10:00"]}),
    message(7, {**LOCATION, "latitude": 19.5}, "shop"),
    message(
        8,
        {
            "message_type": "interactive",
            "interactive_type": "button",
            "body_text": "Shall we *begin*?",
            "footer_text": "Any time",
            "buttons": [{"id": "si", "title": "Yes"}, {"id": "later", "title": "Not now"}, {"id": "no", "title": "No"}],
        },
        "ask",
        until="read",
    ),
    message(9, {"message_type": "audio", "media_id": "42"}, "kind"),
    skipped(10, "new"),
    message(11, "Something quite new"),
]
NOTES = ("the input city is new; it has no default, every run must give it",)
WHOLE = comparison(
    difference(BEFORE, AFTER, notes=NOTES),
    FlowDifference("same.yaml", flow("same"), flow("same")),
    FlowDifference(
        "new.yaml", None, flow("new"), (Case((), (), compare_actions([], [message(1, "Hi"), pause(2, 1)])),)
    ),
    FlowDifference("gone.yaml", flow("gone"), None, (Case((), (), compare_actions([message(1, "Hi")], [])),)),
    FlowDifference(
        "bad.yaml",
        None,
        flow("bad"),
        problems=(Diagnostic("unknown-key", "mesage is no key", Location("main:flows/bad.yaml", 3, 5, 3, 9)),),
    ),
)
ROWS = comparison(
    difference([message(1, "Hi Ana")], [message(1, "Hi Ana")], rows=(1, 2, 3, 7)),
    difference([message(1, "Hi Luis")], [message(1, "Hello Luis")], rows=(4,)),
)


def varied(actions: list[Action], how: Any) -> list[Action]:
    """The same messages with every text passed through a function, except for those that say what a message is."""

    def anew(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: each if key.endswith("_type") else anew(each) for key, each in data.items()}
        return [anew(each) for each in data] if isinstance(data, list) else how(data) if isinstance(data, str) else data

    return [
        made(number, anew(each.body), id=each.step.id) if isinstance(each, Message) else each
        for number, each in enumerate(actions, 1)
    ]
