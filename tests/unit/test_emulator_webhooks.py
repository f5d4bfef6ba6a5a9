"""Webhooks of the emulator: what is told of what happens, in which form, signed how, and again until it is heard."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays, Draft, Failure
from flowrunner.emulator.api.numbers import ACCOUNT_ID, NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.webhooks.delivering import Deliveries
from flowrunner.emulator.webhooks.values import FORMS, Webhook, webhook
from support.emulated import PHONE, SAID, Emulator
from support.virtual import VirtualClock

URL = "http://127.0.0.1:8700/hook"
USER = "US.13491208655302741918"
Heard = tuple[float, Mapping[str, str], bytes]


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock() as its:
        yield its


class Receiver:
    """Who is told, with the answers it gives; the last of them stays."""

    def __init__(self, state: EmulatorState, *answers: int) -> None:
        self.state, self.answers = state, list(answers) or [200]
        self.heard: list[Heard] = []

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert url == URL
        self.heard.append((self.state.now(), headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.heard]

    def events(self) -> list[str]:
        return [headers.get("X-Webhook-Event", "") for _, headers, _ in self.heard]


def listening(
    clock: VirtualClock, act: Callable[[EmulatorState], object], *answers: int, form: str = "kapso", **talk: str
) -> Receiver:
    """What is heard of what ``act`` does, within five minutes."""
    state = EmulatorState(clock=clock, delays=Delays(sent=1, delivered=2, read=4))
    state.conversations.create(talk.pop("phone", PHONE), "Ana", conversation_id="c1", **talk)
    state.webhooks.append(webhook(URL, form, "secret"))
    receiver = Receiver(state, *answers)
    deliveries = Deliveries(state, receiver)

    async def scene() -> None:
        closing = asyncio.Event()
        telling = asyncio.create_task(deliveries.run(closing))
        await clock.sleep(0)
        act(state)
        await clock.sleep(300)
        closing.set()
        await telling

    clock.run(scene())
    return receiver


def say(state: EmulatorState) -> None:
    draft = Draft(state.conversations.get("c1"), {"message_type": "text", "content": "Hello"}, b"", lambda: None)
    state.accept(draft._replace(graph=SAID, reference="fr:1"), 1)


def write(state: EmulatorState) -> None:
    state.add_inbound("c1", {"message_type": "text", "content": "Hola"})


def test_each_status_is_told_when_it_comes(clock: VirtualClock) -> None:
    """In order, with the message as it was then."""
    began = clock.now()
    receiver = listening(clock, say)
    names = [f"whatsapp.message.{status}" for status in ("sent", "delivered", "read")]
    assert receiver.events() == names
    assert [round(at - began, 3) for at, _, _ in receiver.heard] == [1, 2, 4]
    assert [each["message"]["kapso"]["status"] for each in receiver.bodies()] == ["sent", "delivered", "read"]
    assert [len(each["message"]["kapso"]["statuses"]) for each in receiver.bodies()] == [1, 2, 3]
    message = receiver.bodies()[-1]["message"]
    assert message["kapso"]["statuses"][0]["biz_opaque_callback_data"] == "fr:1"
    assert (message["to"], "from" in message, message["text"]) == (PHONE, False, {"body": "Hello"})


def test_what_a_person_writes_is_told_with_their_conversation(clock: VirtualClock) -> None:
    """The event stands in a header, not in the body."""
    receiver = listening(clock, write)
    assert receiver.events() == ["whatsapp.message.received"]
    (body,) = receiver.bodies()
    assert set(body) == {"message", "conversation", "is_new_conversation", "phone_number_id"}
    assert (body["is_new_conversation"], body["phone_number_id"]) == (True, NUMBER_ID)
    assert (body["message"]["from"], body["message"]["text"]) == (PHONE, {"body": "Hola"})
    assert body["message"]["kapso"]["direction"] == "inbound"
    assert body["conversation"]["id"] == "c1"


def test_of_somebody_without_a_phone_there_is_the_user_id(clock: VirtualClock) -> None:
    """And null where the phone would be."""
    (body,) = listening(clock, write, phone="", user_id=USER).bodies()
    assert (body["message"]["from"], body["message"]["from_user_id"]) == (None, USER)
    assert (body["conversation"]["phone_number"], body["conversation"]["business_scoped_user_id"]) == (None, USER)


def test_a_failure_says_why(clock: VirtualClock) -> None:
    """In the last of the statuses."""

    def fail(state: EmulatorState) -> None:
        state.faults.add(parse_fault("read-failed:code=131047,text=Re-engagement message"))
        say(state)

    receiver = listening(clock, fail)
    assert receiver.events() == ["whatsapp.message.sent", "whatsapp.message.failed"]
    last = receiver.bodies()[-1]["message"]["kapso"]["statuses"][-1]
    assert last["errors"] == [Failure(131047, "Re-engagement message").data()]


def test_conversations_are_told_when_they_begin_and_end(clock: VirtualClock) -> None:
    """Also the one that a person's words open after that."""

    def act(state: EmulatorState) -> None:
        state.conversations.set_status("c1", "ended")
        write(state)

    receiver = listening(clock, act)
    created, ended = "whatsapp.conversation.created", "whatsapp.conversation.ended"
    assert sorted(receiver.events()) == [created, ended, "whatsapp.message.received"]
    assert {"conversation", "phone_number_id"} == set(receiver.bodies()[receiver.events().index(ended)])


