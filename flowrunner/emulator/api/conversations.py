"""The conversations of the emulator, and who may write in them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from flowrunner.emulator.api.dates import iso
from flowrunner.emulator.api.errors import ApiError
from flowrunner.model import Json
from flowrunner.spec.facts import WINDOW

_NUMBER = re.compile(r"[+]?[0-9 ()./-]+")
"""How a phone number may be written."""
_USER_ID = re.compile(r"[A-Z]{2}[.](ENT[.])?[A-Za-z0-9]{1,128}")
"""How Meta writes its business-scoped ids of people.

https://docs.kapso.ai/docs/whatsapp/business-scoped-user-ids
"""

STATUSES = ("active", "ended")
"""What a conversation can be."""

CONFIG = "e0000000-0000-4000-8000-000000000001"
"""The id of the emulator's first sender number."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation.

    Attributes:
        phone: In international form, ``+`` and digits; empty for a person who is known by ``user_id`` alone.
        status: ``active`` or ``ended``.
        created_at: Seconds since the epoch.
        last_active_at: Seconds since the epoch.
        window_since: When the 24-hour window last opened, in seconds since the epoch; None when it is shut.
        user_id: Meta's business-scoped id of the person, ``US.1349...``; everybody has one.
        last_outbound_at: When the business last wrote, in seconds since the epoch; None where it never did.
    """

    id: str
    phone: str
    status: str
    name: str
    config_id: str
    created_at: float
    last_active_at: float
    window_since: float | None
    user_id: str
    last_outbound_at: float | None = None

    @property
    def person(self) -> tuple[str, str]:
        """Who it is with, as one name of theirs, and which of the business's numbers they write to."""
        return self.config_id, self.phone or self.user_id

    def window_open(self, now: float) -> bool:
        """Whether free-form messages may go out at ``now``."""
        return self.window_since is not None and now - self.window_since < WINDOW

    def data(self, ahead: float = 0.0) -> dict[str, Json]:
        """The conversation object of the API, whose clock is ahead by so many seconds."""
        return {
            "id": self.id,
            "phone_number": self.phone or None,
            "status": self.status,
            "last_active_at": iso(self.last_active_at + ahead),
            # Not in the published description; a conversation that was made here has no message that would tell it.
            "last_inbound_at": None if self.window_since is None else iso(self.window_since + ahead),
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
        self._of: dict[str, list[str]] = {}  # digits of a phone, or a user id -> ids of conversations

    def create(
        self,
        phone: str,
        name: str = "",
        *,
        user_id: str = "",
        conversation_id: str = "",
        config_id: str = CONFIG,
        window_open: bool = True,
    ) -> Talk:
        """Make an active conversation with somebody who has a phone number, a user id, or both.

        Raises:
            ValueError: When the phone is no number, the user id is none, or the id is taken.
        """
        if phone or not user_id:
            check_phone(phone)
        if user_id and not is_user_id(user_id):
            raise ValueError(f'"{user_id}" is not a business-scoped user id, such as US.13491208655302741918')
        if conversation_id in self._talks:
            raise ValueError(f"there is a conversation {conversation_id} already")
        return self.keep(self._new(phone, user_id, name, conversation_id, config_id, window_open=window_open))

    def _new(
        self, phone: str, user_id: str, name: str, conversation_id: str, config_id: str, *, window_open: bool
    ) -> Talk:
        now = self._now()
        return Talk(
            id=conversation_id or self._new_id(),
            phone=f"+{digits(phone)}" if phone else "",
            status="active",
            name=name,
            config_id=config_id,
            created_at=now,
            last_active_at=now,
            window_since=now if window_open else None,
            user_id=user_id or _made_up(digits(phone)),
        )

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

    def all(self, phone: str = "", user_id: str = "") -> tuple[Talk, ...]:
        """All conversations, or those of one person by a phone number or user id, the last active first."""
        if self.on_demand and is_phone(phone):
            self.keep(self.with_person(phone))
        ids = self._of.get(digits(phone) if phone else user_id, ()) if phone or user_id else self._talks
        found = map(self._talks.__getitem__, ids)
        return tuple(sorted(found, key=lambda talk: talk.last_active_at, reverse=True))

    def with_person(self, phone: str, config_id: str = CONFIG, user_id: str = "") -> Talk:
        """The active conversation of a number of the business with somebody; a new one, not kept yet, if there is none.

        A new one has the names of the person that earlier ones had, and their window: it is the person who opens it.

        Raises:
            ValueError: When the phone is no number.
        """
        if phone:
            check_phone(phone)
        known = [self._talks[each] for each in self._of.get(digits(phone) if phone else user_id, ())]
        ours = [talk for talk in known if talk.config_id == config_id]
        if active := next((talk for talk in reversed(ours) if talk.status == "active"), None):
            return active
        name, phone, user_id = _named(known, phone, user_id)
        made = self._new(phone, user_id, name, "", config_id, window_open=self.on_demand)
        windows = [talk.window_since for talk in ours if talk.window_since is not None]
        return made if self.on_demand else replace(made, window_since=max(windows, default=None))

    def set_status(self, conversation_id: str, status: str) -> Talk:
        """End a conversation, or make it active again; ``status`` is one of `STATUSES`. Raises as `get` does."""
        return self.keep(replace(self.get(conversation_id), status=status))

    def set_window(self, conversation_id: str, *, is_open: bool) -> Talk:
        """Open the 24-hour window from now on, or shut it. Raises as `get` does."""
        return self.keep(replace(self.get(conversation_id), window_since=self._now() if is_open else None))

    def learn(self, conversation_id: str, *, phone: str = "", user_id: str = "", name: str = "") -> Talk:
        """Know more names of a person; empty ones are what is known already. Raises as `get` does."""
        talk = self.get(conversation_id)
        return self.keep(
            replace(
                talk,
                phone=f"+{digits(phone)}" if phone else talk.phone,
                user_id=user_id or talk.user_id,
                name=name or talk.name,
            )
        )

    def keep(self, talk: Talk) -> Talk:
        """Put ``talk`` in the place of the conversation with its id."""
        for name in filter(None, (digits(talk.phone), talk.user_id)):
            ids = self._of.setdefault(name, [])
            if talk.id not in ids:
                ids.append(talk.id)
        self._talks[talk.id] = talk
        self._changed(talk.id)
        return talk


def _made_up(phone: str) -> str:
    """The user id of somebody of whom only the phone is known; the same each time."""
    return f"US.{int.from_bytes(sha256(phone.encode()).digest()[:8], 'big')}"


def _named(known: Sequence[Talk], phone: str, user_id: str) -> tuple[str, str, str]:
    """The names of a person, as told and as earlier conversations have them: what they are called, phone, user id."""
    for talk in known:
        phone, user_id = phone or talk.phone, user_id or talk.user_id
    return next((talk.name for talk in reversed(known) if talk.name), ""), phone, user_id


def check_phone(text: str) -> None:
    """Raise ValueError when it is not a phone number."""
    if not is_phone(text):
        raise ValueError(f'"{text}" is not a phone number')


def is_phone(text: str) -> bool:
    """Whether it can be read as a phone number."""
    return bool(digits(text) and _NUMBER.fullmatch(text))


def is_user_id(text: str) -> bool:
    """Whether it is written as Meta writes its business-scoped ids of people."""
    return bool(_USER_ID.fullmatch(text))


def digits(phone: str) -> str:
    """The digits of a phone number: what two spellings of one number have in common."""
    return "".join(character for character in phone if character in "0123456789")
