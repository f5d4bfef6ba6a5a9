"""Preview, plan and run are three looks at the same bytes."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowrunner.campaign import CampaignRecipient
from flowrunner.client import open_client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate, deliver, new_run
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import Prepared, given_text
from flowrunner.flow import Loaded, load_text
from flowrunner.journal import open_journal
from flowrunner.model import EventKind, Recipient
from flowrunner.plan.checking import check_plan
from flowrunner.plan.reading import open_plan
from flowrunner.plan.values import Header
from flowrunner.plan.writing import plan_lines
from flowrunner.spec.carried import not_carried
from flowrunner.views.requests import message_list
from support.delivered import source
from support.generated_messages import right_messages
from support.journals import blocking
from support.program import texts
from support.slices import some

NOW = "2026-03-01T10:00:00-06:00"
CARRIED = right_messages().filter(lambda body: not any(not_carried(body, "kapso-v1")))
BOUNDED = settings(max_examples=some(40), deadline=None, suppress_health_check=list(HealthCheck))


async def _sent(loaded: Loaded, values: dict[str, str], folder: Path) -> list[str]:
    """What the API receives of a run."""
    state = EmulatorState(clock=SYSTEM)
    state.conversations.create("+5215512345678", conversation_id="c1")
    bound, _ = Prepared(loaded).inputs.bind({name: given_text(name, text) for name, text in values.items()})
    assert bound is not None
    rendering, _ = Prepared(loaded).render(
        Recipient("c1"), {name: given_text(name, text) for name, text in values.items()}, NOW
    )
    assert rendering is not None
    transport = open_client("http://127.0.0.1", "k", app=create_app(state), clock=SYSTEM)
    async with open_journal(folder / "journal.db", clock=SYSTEM) as book:
        run = new_run(rendering.flow, rendering.recipient, bound.values, NOW, "t", clock=SYSTEM)
        await book.begin(run)
        pace = Pace(Rate(1000, 0.01), clock=SYSTEM)
        events = deliver(run, *source(rendering), transport, book, stop=asyncio.Event(), pace=pace)
        kinds = [event.kind async for event in events]
    await transport.aclose()
    assert kinds[-1] is EventKind.FINISHED
    return texts(state)


@BOUNDED
@given(messages=st.lists(CARRIED, min_size=1, max_size=3), name=st.text(min_size=1, max_size=20))
def test_preview_plan_and_run_are_equal_to_the_byte(messages: list[Any], name: str) -> None:
    """Generated messages of every type that v1 has, and a text with whatever somebody's name may be."""
    steps = [{"message": "x{{ name }}"}, *({"message": each, "until": "accepted"} for each in messages)]
    flow = {"name": "t", "inputs": {"name": {"type": "string"}}, "steps": steps}
    loaded = load_text(json.dumps(flow, ensure_ascii=False), "t.json")
    rendering = None
    if loaded.flow:
        rendering, _ = Prepared(loaded).render(Recipient("c1"), {"name": given_text("name", name)}, NOW)
    assume(rendering is not None)
    assert rendering is not None
    shown = message_list(rendering)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        header = Header(loaded.flow.bundle, {}, "", "j.db", "http://t/api/v1", NOW, 0.0, {})  # type: ignore[union-attr]
        made = plan_lines(header, loaded, [CampaignRecipient(1, Recipient("c1"), {"name": name})], [])
        (folder / "p").write_text("".join(made), encoding="utf-8")
        planned = open_plan(folder / "p")
        with blocking(folder / "empty.db") as book:
            checked = asyncio.run(check_plan(planned, loaded, book.journal, max_age=1e18, clock=SYSTEM))
            assert checked.messages == len(steps)
        line = (folder / "p").read_text(encoding="utf-8").split("\n")[1]
        sent = asyncio.run(_sent(loaded, {"name": name}, folder))
    assert shown == "[\n" + ",\n".join(sent) + "\n]"
    assert line.endswith(f'"messages":[{",".join(sent)}]}}')
