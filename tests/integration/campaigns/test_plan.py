"""`flowrunner plan` and `run PLAN`: what was looked at is what is sent, or nothing is."""

import hashlib
import json
import time
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK, expected, people, received
from support.program import flow, flowrunner, texts


def lines(plan: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in plan.read_text(encoding="utf-8").splitlines()]


def seal(plan: Path, edited: list[str]) -> None:
    """Write a plan anew as somebody would who knows how it is sealed."""
    text = "".join(f"{line}\n" for line in edited)
    digest = hashlib.sha256(text.encode()).hexdigest()
    plan.write_text(text + json.dumps({"sha256": digest}, separators=(",", ":")) + "\n", encoding="utf-8")


def test_a_plan_is_sent_as_it_was_saved(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """It holds digest, recipients, variables and bodies; only those are sent, once; its owner alone can read it."""
    audience = people(tmp_path / "p.csv", 6)
    with audience.open("a", encoding="utf-8") as more:
        more.write("c0,Eva,1\n")
    made = flowrunner(
        "plan", file, "--audience", audience, "--skip-repeated", "--api-url", url, "--output", "p.plan", cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    assert "6 people, 18 messages" in made.stdout
    assert "left out: 1 repeats" in made.stdout
    assert not state.received()
    plan = tmp_path / "p.plan"
    assert plan.stat().st_mode & 0o077 == 0
    head, *rest, foot = lines(plan)
    assert head["files"] == {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in (file, audience)}
    bodies = [{"message_type": "text", "content": text} for text in expected(6)["c3"]]
    assert rest[3] == {
        "line": 5, "conversation": "c3", "zone": "", "variables": {"name": "Ana 3", "code": "03"}, "messages": bodies,
    }  # fmt: skip
    assert list(foot) == ["sha256"]
    assert flowrunner("run", "p.plan", *QUICK, cwd=tmp_path).returncode == 1, "nobody can be asked here"
    done = flowrunner("run", "p.plan", "--yes-send-to", "6", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "6 finished, 1 left out"
    assert received(state) == expected(6)
    planned = [
        json.dumps(body, ensure_ascii=False, separators=(",", ":")) for row in rest[:6] for body in row["messages"]
    ]  # type: ignore[attr-defined]
    assert sorted(texts(state)) == sorted(planned)
    again = flowrunner("run", "p.plan", "--yes-send-to", "6", *QUICK, cwd=tmp_path)
    assert (again.returncode, "had the flow after the plan was made" in again.stderr) == (1, True)
    assert received(state) == expected(6)


def test_a_changed_part_of_a_flow_is_refused(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """A file that it includes, one within a folder, a translation; as the flow itself is."""
    (tmp_path / "parts").mkdir()
    both = "{}\nlanguages: [en, es]"
    flow(tmp_path / "f.yaml", ["{id: well, message: Well}", "{include: parts/a.yaml}"], both)
    (tmp_path / "f.es.yaml").write_text("well: Bueno\n", encoding="utf-8")
    flow(tmp_path / "parts" / "a.yaml", ["{id: hi, message: Hi}", "{include: b.yaml}"], both)
    flow(tmp_path / "parts" / "b.yaml", ["{id: bye, message: Bye}"], both)
    (tmp_path / "parts" / "a.es.yaml").write_text("hi: Hola\n", encoding="utf-8")
    (tmp_path / "parts" / "b.es.yaml").write_text("bye: Chao\n", encoding="utf-8")
    to = ("--conversation", "c1", "--api-url", url, "--output", "plans/p.plan")
    (tmp_path / "plans").mkdir()
    made = flowrunner("plan", "f.yaml", *to, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    for name in ("f.es.yaml", "parts/a.yaml", "parts/b.yaml", "parts/a.es.yaml", "parts/b.es.yaml"):
        before = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(f"{before}# a comment\n", encoding="utf-8")
        done = flowrunner("run", "plans/p.plan", "--yes-send-to", "1", *QUICK, cwd=tmp_path)
        assert (done.returncode, f"{name} was changed after the plan was made" in done.stderr) == (1, True), done.stderr
        (tmp_path / name).write_text(before, encoding="utf-8")
    over = flowrunner("plan", "f.yaml", *to[:-1], "parts/a.yaml", cwd=tmp_path)
    assert (over.returncode, "parts/a.yaml is one of the input files" in over.stderr) == (1, True), over.stderr
    assert not state.received()
    done = flowrunner("run", "plans/p.plan", "--yes-send-to", "1", *QUICK, cwd=tmp_path)
    assert (done.returncode, len(texts(state))) == (0, 3), done.stderr


SHAPES = [
    "{choose: [{when: name == 'Ana', steps: [{message: Hi Ana}]}], otherwise: [{message: Hi Ana}]}",
    "{for_each: word, in: [Hi Ana], steps: [{message: '{{ word }}'}]}",
    "{include: greeting.yaml}",
    "{message: Hi Ana}\n  - {end: finished}",
    "{when: conversation.open, message: Hi Ana}\n  - {end: finished}",
]


@pytest.mark.parametrize("step", SHAPES)
def test_a_flow_of_any_shape_can_be_planned(tmp_path: Path, step: str, state: EmulatorState, url: str) -> None:
    """Its messages stand in the plan by step where it is a tree, and it asks nothing."""
    flow(tmp_path / "greeting.yaml", ["{message: Hi Ana}"])
    its = flow(tmp_path / "f.yaml", [step], "{name: {type: string, default: Ana}}")
    to = ("--conversation", "c1", "--api-url", url, "--output", "p.plan")
    assert flowrunner("plan", its, *to, cwd=tmp_path).returncode == 0
    done = flowrunner("run", "p.plan", "--yes-send-to", "1", *QUICK, cwd=tmp_path)
    assert (done.returncode, len(texts(state))) == (0, 1), done.stderr


def test_one_recipient_can_be_planned_for(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """By phone, with variables from the command line."""
    state.conversations.create("+5215512345678", conversation_id="found")
    one = ("--phone", "+52 1 55 1234 5678", "--var", "name=Ana", "--api-url", url)
    made = flowrunner("plan", file, *one, "--output", "p.plan", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert flowrunner("run", "p.plan", "--yes-send-to", "1", *QUICK, cwd=tmp_path).returncode == 0
    assert received(state) == {"found": ["one Ana", "two Ana", "three none"]}


@pytest.mark.parametrize(
    ("detailed", "had", "code"), [(False, False, 0), (True, False, 2), (True, True, 0), (False, True, 0)]
)
def test_the_exit_code_says_whether_there_is_something_to_do(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, detailed: bool, had: bool, code: int
) -> None:
    """2 for something, with --detailed-exitcode; 0 where everybody had it."""
    audience = people(tmp_path / "p.csv", 2)
    options = ("--audience", audience, "--api-url", url)
    if had:
        assert flowrunner("run", file, *options, "--yes-send-to", "2", *QUICK, cwd=tmp_path).returncode == 0
    more = ("--detailed-exitcode",) if detailed else ()
    done = flowrunner("plan", file, *options, *more, cwd=tmp_path)
    assert done.returncode == code
    assert ("nobody is left to send to: 2 had this flow before" in done.stdout) == had


@pytest.fixture
def plan(tmp_path: Path, file: Path, url: str) -> Path:
    """A plan for three people."""
    audience = people(tmp_path / "p.csv", 3)
    made = flowrunner("plan", file, "--audience", audience, "--api-url", url, "--output", "p.plan", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "p.plan"


def refusal(plan: Path, state: EmulatorState, *more: str) -> str:
    """Why a plan is not carried out."""
    done = flowrunner("run", plan, "--yes-send-to", "3", *more, *QUICK, cwd=plan.parent)
    assert done.returncode == 1, done.stderr
    assert not state.received()
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_changed_file_is_refused(plan: Path, file: Path, state: EmulatorState) -> None:
    """The flow or the audience: which, is said. One that is gone was not changed."""
    before = file.read_text(encoding="utf-8")
    file.write_text(before + "# a comment\n", encoding="utf-8")
    assert f"{file} was changed after the plan was made" in refusal(plan, state)
    file.write_text(before, encoding="utf-8")
    audience = plan.with_name("p.csv")
    audience.write_text(audience.read_text(encoding="utf-8") + "c9,Eva,1\n", encoding="utf-8")
    assert f"{audience} was changed after the plan was made" in refusal(plan, state)
    audience.unlink()
    file.unlink()
    done = flowrunner("run", plan, "--yes-send-to", "3", *QUICK, cwd=plan.parent)
    assert done.returncode == 0
    assert f"{file} is missing, so nobody can say whether it was changed" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [("one Ana 1", "one Eva 1"), ('"c1"', '"c7"'), ("f.yaml", "g.yaml"), ('"line":3', '"line":4'), ("three", "")],
)
def test_a_tampered_plan_is_refused(plan: Path, state: EmulatorState, old: str, new: str) -> None:
    """Whatever is edited in it breaks the seal."""
    text = plan.read_text(encoding="utf-8")
    assert old in text
    plan.write_text(text.replace(old, new), encoding="utf-8")
    assert "it was changed after it was made, or its end is missing" in refusal(plan, state)


@pytest.mark.parametrize("size", [40, 0.5, 0.99])
def test_half_a_plan_is_refused(plan: Path, state: EmulatorState, size: float) -> None:
    """A copy that was cut short."""
    whole = plan.read_bytes()
    plan.write_bytes(whole[: int(size if size > 1 else size * len(whole))])
    assert "it was changed after it was made, or its end is missing" in refusal(plan, state)


def test_a_body_that_would_not_be_sent_is_refused_though_sealed(plan: Path, state: EmulatorState) -> None:
    """The bodies are made again and compared: what stands in the plan is what goes out, or nothing does."""
    edited = plan.read_text(encoding="utf-8").splitlines()[:-1]
    edited[2] = edited[2].replace("one Ana 1", "one Eva 1")
    seal(plan, edited)
    assert "line 3: this version of flowrunner would send other messages than the plan has" in refusal(plan, state)


def test_an_old_plan_is_refused(plan: Path, state: EmulatorState) -> None:
    """By default after a day; --max-age says otherwise."""
    time.sleep(1.1)
    assert "at most 1 s are allowed" in refusal(plan, state, "--max-age", "1s")
    edited = plan.read_text(encoding="utf-8").splitlines()[:-1]
    head = json.loads(edited[0])
    edited[0] = json.dumps({**head, "created_at": time.time() - 25 * 3600}, separators=(",", ":"))
    seal(plan, edited)
    assert "it is 25.0 h old, at most 24.0 h are allowed" in refusal(plan, state)
    assert flowrunner("run", plan, "--yes-send-to", "3", "--max-age", "2d", *QUICK, cwd=plan.parent).returncode == 0


def test_a_plan_of_another_version_is_refused(plan: Path, state: EmulatorState) -> None:
    """A newer flowrunner made it."""
    plan.write_text(plan.read_text(encoding="utf-8").replace('{"flowrunner_plan":3', '{"flowrunner_plan":5'), "utf-8")
    assert "it has version 5; this version of flowrunner reads 1, 2, 3 and 4" in refusal(plan, state)


def test_a_plan_for_another_api_is_refused(plan: Path, state: EmulatorState) -> None:
    """Whoever has set FLOWRUNNER_API_URL to try it out must not write to customers."""
    said = refusal(plan, state, "--api-url", "http://127.0.0.1:9")
    assert "not to http://127.0.0.1:9/api/v1" in said
    done = flowrunner("run", plan, "--yes-send-to", "3", cwd=plan.parent, FLOWRUNNER_API_URL="http://127.0.0.1:9")
    assert (done.returncode, "is refused: it sends to" in done.stderr) == (1, True)


def test_a_plan_is_the_same_from_another_folder(plan: Path, file: Path, state: EmulatorState) -> None:
    """Its files and its journal are found from where it lies: nobody is sent to a second time, no change is missed."""
    elsewhere = plan.parent / "sub"
    elsewhere.mkdir()
    there = ("run", "../p.plan", "--yes-send-to", "3", *QUICK)
    before = file.read_text(encoding="utf-8")
    file.write_text(before + "# changed\n", encoding="utf-8")
    assert "was changed after the plan was made" in flowrunner(*there, cwd=elsewhere).stderr
    file.write_text(before, encoding="utf-8")
    assert flowrunner("run", plan, "--yes-send-to", "3", *QUICK, cwd=plan.parent).returncode == 0
    again = flowrunner(*there, cwd=elsewhere)
    assert (again.returncode, "had the flow after the plan was made" in again.stderr) == (1, True)
    assert received(state) == expected(3)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--conversation", "c1"), "cannot be combined with --conversation"),
        (("--var", "name=Eva"), "cannot be combined with --var"),
        (("--audience", "p.csv"), "cannot be combined with --audience"),
        (("--at", "09:00"), "cannot be combined with --at"),
    ],
)
def test_what_a_plan_holds_cannot_be_said_beside_it(plan: Path, options: tuple[str, ...], part: str) -> None:
    """It is sent exactly, or not at all."""
    done = flowrunner("run", plan, *options, cwd=plan.parent)
    assert (done.returncode, part in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--canary", "3", "--conversation", "c1"), "--canary needs --audience"),
        (("--max-age", "1d", "--conversation", "c1"), "--max-age needs a plan"),
        (("--audience", "p.csv", "--conversation", "c1"), "cannot be combined with --conversation"),
        (("--audience", "p.csv", "--max-age", "soon"), "write it like 30m, 24h or 7d"),
    ],
)
def test_options_that_belong_elsewhere_are_refused(
    tmp_path: Path, file: Path, options: tuple[str, ...], part: str
) -> None:
    """None is silently without effect."""
    done = flowrunner("run", file, *options, cwd=tmp_path)
    assert (done.returncode, part in done.stderr) == (2, True), done.stderr


def test_a_plan_that_cannot_be_saved_is_said(tmp_path: Path, file: Path, url: str) -> None:
    """And leaves nothing half-written."""
    options = ("--conversation", "c1", "--var", "name=Ana", "--api-url", url)
    done = flowrunner("plan", file, *options, "--output", "missing/p.plan", cwd=tmp_path)
    assert (done.returncode, "missing/p.plan cannot be written" in done.stderr) == (1, True)
    wrong = flowrunner("plan", file, "--conversation", "c1", "--var", "name=A", "--output", "p.plan", cwd=tmp_path)
    assert (wrong.returncode, "--var name: error[bad-variable]" in wrong.stderr) == (1, True)
    assert not list(tmp_path.glob("*.plan"))


@pytest.mark.parametrize("anew", ["utf-8-sig", "utf-16"])
def test_a_plan_that_an_editor_saved_anew_is_known_for_one(plan: Path, state: EmulatorState, anew: str) -> None:
    """Who runs it was asked for a recipient."""
    plan.write_bytes(plan.read_text("utf-8").encode(anew))
    assert "it was changed after it was made" in refusal(plan, state)


@pytest.mark.parametrize("people", [0, 20_000])
@pytest.mark.parametrize("command", [("validate",), ("preview",), ("diff", "p.plan")])
def test_a_plan_in_the_place_of_a_flow_is_said_to_be_one(plan: Path, people: int, command: tuple[str, ...]) -> None:
    """It was told to check its indentation; or, a large one, to be split in two."""
    rows = plan.read_text("utf-8").splitlines(keepends=True)
    plan.write_text("".join([rows[0], rows[1] * (people + 1), *rows[2:]]), "utf-8")
    done = flowrunner(*command, plan.name, cwd=plan.parent)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert f"error[is-plan]: {plan.name} is a plan" in said
    assert f"flowrunner run {plan.name}; or name the flow that it was made of" in said
    assert "indentation" not in said
