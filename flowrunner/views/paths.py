"""Every path of a flow that listens as one JSON object: a tree, in which each message stands as it is posted."""

from collections.abc import Mapping, Sequence
from json import dumps

from flowrunner.engine.ahead.outline import Scene, Way, outline
from flowrunner.model import Anytime, EndStep, Message, Passed, Pause, Rendering, Skipped
from flowrunner.views.message.answers import leads_to

_Value = object
"""What JSON has, or a `Message`."""


def path_tree(rendering: Rendering) -> str:
    """``{"steps": [...], "anytime": [...]}``.

    A step has its ``step`` (what a person calls it), its ``address``, and one of ``message`` (byte for byte as it is
    posted), ``pause`` (seconds), ``left_out`` (why) and ``end`` (how); perhaps ``depends`` (the questions on whose
    answers it depends) and ``ways``. A way has its ``kind``, ``address``, ``words``, for a branch of a question its
    ``name``, perhaps an ``answer`` that leads there (``kind``, ``text``), whether it is ``taken`` by the path that is
    shown, and its ``steps``. A way that has no ``end`` goes on behind the step it belongs to.
    """
    its = outline(rendering)
    return _text({"steps": list(map(_step, its.scenes)), "anytime": list(map(_way, its.anytime))}, "")


def _step(scene: Scene) -> Mapping[str, _Value]:
    action = scene.action
    told: dict[str, _Value] = {"step": action.step.label, "address": scene.address}
    match action:
        case Message():
            told["message"] = action
        case Pause(seconds=seconds):
            told["pause"] = seconds
        case Skipped(reason=reason):
            told["left_out"] = reason
        case Passed(step=EndStep(how=how, reason=reason)):
            told |= {"end": how, **({"reason": reason} if reason else {})}
    if scene.depends:
        told["depends"] = list(scene.depends)
    if scene.ways:
        told["ways"] = list(map(_way, scene.ways))
    return told


def _way(way: Way) -> Mapping[str, _Value]:
    told: dict[str, _Value] = {"kind": way.kind, "address": way.address, "words": leads_to(way)}
    if way.name:
        told["name"] = way.name
    if way.sample is not None and way.sample.kind:
        told["answer"] = way.sample._asdict()
    told |= {"taken": way.is_taken, "steps": list(map(_step, way.scenes))}
    return {**told, "end": way.entry.end} if isinstance(way.entry, Anytime) else told


def _text(value: _Value, margin: str) -> str:
    """As JSON, a line for each entry of a list."""
    if isinstance(value, Message):
        return value.wire
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{dumps(name)}: {_text(inner, margin)}" for name, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        inner = f"{margin}  "
        return f"[\n{inner}" + f",\n{inner}".join(_text(each, inner) for each in value) + f"\n{margin}]"
    return dumps(value, ensure_ascii=False)
