"""What a plan's file says first: by that it is known, and for that it may be refused."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.model import Bundle, Json
from flowrunner.source.plan_mark import MARK

VERSION: Final = 3
"""What is written. What is read, too: 1, and 2 where the flow includes other files; those were made before a message
got a ``content`` that its author had not written, and are sent without it."""
LISTENING: Final = 4
"""What is written of a flow that listens: its messages stand by the addresses of their steps, those of every branch."""
VERSIONS: Final = (1, 2, VERSION, LISTENING)

DEPENDS: Final = "depends_on"
"""The key of what stands in place of a message that depends on answers: the questions; ``as_written`` is the message as
its author wrote it."""

SHUT: Final = "messages_after_24_hours"
"""What somebody gets who has not written for 24 hours, where the flow reads ``conversation.open``; ``messages`` is what
they get while free text may be sent. Who answers meanwhile may get the beginning of one and the end of the other."""


class PlanError(RefusedError):
    """A plan cannot be carried out; nothing was sent.

    Attributes:
        diagnostics: What is wrong with its flow, where that is the reason.
    """

    def __init__(self, message: str, hint: str = "make the plan again", diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message, hint)
        self.diagnostics = diagnostics


class Header(NamedTuple):
    """What holds for everybody in a plan.

    Attributes:
        bundle: The flow with all that it includes.
        files: Every file that the plan was made of, from the plan's own folder, with the SHA-256 of its bytes.
        audience: The audience's file as it was named; empty where a single recipient was.
        journal: Where runs were looked for, and are to be kept: a file from the plan's own folder, or a
            database's URL without its password.
        target: The API, as the journal knows it.
        now: The moment that ``now`` is in expressions.
        created_at: When it was made, in seconds since the epoch.
        schedule: When people may be written to, as a campaign's options keep it.
        version: One of `VERSIONS`.
    """

    bundle: Bundle
    files: Mapping[str, str]
    audience: str
    journal: str
    target: str
    now: str
    created_at: float
    schedule: Mapping[str, Json]
    version: int = VERSION

    @property
    def is_flat(self) -> bool:
        """Whether its messages are posted as their author wrote them, without a ``content`` made for them."""
        return self.version < 3

    @property
    def listens(self) -> bool:
        """Whether its flow does."""
        return self.version == LISTENING

    @classmethod
    def of(cls, said: Mapping[str, Json]) -> "Header":
        """The header that `data` gave.

        Raises:
            ValueError: The flow's files are not named as they may be.
        """
        bundle = Bundle.of(said["flow_path"], said["flow_text"], said.get("flow_files", {}))
        return cls(bundle, **{name: said[name] for name in cls._fields[1:-1]}, version=said[MARK])

    def data(self) -> dict[str, Json]:
        """The header as plain data."""
        others = dict(self.bundle.others)
        flow = {"flow_path": self.bundle.path, "flow_text": self.bundle.text}
        rest = {**self._asdict(), "files": dict(self.files), "schedule": dict(self.schedule)}
        del rest["bundle"], rest["version"]
        return {MARK: self.version, **flow, **({"flow_files": others} if others else {}), **rest}
