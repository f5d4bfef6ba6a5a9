"""The texts of one file of a flow, by the names that lead to them in a translation."""

from collections.abc import Iterator
from typing import Any

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.parts import Part
from flowrunner.flow.steps import walk_file
from flowrunner.flow.translations.matching import Tree
from flowrunner.flow.translations.texts import Text, message_texts
from flowrunner.model import Again, MessageStep, Step


def texts_of(part: Part) -> tuple[Tree, list[Problem]]:
    """The texts of a file; and an error for each step that cannot be named."""
    by_id: dict[str, list[list[Text]]] = {}
    problems: list[Problem] = []
    met: set[Route] = set()
    for step in walk_file(part.steps):
        texts = [text for text in _texts(step, part.document.data) if text.route not in met]
        met.update(text.route for text in texts)
        if texts and step.id:
            by_id.setdefault(step.id, []).append(texts)
        elif any(text.is_needed for text in texts):
            message = "the step has a text to translate, and no id that a translation could name it by"
            name = "".join(sign if sign.isalnum() else "_" for sign in step.address.rpartition("/")[2])
            problems.append(
                Problem("text-needs-id", message, step.route, f"give it an id, for example: id: step_{name}")
            )
    tree = Tree()
    for name, several in by_id.items():
        for place, texts in _told_apart(several):
            for text in texts:
                tree.put((name, *place, *text.names), text)
    return tree, problems


def _texts(step: Step, data: Any) -> Iterator[Text]:
    """Those of a step, with those of its reminders and of what it says again."""
    if not isinstance(step, MessageStep):
        return
    yield from _of_message(step, data, ())
    reply = step.reply
    for index, reminder in enumerate(reply.remind if reply is not None else ()):
        is_alone = reply is not None and len(reply.remind) == 1
        yield from _of_message(reminder.step, data, ("remind",) if is_alone else ("remind", index))
    if reply is not None and isinstance(reply.otherwise, Again):
        yield from _of_message(reply.otherwise.steps[0], data, ("again",))


def _of_message(step: MessageStep, data: Any, names: tuple[str | int, ...]) -> Iterator[Text]:
    route = (*step.route, step.key)
    written = data
    for key in route:
        written = written[key]
    return message_texts(written, route, names)


def _told_apart(several: list[list[Text]]) -> Iterator[tuple[tuple[int, ...], list[Text]]]:
    """The texts of the steps with one id: in one place where they are the same, else numbered."""
    alike = {tuple((each.names, each.written) for each in texts) for texts in several}
    if len(alike) > 1:
        yield from (((place,), texts) for place, texts in enumerate(several))
        return
    first, *more = several
    yield (), [text._replace(also=tuple(texts[place].route for texts in more)) for place, text in enumerate(first)]