def test_the_signature_is_over_the_bytes(clock: VirtualClock) -> None:
    """Kapso's in hex, Meta's as ``sha256=``; the key of an event is one for all tries."""
    for form, name, prefix in (("kapso", "X-Webhook-Signature", ""), ("meta", "X-Hub-Signature-256", "sha256=")):
        ((_, headers, body),) = listening(clock, write, form=form).heard
        assert headers[name] == prefix + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert headers["X-Idempotency-Key"] == hashlib.sha256(body).hexdigest()


def test_who_does_not_answer_with_yes_is_told_three_times_more(clock: VirtualClock) -> None:
    """After 10, 40 and 90 seconds, the same bytes under the same key."""
    began = clock.now()
    receiver = listening(clock, write, 0, 500, 301, 404)
    assert [round(at - began) for at, _, _ in receiver.heard] == [0, 10, 50, 140]
    assert len({(headers["X-Idempotency-Key"], body) for _, headers, body in receiver.heard}) == 1
    tries = [(each["try"], each["status"]) for each in receiver.state.deliveries]
    assert tries == [(1, 0), (2, 500), (3, 301), (4, 404)]


def test_a_receiver_has_ten_seconds(clock: VirtualClock) -> None:
    """Then it is told again."""
    state = EmulatorState(clock=clock)
    state.webhooks.append(webhook(URL))
    times = []

    async def silent(_url: str, _body: bytes, _headers: Mapping[str, str]) -> int:
        times.append(clock.now())
        return int(await clock.sleep(3600))

    deliveries = Deliveries(state, silent)

    async def scene() -> None:
        closing = asyncio.Event()
        telling = asyncio.create_task(deliveries.run(closing))
        await clock.sleep(0)
        state.conversations.create(PHONE)
        await clock.sleep(300)
        closing.set()
        await telling

    clock.run(scene())
    assert [round(at - times[0]) for at in times] == [0, 20, 70, 170]


def test_a_receiver_that_comes_back_is_told_once(clock: VirtualClock) -> None:
    """No more after its yes."""
    assert len(listening(clock, write, 503, 204).heard) == 2


def test_meta_is_told_statuses_and_messages_in_its_own_envelope(clock: VirtualClock) -> None:
    """One change each; nothing of conversations."""

    def act(state: EmulatorState) -> None:
        say(state)
        write(state)
        state.conversations.set_status("c1", "ended")

    values = []
    for body in listening(clock, act, form="meta").bodies():
        assert body["object"] == "whatsapp_business_account"
        ((entry,),) = (body["entry"],)
        assert entry["id"] == ACCOUNT_ID
        ((change,),) = (entry["changes"],)
        assert change["field"] == "messages"
        values.append(change["value"])
    assert {each["metadata"]["phone_number_id"] for each in values} == {NUMBER_ID}
    assert [each["messages"][0]["text"]["body"] for each in values if "messages" in each] == ["Hola"]
    statuses = [each["statuses"][0] for each in values if "statuses" in each]
    assert [each["status"] for each in statuses] == ["sent", "delivered", "read"]
    assert {each["biz_opaque_callback_data"] for each in statuses} == {"fr:1"}
    (person,) = values[0]["contacts"]
    assert (person["profile"], person["wa_id"], person["user_id"][:3]) == ({"name": "Ana"}, PHONE, "US.")


def test_v1_is_told_in_the_form_of_its_lists(clock: VirtualClock) -> None:
    """With the configuration."""
    ((_, headers, body),) = listening(clock, write, form="kapso-v1").heard
    told = json.loads(body)
    assert headers["X-Webhook-Payload-Version"] == "v1"
    assert set(told) == {"message", "conversation", "whatsapp_config"}
    assert (told["message"]["content"], told["message"]["direction"]) == ("Hola", "inbound")
    assert told["whatsapp_config"]["phone_number_id"] == NUMBER_ID


