"""Who sends: an API with its key and rate, opened for one use case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.client import EMULATOR, open_client
from flowrunner.client.access import KEY_ENV, InsecureError, Key, OtherDialectError, address, limit_key
from flowrunner.client.targets import Target, read_target
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Pace, WhenBusy
from flowrunner.delivery.doubt.policy import Policy
from flowrunner.delivery.rate.pace import Rate
from flowrunner.delivery.rate.share import Share
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.dialects import DIALECTS, Dialect, dialect_of
from flowrunner.journal import Journal
from flowrunner.model import NOBODY, Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client
    from flowrunner.delivery.rate.right_clock import RightClock


class SenderError(RefusedError, ValueError):
    """The API's URL or the key cannot be used."""


class Sender(NamedTuple):
    """An API, the key to it, and how it is used.

    Attributes:
        key: The API key.
        api_url: The API's base URL; empty for the production address, `EMULATOR` for one inside of this program.
        rate: How many requests the key may make.
        timeout: Seconds that one request may take.
        max_wait: Seconds that one message is tried again.
        grace: Seconds that the API may take to list a message that it accepted.
        in_doubt: What to do with a message that the API may or may not have taken.
        insecure: Whether the key may go over http to another computer, where it can be read on the way.
        dialect: What the API speaks, one of `flowrunner.dialects.DIALECTS`.
        number: The id of the number that sends, as the dialect knows it; empty for the only one.
        auth: How the key is sent, ``x-api-key`` or ``bearer``; empty for what the API expects.
        key_env: The environment variable that has the key, for hints.
        busy: What to do while another run asks a person something: wait for their answer, or refuse to begin.
        wait: Stay while runs wait for answers; else that is where they are left for now.
        key_of: Which sender of a file's the key is, and where the file says so; None for one of no file.
    """

    key: str = ""
    api_url: str = ""
    rate: Rate = Rate(100, 60.0)
    timeout: float = 30.0
    max_wait: float = 120.0
    grace: float = 5.0
    in_doubt: Policy = "reconcile"
    insecure: bool = False
    dialect: str = DIALECTS[0]
    number: str = ""
    auth: str = ""
    key_env: str = KEY_ENV
    busy: WhenBusy = "wait"
    wait: bool = False
    key_of: tuple[str, Location] | None = None

    def __repr__(self) -> str:
        told = ((name, "***" if name == "key" and its else its) for name, its in zip(self._fields, self, strict=True))
        return f"Sender({', '.join(f'{name}={its!r}' for name, its in told)})"

    @property
    def spoken(self) -> Dialect:
        """How the API writes.

        Raises:
            SenderError: There is no such dialect.
        """
        if self.dialect not in DIALECTS:
            raise SenderError(f"{self.dialect!r} is not a dialect", f"write one of {', '.join(DIALECTS)}")
        return dialect_of(self.dialect)

    @property
    def target(self) -> str:
        """What the journal calls the other side.

        Raises:
            SenderError: The URL or the number cannot be used, or would send the key over http to another machine.
        """
        spoken = self.spoken
        if self.api_url == EMULATOR:
            return Target(self.dialect, EMULATOR).text
        if not (its := spoken.NUMBER).fits(self.number):
            if not self.number:
                hint = f"name its {its.name}: --number {its.example}"
                raise SenderError("there is no number to send from", hint)
            hint = f"copy the id, without spaces: it looks like {its.example}"
            raise SenderError(f"{self.number!r} is not a {its.name}", hint)
        try:
            where = address(self.api_url or spoken.PRODUCTION_URL, spoken, self.number, insecure=self.insecure)
        except InsecureError as error:
            hint = "start the API's URL with https://, or allow it with --insecure"
            raise SenderError(str(error), hint) from None
        except OtherDialectError as error:
            raise SenderError(str(error), f"choose it, --dialect {error.spoken}, or another URL") from None
        except ValueError as error:
            raise SenderError(str(error)) from None
        return Target(self.dialect, where.root.removesuffix(f"/{self.number}"), self.number).text

    def at(self, target: str) -> "Sender":
        """The same where something was begun, as the journal calls it: its API, its dialect and its number."""
        its = read_target(target)
        return self._replace(api_url=its.url, dialect=its.dialect, number=its.number)

    @property
    def can_look_up(self) -> bool:
        """Whether its API lists what was sent: where it does not, nobody can look up a message in doubt.

        Raises:
            SenderError: As `target` does.
        """
        return self.spoken.lists(read_target(self.target).url) or self.api_url == EMULATOR

    def check(self) -> str:
        """Make sure that it can send, as far as is known before it does. Returns the `target`.

        Raises:
            SenderError: The URL or the key cannot be used, or there is no key.
        """
        target = self.target
        if self.api_url != EMULATOR:
            self.require_key()
            try:
                Key(self.key, self.key_env)
            except ValueError as error:
                raise SenderError(str(error)) from None
        return target

    def require_key(self) -> None:
        """Make sure that there is a key.

        Raises:
            SenderError: There is none.
            ConfigError: There is none, and a file says which variable should have it.
        """
        if self.key.strip():
            return
        if self.key_of is None:
            raise SenderError("there is no API key", f"set {self.key_env}, or try it out with flowrunner emulator")
        from flowrunner.config.reading import ConfigError  # most folders have no file of senders

        name, place = self.key_of
        message = f"the environment variable {self.key_env} with the key of the sender {name} is not set"
        hint = f"set {self.key_env} to the key, or try it out with --emulator"
        raise ConfigError([Diagnostic("no-key", message, place, hint=hint)])


