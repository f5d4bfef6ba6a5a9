"""Every kind of thing that can happen in a run becomes a test that passes and has nothing private of the run."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.model import EventKind, Run
from support.chats import PHONE, Chat, Said, text
from support.media_files import jpeg
from support.recorded import Act, carried_out, sent, told
from support.slices import crossed
from support.virtual import VirtualClock


class Kind(NamedTuple):
    """Something that can happen.

    Attributes:
        steps: The flow, below its name.
        acts: What happens, see `carried_out`.
        says: What the test file says, as parts of its lines.
        secrets: What it must not have.
        more: What else `carried_out` takes.
    """

    steps: str
    acts: Sequence[tuple[float, Act]]
    says: Sequence[str]
    secrets: Sequence[str] = ()
    more: Mapping[str, Any] = {}


def about(said: Said, index: int) -> Act:
    """Somebody says that, and quotes a message."""

    async def act(chat: Chat, _run: Run) -> None:
        chat.say({**said, "context": {"id": await told(chat, sent(chat)[index])}})

    return act


def reacts(emoji: str, index: int) -> Act:
    """Somebody reacts to a message."""

    async def act(chat: Chat, _run: Run) -> None:
        wamid = await told(chat, sent(chat)[index])
        chat.say({"message_type": "reaction", "reacted_to_message_id": wamid, "reaction_emoji": emoji})

    return act


def fails(index: int) -> Act:
    """The network says that a message cannot be delivered."""

    async def act(chat: Chat, _run: Run) -> None:
        await told(chat, sent(chat)[index], EventKind.FAILED)

    return act


def place(latitude: float, longitude: float, **more: str) -> Said:
    return {"message_type": "location", "latitude": latitude, "longitude": longitude, **more}


def file(kind: str, url: str, **more: str) -> Said:
    return {"message_type": kind, "media_url": url, **more}


def form(**fields: Any) -> Said:
    return {
        "message_type": "interactive",
        "nfm_reply": {"name": "flow", "body": "Sent", "response_json": json.dumps(fields)},
    }


ASKS = """
steps:
  - id: where
    message: {message_type: interactive, interactive_type: location_request, body_text: Where are you?}
    reply:
      within: 20h
      answers: [{media: location}]
      otherwise: [{end: finished}]
      no_reply: [{end: finished}]
  - message: "Near {{ where.location.latitude | round(1) }}, then."
"""
ANY = """
steps:
  - id: sent
    message: Send us a picture of it.
    reply:
      within: 20h
      answers:
        - media: [image, video]
          steps: [{message: "Thank you for the {{ sent.media.type }}."}]
        - media: audio
          steps: [{message: We listen to it.}]
        - media: contacts
          steps: [{message: We write to them.}]
      otherwise: {again: "A picture, please.", times: 2, then: continue}
      no_reply: continue
  - message: Good bye.
"""
TALK = """
steps:
  - id: first
    message: How was it?
    reply: {within: 20h, no_reply: [{end: finished}]}
  - id: second
    message: Anything else?
    reply: {within: 2h, no_reply: [{message: "We hope to see you, then."}]}
  - message: Thank you.
"""
NAMES = """
steps:
  - id: paper
    message: Send us the contract, please.
    reply:
      within: 20h
      answers: [{media: document, when: paper.media.filename and paper.media.filename.endswith('.docx')}]
      otherwise: [{message: "No contract."}, {end: finished}]
      no_reply: [{end: finished}]
  - message: "We have {{ paper.media.filename }}."
  - id: office
    message: And where is it?
    reply:
      within: 20h
      answers: [{media: location}]
      otherwise: [{end: finished}]
      no_reply: [{end: finished}]
  - message: "{{ office.location.name }}, {{ office.location.address }}."
"""
FORM = """
steps:
  - id: table
    message:
      message_type: interactive
      interactive_type: flow
      body_text: Book a table
      flow_id: "123"
      flow_cta: Book
    reply:
      within: 20h
      answers: [{media: form}]
      otherwise: [{end: finished}]
      no_reply: [{end: finished}]
  - choose:
      - when: table.form.seats == "4"
        steps: [{message: A table for four.}]
    otherwise: [{message: Another table.}]