def answers(state: EmulatorState, *faults: str) -> None:
    """Ten answers at once, and a message of the business's."""
    state.faults.replace([parse_fault(each) for each in faults])
    for number in range(10):
        state.add_inbound("c1", {"message_type": "text", "content": str(number)})
    say(state)


def told(receiver: Receiver) -> list[str]:
    """The answers in the order in which they were told."""
    return [
        body["message"]["text"]["body"]
        for body, event in zip(receiver.bodies(), receiver.events(), strict=True)
        if event == "whatsapp.message.received"
    ]


ORDER = [str(number) for number in range(10)]


def test_webhooks_are_lost(clock: VirtualClock) -> None:
    """Those of answers alone where that was asked for, as many as were asked for; the API's lists show them all."""
    receiver = listening(clock, lambda state: answers(state, "webhook-lost:of=answers,count=3"))
    assert (told(receiver), len(receiver.heard)) == (ORDER[3:], 7 + 3)
    assert len(receiver.state.messages("c1")) == 11
    assert told(listening(clock, lambda state: answers(state, "webhook-lost:of=statuses"))) == ORDER


def test_webhooks_are_told_again_though_they_were_answered(clock: VirtualClock) -> None:
    """Under the same key, or another one: whoever hears knows the answer by its own id."""
    for key, keys in (("same", 1), ("other", 2)):
        receiver = listening(clock, lambda state, key=key: answers(state, f"webhook-duplicate:of=answers,key={key}"))
        assert sorted(told(receiver)) == sorted(ORDER * 2)
        nines = [headers for _, headers, body in receiver.heard if b'"body":"9"' in body]
        assert len({headers["X-Idempotency-Key"] for headers in nines}) == keys


def test_webhooks_come_late(clock: VirtualClock) -> None:
    """All of them, by the same time: they stay in their order."""
    began = clock.now()
    receiver = listening(clock, lambda state: answers(state, "webhook-late:seconds=60"))
    assert told(receiver) == ORDER
    assert min(at for at, _, _ in receiver.heard) == began + 60


def test_webhooks_overtake_each_other_in_the_same_way_each_time(clock: VirtualClock) -> None:
    """None is missing; another seed is another order."""
    orders = []
    for seed in (1, 1, 2):
        receiver = listening(clock, lambda state, seed=seed: answers(state, f"webhook-reorder:of=answers,seed={seed}"))
        orders.append(told(receiver))
        assert sorted(orders[-1]) == ORDER
    assert orders[0] == orders[1] not in ([*ORDER], orders[2])


def test_what_a_person_sends_may_reach_the_api_late(clock: VirtualClock) -> None:
    """It is not listed before, nor told."""
    began = clock.now()
    listed = []

    def act(state: EmulatorState) -> None:
        answers(state, "answer-late:seconds=7,count=1")
        listed.extend(each.content for each in state.messages("c1") if each.direction == "inbound")

    receiver = listening(clock, act)
    assert sorted(listed) == ORDER[1:]
    assert told(receiver) == [*ORDER[1:], "0"]
    assert [at - began for at, _, body in receiver.heard if b'"body":"0"' in body] == [7]


def test_a_reset_forgets_what_was_to_be_told(clock: VirtualClock) -> None:
    """Also what was due already."""

    def act(state: EmulatorState) -> None:
        say(state)
        state.reset()

    assert listening(clock, act).heard == []


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://example.com/", "http://10.0.0.1/", "ftp://localhost/", "localhost:1", ""]
)
def test_nobody_outside_of_this_machine_is_told(url: str) -> None:
    """Only a plain address of it."""
    with pytest.raises(ValueError, match="not an address of this machine"):
        webhook(url)


def test_receivers_are_set_and_shown_without_their_secret() -> None:
    """The secret is in no answer, and in no repr."""
    emulator = Emulator()
    for form in FORMS:
        hook = {"url": "http://[::1]:1/", "form": form, "secret": "s3cret"}
        answer = emulator.ask("PUT", "/_emulator/webhooks", json={"webhooks": [hook]})
        assert answer.json() == {"webhooks": [{"url": "http://[::1]:1/", "form": form}], "deliveries": []}
    assert "s3cret" not in repr(emulator.state.webhooks)
    for wrong in ([{"url": "http://e.org/"}], [{"url": "http://localhost/", "form": "v3"}], {}, [1]):
        assert emulator.ask("PUT", "/_emulator/webhooks", json={"webhooks": wrong}).status_code == 400
    assert emulator.state.webhooks == [Webhook("http://[::1]:1/", "meta", "s3cret")]
