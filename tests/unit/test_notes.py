"""What a listener notes of the runs that it goes on with: enough to find a bug by, and nothing of anybody."""

import json

from flowrunner.app.services.log import RunLog
from flowrunner.engine.history.phases import Phase
from flowrunner.journal.many import Member
from flowrunner.model import Bundle, Recipient, Run
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics
from support.clocks import StillClock

BUNDLE = Bundle.of("welcome.yaml", "name: welcome", digest="00")
RUN = Run("r1", "welcome", BUNDLE, Recipient("c1", "+5215512345678"), "emulator", {}, "now", 1.0)


def test_an_error_that_nobody_foresaw_is_noted_with_its_place_and_without_its_words() -> None:
    """Its words may be what somebody wrote."""
    lines: list[str] = []
    metrics = Metrics()
    notes = RunLog({RUN.target: "sales"}, metrics, Log(lines.append, StillClock()))
    try:
        {}["Ana, +5215512345678"]
    except KeyError as error:
        notes.unforeseen(Member(1, 1, Phase.NEW, RUN), error)
    (line,) = (json.loads(each) for each in lines)
    assert (line["level"], line["event"], line["run"], line["sender"]) == ("error", "unforeseen", RUN.id, "sales")
    assert line["error"] == "KeyError"
    assert line["traceback"][-1].startswith(__file__)
    assert "Ana" not in lines[0]
    assert "+52" not in lines[0]
    assert 'flowrunner_run_errors_total{sender="sales"} 1' in metrics.text()
