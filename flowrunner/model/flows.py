"""A flow, read and checked."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from flowrunner.model.media import MediaFile, pointed_at
from flowrunner.model.plain import NOTHING, Json
from flowrunner.model.replies import Anytime
from flowrunner.model.steps import MessageStep, PauseStep, Step


class Input(NamedTuple):
    """One declared input of a flow: a JSON Schema fragment with an optional default and example."""

    name: str
    schema: Mapping[str, Json]
    has_default: bool = False
    default: Json = None
    has_example: bool = False
    example: Json = None


FILE_NAME: Final = r"(?:(?!\.\.?/)[^/\\:\x00]+/)*(?!\.\.?$)[^/\\:\x00]+"
"""What a file in a bundle may be called: a path below the flow's folder, on every system."""


class Bundle(NamedTuple):
    """A flow with all that it includes, as texts; a run keeps it, so that `resume` does not depend on files.

    Attributes:
        path: The flow's own file, as it was named.
        files: The texts by the files' names, the flow's own first. The others are named from its folder, with ``/``.
        digest: SHA-256 in hexadecimal: of the text, where it is one; of all names and texts, where there are more.
    """

    path: str
    files: Mapping[str, str]
    digest: str

    @classmethod
    def of(cls, path: str, text: str, others: Mapping[str, str] = NOTHING, digest: str = "") -> "Bundle":
        """The bundle of a flow's text and the ``others`` by name; ``digest`` where it is known.

        Raises:
            ValueError: One of the others is not named as a file below the flow's folder.
        """
        own = re.split(r"[/\\]", path)[-1]
        for name in others:
            if name == own or not re.fullmatch(FILE_NAME, name):
                raise ValueError(f"{name!r} is not the name of a file below the flow's folder")
        if not digest:
            said = [text] + [f"\0{name}\0{other}" for name, other in sorted(others.items())]
            digest = sha256("".join(said).encode()).hexdigest()
        return cls(path, {own: text, **others}, digest)

    @property
    def text(self) -> str:
        """The text of the flow's own file."""
        return next(iter(self.files.values()))

    @property
    def others(self) -> Mapping[str, str]:
        """The files that it includes; what stands for those that its messages are sent with is among them."""
        return dict(list(self.files.items())[1:])

    @property
    def media(self) -> Mapping[str, MediaFile]:
        """The files that its messages are sent with, by `flowrunner.model.media.name_in_bundle`."""
        found = {name: pointed_at(text) for name, text in self.others.items()}
        return {name: each for name, each in found.items() if each is not None}


class Flow(NamedTuple):
    """One flow, read from its files and checked.

    Attributes:
        anytime: What is looked at whenever somebody writes.
        listens: Whether it hears what its person writes: some step of it asks, or it has ``anytime``.
        languages: The codes of those that it can be sent in, its own first; empty where it says none.
    """

    bundle: Bundle
    name: str
    description: str
    inputs: Mapping[str, Input]
    steps: tuple[Step, ...]
    anytime: tuple[Anytime, ...] = ()
    listens: bool = False
    languages: tuple[str, ...] = ()

    @property
    def is_branched(self) -> bool:
        """Whether it is not sure beforehand which of its steps are done, and how often: some hold others, or ask."""
        return self.listens or not all(isinstance(step, (MessageStep, PauseStep)) for step in self.steps)
