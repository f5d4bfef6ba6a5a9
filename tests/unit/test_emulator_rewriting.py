"""A person edits and deletes what they wrote; a scripted one answers what comes."""

import pytest

from flowrunner.emulator.api.messages import Delays, StoredMessage
from flowrunner.emulator.api.rewriting import DELETE_FOR, EDIT_FOR
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.page.html import turn
from support.customer import Customer, tap
from support.emulated import T0, Emulator, accepted
from support.virtual import VirtualClock

INBOUND = "/_emulator/conversations/c1/inbound"
CAPTIONED = {"message_type": "image", "media_url": "https://e.org/a.jpg", "caption": "Me"}
BUTTONS = {
    "message_type": "interactive", "interactive_type": "button", "body_text": "Shall we?",
    "buttons": [{"id": "now", "title": "Start"}, {"id": "later", "title": "Later"}],
}  # fmt: skip


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


def wrote(emulator: Emulator, **body: object) -> StoredMessage:
    """A message of the person's."""
    assert emulator.ask("POST", INBOUND, json=body).status_code == 201
    return emulator.state.history()[-1]


def change(emulator: Emulator, kind: str, message: StoredMessage, **more: object) -> int:
    """The status of the answer to an edit or a deletion."""
    body = {"message_type": kind, "original_message_id": message.wamid, **more}
    return emulator.ask("POST", INBOUND, json=body).status_code


def test_an_edit_is_a_message_of_its_own(emulator: Emulator) -> None:
    """In Meta's form, in the lists of both dialects; the first message stays as it was."""
    first = wrote(emulator, content="1o")
    assert change(emulator, "edit", first, content="10") == 201
    assert [(each["message_type"], each["content"]) for each in emulator.listed()] == [("edit", "10"), ("text", "1o")]
    edit, original = emulator.told()
    assert original["text"] == {"body": "1o"}
    assert edit["edit"] == {"original_message_id": first.wamid, "message": {"type": "text", "text": {"body": "10"}}}
    assert ">10<" in turn(emulator.state, first)
    assert turn(emulator.state, emulator.state.history()[-1]) == ""


def test_a_caption_is_edited_with_its_file(emulator: Emulator) -> None:
    """What is told has the file, too."""
    first = wrote(emulator, **CAPTIONED)
    assert change(emulator, "edit", first, content="Us") == 201
    told = emulator.told()[0]["edit"]["message"]
    assert (told["type"], told["image"]["caption"], told["image"]["url"]) == ("image", "Us", CAPTIONED["media_url"])
    assert "Us" in turn(emulator.state, first)


def test_a_deletion_tells_which_message(emulator: Emulator) -> None:
    """And no more of it."""
    first = wrote(emulator, content="secret")
    assert change(emulator, "revoke", first) == 201
    assert emulator.told()[0]["revoke"] == {"original_message_id": first.wamid}
    assert "secret" not in turn(emulator.state, first)


@pytest.mark.parametrize(
    ("kind", "after", "status"),
    [
        ("edit", EDIT_FOR, 201),
        ("edit", EDIT_FOR + 1, 400),
        ("revoke", DELETE_FOR, 201),
        ("revoke", DELETE_FOR + 1, 400),
    ],
)
def test_there_is_a_time_for_it(emulator: Emulator, kind: str, after: float, status: int) -> None:
    """As Meta's pages say."""
    first = wrote(emulator, content="a")
    emulator.clock.time = T0 + after
    assert change(emulator, kind, first, content="b") == status


def test_what_cannot_be_changed_is_refused(emulator: Emulator) -> None:
    """The business's, what was deleted, what has no words, and what is not there."""
    ours = accepted(emulator.state, "c1", {"message_type": "text", "content": "Hi"})
    place = wrote(emulator, message_type="location", latitude=1, longitude=2)
    deleted = wrote(emulator, content="a")
    assert change(emulator, "revoke", deleted) == 201
    for kind, message in (("edit", ours), ("revoke", ours), ("edit", place), ("edit", deleted), ("revoke", deleted)):
        assert change(emulator, kind, message, content="b") == 400, (kind, message.body)
    assert change(emulator, "edit", wrote(emulator, content="a")) == 400, "without its new words"
    other = emulator.state.conversations.create("+34600111222")
    theirs = emulator.state.add_inbound(other.id, {"message_type": "text", "content": "a"})
    assert change(emulator, "revoke", theirs) == 400
    assert emulator.ask("POST", INBOUND, json={"message_type": "edit", "content": "b"}).status_code == 400


def test_whom_one_quotes_is_told(emulator: Emulator) -> None:
    """By Meta's shape, with whose message it is; what is no context is refused."""
    wamid = emulator.say().json()["messages"][0]["id"]
    wrote(emulator, content="12", context={"id": wamid})
    assert emulator.told(direction="inbound")[0]["context"]["id"] == wamid
    for wrong in ("wamid", {}, {"id": 5}):
        assert emulator.ask("POST", INBOUND, json={"content": "12", "context": wrong}).status_code == 400


def test_a_scripted_customer_answers_what_comes_to_their_phone() -> None:
    """By words or by a button's id, each line once, after its time; a tap tells whose button it was."""
    with VirtualClock() as clock:
        state = EmulatorState(clock=clock, delays=Delays(sent=1, delivered=2, read=3))
        state.conversations.create("+5215551234567", conversation_id="c1")

        async def scene() -> list[tuple[float, StoredMessage]]:
            ana = Customer(state, "c1").when("now", tap("later", "Later")).when("people", "a", "few", after=5)
            began = clock.now()
            asked = accepted(state, "c1", BUTTONS)
            await clock.sleep(10)
            accepted(state, "c1", {"message_type": "text", "content": "How many people?"}, 2)
            accepted(state, "c1", {"message_type": "text", "content": "Many people?"}, 3)
            await clock.sleep(100)
            assert ana.got == ["Shall we?", "How many people?", "Many people?"]
            assert state.history()[1].body["context"] == {"id": asked.wamid}
            return [(each.created_at - began, each) for each in state.history() if each.direction == "inbound"]

        said = clock.run(scene())
    assert [(at, each.content) for at, each in said] == [(3, "Later"), (17, "a"), (22, "few")]