@asynccontextmanager
async def paced(sender: Sender, journal: Journal, clock: Clock) -> AsyncIterator[Pace]:
    """The pace of a sender, which all processes keep to that use the journal.

    Raises:
        SenderError: As `Sender.target` does.
    """
    if sender.api_url == EMULATOR:  # each process has its own
        yield Pace(sender.rate, clock=clock)
        return
    its = limit_key(sender.target)
    # So few signs that nobody can find a key by trying: each sixty-thousandth has the same.
    key = sha256(f"{its} {sender.key}".encode()).hexdigest()[:4]
    share = Share(journal, f"{its} {key}", sender.rate, clock)
    try:
        yield Pace(sender.rate, clock=clock, share=share, right=_right_clock(sender, journal, clock))
    finally:
        await share.end()


def _right_clock(sender: Sender, journal: Journal, clock: Clock) -> "RightClock | None":
    if not journal.is_shared:  # a file has this machine's clock
        return None
    from flowrunner.delivery.rate.right_clock import RightClock

    return RightClock(journal, sender.grace, clock)


@asynccontextmanager
async def open_sender(
    sender: Sender, recipient: Recipient = NOBODY, *, clock: Clock = SYSTEM
) -> AsyncIterator[tuple["Client", Recipient]]:
    """The way to the API; or an emulator in its place, and the recipient with the conversation that it made.

    Raises:
        SenderError: As `Sender.check` does.
    """
    sender.check()
    try:
        if sender.api_url == EMULATOR:
            client, made = _emulator(recipient, sender, clock)
        else:
            made = recipient
            client = open_client(
                sender.api_url or sender.spoken.PRODUCTION_URL, sender.key, dialect=sender.dialect,
                number=sender.number, auth=sender.auth, key_env=sender.key_env, timeout=sender.timeout,
                insecure=sender.insecure, clock=clock,
            )  # fmt: skip
    except ValueError as error:
        raise SenderError(str(error)) from None
    try:
        yield client, made
    finally:
        await client.aclose()


def _emulator(recipient: Recipient, sender: Sender, clock: Clock) -> tuple["Client", Recipient]:
    from flowrunner.app.senders.emulator import SOMEBODY, new_state
    from flowrunner.emulator.api.app import create_app
    from flowrunner.emulator.api.numbers import NUMBER_ID

    state = new_state(everybody=True, clock=clock)
    phone = recipient.phone or ("" if recipient.user_id else SOMEBODY)
    made = state.conversations.create(phone, user_id=recipient.user_id, conversation_id=recipient.conversation)
    number = NUMBER_ID if sender.spoken.NUMBER.is_required else ""
    client = open_client(
        "http://127.0.0.1", "embedded-emulator", dialect=sender.dialect, number=number, timeout=sender.timeout,
        app=create_app(state), clock=clock,
    )  # fmt: skip
    if client.dialect.addresses(Recipient(made.id)):
        return client, recipient._replace(conversation=made.id)
    return client, recipient._replace(phone=phone)
