"""The example flows: what a newcomer starts from must be right in every way that can be checked."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import flowrunner
from flowrunner.flow import find_flows, load_file
from flowrunner.flow.carried import carriers
from flowrunner.views.requests import message_list
from support.examples import LISTENING, ONLY_META

ROOT = Path(__file__).parents[2]
FLOWS = find_flows([ROOT / "flows"])[0]
NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)

SHOWN = ("content", "body_text", "caption", "template_name", "location_address", "reaction_emoji")
"""The field of each message type that a preview always shows; contacts have a head."""

every_flow = pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)


def rendered(path: Path) -> flowrunner.Rendering:
    """The flow for nobody in particular, with its defaults and examples."""
    return flowrunner.render(flowrunner.load(path), examples=True, now=NOW)


@pytest.fixture(scope="module")
def message_schema() -> Draft202012Validator:
    """``schemas/message.json`` by the public library, without any of flowrunner's own code."""
    return Draft202012Validator(json.loads((ROOT / "schemas/message.json").read_text(encoding="utf-8")))


def test_there_are_the_flows_the_readme_names() -> None:
    """A folder that is read wrongly would let every other test here pass."""
    assert {path.stem for path in FLOWS} == {
        "onboarding", "appointment_reminder", "order_update", "studio_hours", "workshop_booking", "username_welcome",
        "account_setup", "team_size", "tax_document", "first_week", "ask_for_review", "moving_a_visit", "parcel",
        "table_booking",
    }  # fmt: skip


@every_flow
def test_it_is_listed_among_its_like(path: Path) -> None:
    """The tests of those that listen, and of those that one dialect alone can write, take them from a list."""
    loaded = load_file(path)
    assert loaded.flow is not None
    assert (path in LISTENING) is loaded.flow.listens
    assert (path in ONLY_META) is (not loaded.flow.listens and "kapso-v1" not in carriers(loaded))


@every_flow
def test_it_has_no_problem_and_no_warning(path: Path) -> None:
    """Nobody should begin with a flow that is complained about."""
    assert flowrunner.check([path]) == []


@every_flow
def test_its_first_line_tells_the_editor_its_schema(path: Path) -> None:
    """Without that line, an editor completes nothing."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/flow.json"
    assert (path.parent / first.partition("=")[2]).is_file()


@every_flow
def test_it_previews_without_any_variable(path: Path) -> None:
    """Defaults and examples are enough to see the chat, and every message is in it."""
    rendering = rendered(path)
    chat = flowrunner.preview(rendering, width=200)
    for message in rendering.messages:
        shown = next((str(message.body[name]) for name in SHOWN if name in message.body), "")
        shown = shown or {"contacts": "👤", "read": "✓✓"}[message.body["message_type"]]
        assert all(word in chat for word in shown.split())


@every_flow
def test_it_renders_to_the_same_bytes_twice(path: Path) -> None:
    """The same moment gives the same messages, as `resume` needs."""
    first, second = rendered(path), rendered(path)
    assert message_list(first).encode() == message_list(second).encode()


@every_flow
def test_its_messages_satisfy_the_message_schema_alone(path: Path, message_schema: Draft202012Validator) -> None:
    """What is printed as JSON is what the schema describes, without flowrunner's help."""
    messages = json.loads(message_list(rendered(path)))
    bodies = [message.body for message in rendered(path).messages]
    if "kapso-v1" in carriers(flowrunner.load(path)):
        assert [{**body, "content": sent["content"]} for body, sent in zip(bodies, messages, strict=True)] == messages
    else:
        messages = bodies
    assert [error.message for message in messages for error in message_schema.iter_errors(message)] == []


def test_the_schema_refuses_a_message_that_is_wrong(message_schema: Draft202012Validator) -> None:
    """The check above is one that can fail."""
    assert not message_schema.is_valid({"message_type": "image", "caption": "no picture"})


def test_onboarding_shows_most_message_types() -> None:
    """Eight of the ten types, and the reaction when there is a message to react to."""
    loaded = flowrunner.load(ROOT / "flows/onboarding.yaml")
    given = {"name": "Ana", "first_message_id": "wamid.HBgN"}
    types = {message.body["message_type"] for message in flowrunner.render(loaded, given).messages}
    assert types == {"reaction", "image", "text", "video", "document", "location", "contacts", "interactive"}


def test_onboarding_needs_nothing_but_a_name() -> None:
    """`make demo` gives no more."""
    rendering = flowrunner.render(flowrunner.load(ROOT / "flows/onboarding.yaml"), {"name": "Ana"})
    assert sum(action.seconds for action in rendering.actions if isinstance(action, flowrunner.Pause)) < 5


@pytest.mark.parametrize(("wrote_today", "types"), [(True, 4), (False, 1)])
def test_the_reminder_sends_free_text_only_in_an_open_window(wrote_today: bool, types: int) -> None:
    """Outside the 24 hours only the template goes out."""
    given = {"name": "Ana", "date": "2026-12-01", "time": "18:00", "wrote_today": wrote_today}
    rendering = flowrunner.render(flowrunner.load(ROOT / "flows/appointment_reminder.yaml"), given)
    assert len(rendering.messages) == types
    first = rendering.messages[0].body
    assert first["message_type"] == "template"
    assert first["template_params"] == ["Ana", "limpieza dental", "1 de diciembre", "18:00"]


def test_the_order_update_lists_every_product() -> None:
    """The products are lines of the text and rows of the list."""
    items = [{"id": f"sku-{n}", "title": f"Product {n}", "description": f"{n} boxes"} for n in range(1, 9)]
    url = "https://cdn.example.com/invoices/1.pdf"
    given = {"name": "Ana", "order_number": "0042", "invoice_url": url, "order_items": items}
    rendering = flowrunner.render(flowrunner.load(ROOT / "flows/order_update.yaml"), given)
    text = rendering.messages[0].body["content"]
    assert [line for line in text.splitlines() if line.startswith("•")] == [
        f"• Product {n} ({n} boxes)" for n in range(1, 9)
    ]
    assert rendering.messages[-1].body["sections"][0]["rows"] == items


def test_a_file_that_a_flow_includes_needs_no_way_out_of_its_own(tmp_path: Path) -> None:
    """Its questions are asked in that flow, whose own way out counts; checked alone, it is a flow of its own."""
    asks = "steps:\n  - {message: Well?, reply: {within: 1h, no_reply: continue}}\n"
    (tmp_path / "part.yaml").write_text(f"name: part\n{asks}")
    main = "name: main\nanytime: [{words: [stop], end: opted_out}]\nsteps: [{include: part.yaml}]\n"
    (tmp_path / "main.yaml").write_text(main)
    assert flowrunner.check([tmp_path]) == []
    assert [each.code for each in flowrunner.check([tmp_path / "part.yaml"])] == ["no-way-out"]
    (tmp_path / "bare.yaml").write_text("name: bare\nsteps: [{include: part.yaml}]\n")
    assert [each.code for each in flowrunner.check([tmp_path])] == ["no-way-out"]
