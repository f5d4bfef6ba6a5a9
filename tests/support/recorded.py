"""A run that is carried out for somebody who answers, and what ``flowrunner record`` makes of it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner, Result

from flowrunner.app.flows import given
from flowrunner.cli.group import commands
from flowrunner.dialects import dialect_of
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_file
from flowrunner.model import EventKind, Recipient, Run, Told
from support.chats import PERSON, Chat, Said, chatted
from support.virtual import VirtualClock

Act = Said | Callable[[Chat, Run], Any]
"""What the person says; or whatever else is done to the chat, which may be a coroutine."""


class Played(NamedTuple):
    """A run that is over, or that waits.

    Attributes:
        folder: Where its flow and its journal are.
        run: Its id.
    """

    folder: Path
    run: str

    @property
    def file(self) -> Path:
        """The test file beside its flow."""
        return self.folder / "flow.test.yaml"

    def record(self, *options: str) -> Result:
        """What `flowrunner record` says of it."""
        where = ("--journal", str(self.folder / "journal.db"), "--flow", str(self.folder / "flow.yaml"))
        return program("record", self.run, *where, *options)

    def recorded(self, *options: str) -> str:
        """The test file that it makes, whose tests pass."""
        done = self.record(*options)
        assert done.return_value == 0, done.output
        tested = program("test", str(self.file))
        assert tested.return_value == 0, tested.output
        return self.file.read_text(encoding="utf-8")


def carried_out(
    folder: Path,
    clock: VirtualClock,
    flow: str,
    acts: Sequence[tuple[float, Act]] = (),
    *,
    values: Mapping[str, Any] | None = None,
    dialect: str = "kapso-v1",
    files: Mapping[str, str | bytes] | None = None,
    person: Recipient = PERSON,
    before: Callable[[Chat], Any] | None = None,
    days: float = 0.2,
) -> Played:
    """Carry a flow out while its person does that, each so many seconds after what was before.

    Args:
        folder: Gets ``flow.yaml`` and ``journal.db``.
        clock: By which all live.
        flow: The flow's text.
        acts: What happens meanwhile.
        values: Of its inputs.
        dialect: By which API.
        files: What else stands beside the flow.
        person: Whom it is for.
        before: What is done to the chat before the run begins.
        days: For how many days it is waited for the run's end; of many, each is looked at less often.
    """
    (folder / "flow.yaml").write_text(flow, encoding="utf-8")
    for name, its in (files or {}).items():
        (folder / name).write_bytes(its if isinstance(its, bytes) else its.encode())
    runs: list[str] = []

    async def work(chat: Chat) -> None:
        loaded = load_file(folder / "flow.yaml")
        assert loaded.flow is not None, loaded.diagnostics
        if before is not None:
            before(chat)
        prepared = Prepared(loaded._replace(dialect=dialect), dialect_of(dialect))
        rendering, problems = prepared.render(person, given(dict(values or {})), moment(clock.now()))
        assert rendering is not None, problems
        async with chat.listening():
            run = await chat.begin_rendered(rendering, person)
            runs.append(run.id)
            for seconds, act in acts:
                await clock.sleep(seconds)
                if isinstance(act, Mapping):
                    chat.say(act)
                elif (result := act(chat, run)) is not None:
                    await result
            await chat.until(run, days * 86_400.0)

    chatted(folder, clock, work, dialect=dialect, look=600.0 if days > 1 else 60.0)
    return Played(folder, runs[0])


def sent(chat: Chat) -> list[StoredMessage]:
    """The messages that were sent, in order."""
    return [each for each in chat.state.messages("c1", "oldest") if each.direction == "outbound"]


async def told(chat: Chat, message: StoredMessage, kind: EventKind = EventKind.DELIVERED) -> str:
    """The network tells what became of a message. Returns WhatsApp's id of it, which is known from then on."""
    ids = (message.id, message.wamid)
    await chat.journal.tell(chat.line.target, [Told(ids, kind, chat.clock.now(), "Undeliverable")])
    return message.wamid


def program(*words: str) -> Result:
    """The program, called in this process."""
    return CliRunner().invoke(commands, list(words), standalone_mode=False)