"""
KINDS: Mapping[str, Kind] = {
    "a place": Kind(ASKS, [(30, place(40.4168, -3.7038, name="Calle Mayor 5"))], ["location: [19.4"], ["40.4", "Mayor"]),
    "a document and a place by their names": Kind(
        NAMES, [
            (30, file("document", "https://lookaside.example.com/x", filename="Contrato Maria Lopez.docx", caption="Mine")),
            (300, place(40.4168, -3.7038, location_name="Casa Lopez", location_address="Calle Mayor 5")),
        ],
        ["filename: example.docx", "We have example.docx.", "name: Example office", "address: "], ["Maria", "Lopez", "Mayor", "40.4"],
    ),
    "a place that was not asked for": Kind(TALK, [(30, place(40.4168, -3.7038)), (300, text("Fine"))], ["location:"], ["40.4"]),
    "a picture with words": Kind(
        ANY, [(30, file("image", "https://lookaside.example.com/x?token=abc", caption="Maria's dog"))],
        ["send: image", "caption: "], ["Maria", "lookaside", "abc"],
    ),
    "a voice": Kind(ANY, [(30, file("audio", "https://lookaside.example.com/y"))], ["{send: audio}"], ["lookaside"]),
    "a contact": Kind(ANY, [(30, {"message_type": "contacts", "content": "Maria Lopez +5215598765432"})], ["{send: contacts"], ["Maria", "98765432"]),
    "a sticker that is no answer, then a video": Kind(
        ANY, [(30, file("sticker", "https://lookaside.example.com/y")), (90, file("video", "https://lookaside.example.com/z"))],
        ["{send: sticker}", "A picture, please.", "{send: video}"],
    ),
    "a reaction": Kind(TALK, [(30, text("Fine")), (100, reacts("👍", 0)), (200, text("No"))], ["react: ", "of: first"], []),
    "a reaction to the question": Kind(TALK, [(30, reacts("👍", -1)), (100, text("Well")), (200, text("No"))], ["react: "], ["Well"]),
    "a quote": Kind(TALK, [(30, text("Fine")), (100, about(text("Maria says no"), 0))], ["customer: ", "Example second"], ["Maria"]),
    "a form": Kind(FORM, [(30, form(name="Maria Lopez", seats="4", phone="+5215598765432"))], ["form: {", "A table for four."], ["Maria", "98765432"]),
    "a form of many kinds": Kind(
        FORM, [(30, form(name="Maria Lopez", seats="2", vip=True, age=43, when="2026-05-03", tags=["rosas", "vino"], more={"mail": "m@firm.example.org"}))],
        ["form: {", "Another table."], ["Maria", "43", "rosas", "firm.example"],
    ),
    "texts that are one answer": Kind(TALK, [(30, text("It was")), (1, text("very good")), (1, text("Maria")), (500, text("Nothing"))], ["customer: ["], ["very good", "Maria"]),
    "silence": Kind(TALK, [(30, text("Fine"))], ["wait: 2h", "We hope to see you"], [], {"days": 2.0}),
    "days of pauses": Kind(
        "\nsteps:\n  - message: One\n  - pause: 20h\n  - message: Two\n  - pause: 3d\n"
        "  - message: {message_type: template, template_name: three, template_language: es}\n", [],
        ["wait: 20h", "wait: 3d"], [], {"days": 5.0},
    ),
    "a message that is refused": Kind(
        "\nsteps:\n  - message: One\n  - pause: 30h\n  - message: Two\n", [], ["wait: 1d 6h", "ends: failed"], [], {"days": 2.0},
    ),
    "a message that is refused for nothing": Kind(
        "\nsteps:\n  - message: One\n  - message: Two\n", [], ["fault: {status: {code: 400, after: 1}}", "ends: failed"], [],
        {"before": lambda chat: chat.state.faults.add(parse_fault("status:code=400,after=1,count=1"))},
    ),
    "handed over": Kind(TALK + "anytime: [{words: [agent], end: handed_over}]\n", [(30, text("an agent please"))], ["ends: handed_over"]),
    "opted out in a pause": Kind(
        "\nsteps:\n  - message: One\n  - pause: 3d\n  - message: Two\nanytime: [{words: [stop], steps: [{message: Bye}], end: opted_out}]\n",
        [(4000, text("please stop it"))], ["wait: 1h 6m", "ends: opted_out", "- bot: Bye"],
    ),
    "failed afterwards": Kind(
        "\nsteps:\n  - id: one\n    message: One\n  - pause: 2h\n  - message: Two\n", [(600, fails(-1))],
        ["- status: failed", "ends: failed"],
    ),
    "two messages by a list": Kind(
        "\ninputs: {items: {type: array, items: {type: string}, example: [Tea]}}\nsteps:\n  - for_each: item\n    in: \"{{ items }}\"\n    steps: [{message: \"{{ loop.index }}. {{ item }}\"}]\n",
        [], ["- bot: 1. Example answer", "- bot: 2. Example"], ["Cohiba", "Davidoff"], {"values": {"items": ["Cohiba 12", "Davidoff"]}},
    ),
    "another file's steps": Kind(
        "\ninputs: {name: {type: string, example: Ana}}\nsteps:\n  - include: bye.yaml\n    with: {who: \"{{ name }}\"}\n", [(30, text("Ciao Maria"))], ["- bot: Bye Ana", "customer:"], ["Maria"],
        {"values": {"name": "Maria Lopez"}, "files": {"bye.yaml": "name: bye\ninputs: {who: {type: string, example: Eva}}\nsteps:\n  - id: x\n    message: Bye {{ who }}\n    reply: {within: 1h, no_reply: continue}\n  - message: Done\n"}},
    ),
    "in her language": Kind(
        "\nlanguages: [en, es]\ninputs: {name: {type: string, example: Ana}}\nsteps:\n  - {id: hello, message: \"Hi {{ name }}\"}\n",
        [], ["language: es", "- bot: Hola Ana"], ["Maria"], {"values": {"name": "Maria", "language": "es"}, "files": {"flow.es.yaml": "hello: Hola {{ name }}\n"}},
    ),
    "in the language of her country": Kind(
        "\nlanguages: [en, es]\ninputs: {name: {type: string, example: Ana}}\nsteps:\n  - {id: hello, message: \"Hi {{ name }}\"}\n",
        [], ["language: es", "- bot: Hola Ana"], ["Maria"], {"values": {"name": "Maria"}, "files": {"flow.es.yaml": "hello: Hola {{ name }}\n"}},
    ),
    "with her clock": Kind(
        "\ninputs: {timezone: {type: string, default: America/Mexico_City}}\nsteps:\n  - message: \"It is {{ now.hour }} of {{ now.day }}\"\n",
        [], ['timezone: "America/Tijuana"'], [], {"values": {"timezone": "America/Tijuana"}},
    ),
    "a picture of ours": Kind(
        "\nsteps:\n  - message: {message_type: image, media_url: \"https://cdn.example.com/a.jpg\", caption: For you}\n  - message: {message_type: location, latitude: 19.4, longitude: -99.1, location_name: Here}\n  - message: {message_type: document, media_url: \"https://cdn.example.com/a.pdf\", filename: a.pdf}\n",
        [], ["- bot: {message_type: image, caption: For you}", "- bot: {message_type: location}", "- bot: {message_type: document}"],
    ),
    "a file of ours": Kind(
        "\nsteps:\n  - message: {message_type: image, media_file: ./a.jpg, caption: For you}\n",
        [], ["- bot: {message_type: image, caption: For you}"], [], {"files": {"a.jpg": jpeg()}},
    ),
    "a moment, and the number of a row": Kind(
        "\ninputs: {at: {type: string, format: date-time, example: \"2026-12-02T10:30:00-06:00\"}}\nsteps:\n  - id: day\n    message: {message_type: interactive, interactive_type: button, body_text: \"{{ at | date('long', 'en') }}?\", buttons: [{id: a, title: Yes}, {id: b, title: Later}]}\n    reply: {within: 1h, answers: [{button: a}, {button: b}], otherwise: end, no_reply: end}\n",
        [(30, text("opción 2"))], ["December 2, 2026?", "- customer: opción 2"], ["2031"], {"values": {"at": "2031-03-04T09:15:00-06:00"}},
    ),
    "an example's value": Kind(
        "\ninputs: {name: {type: string, example: Ana}}\nsteps: [{message: \"Hi {{ name }}\"}]\n", [], ["vars: {name: Ana}"], [], {"values": {"name": "Ana"}},
    ),
    "a closed window": Kind(
        "\nsteps:\n  - when: conversation.open\n    message: Hi\n  - when: not conversation.open\n    message: {message_type: template, template_name: hello, template_language: es}\n",
        [], ["window: closed", "- bot: {message_type: template, template_name: hello}"], [], {"before": lambda chat: chat.state.conversations.set_window("c1", is_open=False)},
    ),
}  # fmt: skip


_META_ALONE = ("location_request", "interactive_type: flow", "media_file")


_OF_META = [name for name, kind in KINDS.items() if any(each in kind.steps for each in _META_ALONE)]


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("name", "dialect"),
    [*crossed(2, [each for each in KINDS if each not in _OF_META], DIALECTS), *crossed(1, _OF_META, ["meta"])],
)
def test_it_becomes_a_test_that_passes(tmp_path: Path, clock: VirtualClock, name: str, dialect: str) -> None:
    kind = KINDS[name]
    played = carried_out(tmp_path, clock, f"name: flow{kind.steps}", kind.acts, dialect=dialect, **kind.more)
    said = played.recorded()
    for part in kind.says:
        assert part in said
    assert ("dialect: meta" in said) is (dialect == "meta")
    for secret in (*kind.secrets, PHONE[1:]):
        assert secret not in said


def test_a_run_in_which_nothing_was_said_is_no_test(tmp_path: Path, clock: VirtualClock) -> None:
    """There is nothing that it could hold; so it is of one that waits for another run of its person."""
    done = carried_out(tmp_path, clock, "name: flow\nsteps: [{message: Hi, when: 1 > 2}]\n").record()
    assert done.return_value == 1
    assert "nothing was sent in the run" in done.output
