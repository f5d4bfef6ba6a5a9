"""Make the README's pictures anew, from the program itself: ``make pictures``."""

import csv
import random
import sys
import time
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.browser import Windows, launched
from support.program import flowrunner

if TYPE_CHECKING:
    from collections.abc import Callable


ROOT = Path(__file__).parents[2]
FLOW = "onboarding.yaml"
QUICK = ("--rate", "1000/s", "--timeout", "2", "--grace", "0.3")
_PEOPLE = 240
_NAMES = ("Ana", "Luis", "Céline", "Asha", "Kei", "María José", "Tomás", "Noor")


def make(folder: Path, browser: Windows) -> None:
    """Write every picture into ``folder``."""
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        work = Path(name)
        copy(ROOT / "flows" / FLOW, work)
        for each in (_preview, _diff, _emulator, _report):
            each(browser, work, folder / f"{each.__name__.removeprefix('_')}.png")


def _done(*arguments: str | Path, cwd: Path) -> str:
    done = flowrunner(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _shot(browser: Windows, page: Path | str, target: Path, size: tuple[int, int], **more: Any) -> None:
    """A picture of what a page shows in a window; ``before`` does something with it first."""
    before: Callable[[Any], None] = more.pop("before", lambda _: None)
    with browser.watched(viewport={"width": size[0], "height": size[1]}, device_scale_factor=1.5, **more) as shown:
        shown.page.goto(page.as_uri() if isinstance(page, Path) else page)
        before(shown.page)
        shown.page.screenshot(path=target)
        assert not shown.said, shown.said


def _preview(browser: Windows, work: Path, target: Path) -> None:
    _done("preview", FLOW, "--format", "html", "--output", "preview.html", cwd=work)
    _shot(browser, work / "preview.html", target, (1080, 760))


def _diff(browser: Windows, work: Path, target: Path) -> None:
    text = (work / FLOW).read_text(encoding="utf-8")
    changed = text.replace("Lee una persona, no un robot. 🙂", "Contesta una persona, no un robot, y hoy mismo. 🙂")
    changed = changed.replace("*Mañana*: preparamos", "*Pasado mañana*: preparamos")
    assert changed.count("Pasado") == 1, "the example flow has other words now"
    (work / "new.yaml").write_text(changed, encoding="utf-8")
    _done("diff", FLOW, "new.yaml", "--format", "html", "--output", "diff.html", cwd=work)
    _shot(browser, work / "diff.html", target, (1080, 700))


def _emulator(browser: Windows, work: Path, target: Path) -> None:
    state = EmulatorState(clock=SYSTEM)
    for number, who in enumerate(_NAMES[:6]):
        state.conversations.create(f"+52155123456{number:02}", who, conversation_id=f"c{number}")
    with running(state, page=True) as url:
        for number in (3, 1):
            state.add_inbound(f"c{number}", {"message_type": "text", "content": "¡Hola! ¿A qué hora abren?"})
        sent = ("--conversation", "c0", "--var", "name=Ana", "--api-url", url)
        _done("run", FLOW, *sent, *QUICK, cwd=work)

        def answer(page: Any) -> None:
            page.get_by_role("button", name="Sí, empecemos ☕").click()
            page.wait_for_timeout(1000)

        _shot(browser, f"{url}/#c0", target, (1180, 760), before=answer)


def _report(browser: Windows, work: Path, target: Path) -> None:
    chance = random.Random(4)  # noqa: S311  # the same people each time
    with (work / "people.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["conversation", "name", "plan"])
        rows.writerows([f"p{n}", chance.choice(_NAMES), chance.choice(["esencial", "premium"])] for n in range(_PEOPLE))
    state = EmulatorState(clock=SYSTEM)
    state.conversations.on_demand = True
    state.faults.add(parse_fault("read-failed:probability=0.01,seed=3,code=131026,text=Message undeliverable"))
    state.faults.add(parse_fault("status:code=403,count=3,after=40"))
    with running(state) as url:
        options = ("--audience", "people.csv", "--api-url", url, "--yes-send-to", str(_PEOPLE))
        ended = flowrunner("run", FLOW, *options, *QUICK, cwd=work)
        assert ended.returncode in (0, 3), ended.stderr
        time.sleep(1)
        campaign = next(word for word in ended.stderr.split() if word.startswith("c") and len(word) == 13)
        flowrunner("status", campaign, "--refresh", "--rate", "1000/s", cwd=work)
        _done("report", campaign, "--format", "html", "--output", "report.html", cwd=work)
    _shot(browser, work / "report.html", target, (1080, 760))


if __name__ == "__main__":
    with launched() as its:
        make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "pictures", its)
