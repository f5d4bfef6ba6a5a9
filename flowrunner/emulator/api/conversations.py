"""The conversations of the emulator, and who may write in them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.messages import iso
from flowrunner.model import Json
from flowrunner.spec.facts import WINDOW

_NUMBER = re.compile(r"[+]?[0-9 ()./-]+")
"""How a phone number may be written."""

STATUSES = ("active", "ended")
"""What a conversation can be."""

CONFIG = "e0000000-0000-4000-8000-000000000001"
"""The id of the emulator's first sender number."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation.

    Attributes:
        phone: In international form, ``+`` and digits.
        status: ``active`` or ``ended``.
        last_active_at: Seconds since the epoch.
        window_since: When the 24-hour window last opened, in seconds since the epoch; None when it is shut.
    """

    id: str
    phone: str
    status: str
    name: str
    config_id: str
    last_active_at: float
    window_since: float | None

    def window_open(self, now: float) -> bool:
        """Whether free-form messages may go out at ``now``."""
        return self.window_since is not None and now - self.window_since < WINDOW

    def data(self) -> dict[str, Json]:
        """The conversation object of the API."""
        return {
            "id": self.id,
            "phone_number": self.phone,
            "status": self.status,
            "last_active_at": iso(self.last_active_at),
            "contact_name": self.name,
            "whatsapp_config_id": self.config_id,
        }


UNKNOWN_PHONE = 990_000_000_000
"""From here on numbers are made up for conversations of which only the id is known; no country has +990."""


class Conversations:
    """All conversations, by id and by phone number.

    Args:
        now: The clock, in seconds since the epoch.
        new_id: Makes ids.
        changed: Called with the id of each conversation that was made or changed.

    Attributes:
        on_demand: A conversation that is asked for and not there is made, as if the customer had just written.
    """

    def __init__(self, now: Callable[[], float], new_id: Callable[[], str], changed: Callable[[str], None]) -> None:
        self._now = now
        self._new_id = new_id
        self._changed = changed
        self.on_demand = False
        self._talks: dict[str, Talk] = {}
        self._by_phone: dict[str, list[str]] = {}

    def create(
        self,
        phone: str,
        name: str = "",
        *,
        conversation_id: str = "",
        config_id: str = CONFIG,
        window_open: bool = True,
    ) -> Talk:
        """Make an active conversation.

        Raises:
            ValueError: When the phone is no number, or the id is taken.
        """
        if not is_phone(phone):
            raise ValueError(f'"{phone}" is not a phone number')
        if conversation_id in self._talks:
            raise ValueError(f"there is a conversation {conversation_id} already")
        now = self._now()
        talk = Talk(
            id=conversation_id or self._new_id(),
            phone="+" + digits(phone),
            status="active",
            name=name,
            config_id=config_id,
            last_active_at=now,
            window_since=now if window_open else None,
        )
        self._by_phone.setdefault(digits(phone), []).append(talk.id)
        self.keep(talk)
        return talk

    def get(self, conversation_id: str) -> Talk:
        """One conversation.

        Raises:
            ApiError: 404 when there is none.
        """
        talk = self._talks.get(conversation_id)
        if talk is None and self.on_demand:
            return self.create(f"+{UNKNOWN_PHONE + len(self._talks)}", conversation_id=conversation_id)
        if talk is None:
            raise ApiError(404, "Conversation not found")
        return talk

    def __len__(self) -> int:
        return len(self._talks)

    def __iter__(self) -> Iterator[Talk]:
        return iter(tuple(self._talks.values()))

    def known(self, conversation_id: str) -> Talk | None:
        """One conversation; None when there is none, which makes none either."""
        return self._talks.get(conversation_id)

    def all(self, phone: str = "") -> tuple[Talk, ...]:
        """All conversations, or those with one phone number, the last active first."""
        if self.on_demand and is_phone(phone):
            self.find_or_create(phone)
        found = map(self._talks.__getitem__, self._by_phone.get(digits(phone), ())) if phone else self._talks.values()
        return tuple(sorted(found, key=lambda talk: talk.last_active_at, reverse=True))

    def find_or_create(self, phone: str, config_id: str = CONFIG) -> Talk:
        """The active conversation of a sender with a phone number, made when there is none.

        Raises:
            ValueError: When the phone has no digits.
        """
        for conversation_id in reversed(self._by_phone.get(digits(phone), ())):
            talk = self._talks[conversation_id]
            if talk.status == "active" and talk.config_id == config_id:
                return talk
        return self.create(phone, config_id=config_id)

    def set_status(self, conversation_id: str, status: str) -> Talk:
        """End a conversation, or make it active again; ``status`` is one of `STATUSES`. Raises as `get` does."""
        return self.keep(replace(self.get(conversation_id), status=status))

    def set_window(self, conversation_id: str, *, is_open: bool) -> Talk:
        """Open the 24-hour window from now on, or shut it. Raises as `get` does."""
        return self.keep(replace(self.get(conversation_id), window_since=self._now() if is_open else None))

    def keep(self, talk: Talk) -> Talk:
        """Put ``talk`` in the place of the conversation with its id."""
        self._talks[talk.id] = talk
        self._changed(talk.id)
        return talk


def is_phone(text: str) -> bool:
    """Whether it can be read as a phone number."""
    return bool(digits(text) and _NUMBER.fullmatch(text))


def digits(phone: str) -> str:
    """The digits of a phone number: what two spellings of one number have in common."""
    return "".join(character for character in phone if character in "0123456789")
