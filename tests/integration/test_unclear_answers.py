"""An answer that was a yes, and a list that does not say all: nothing is sent a second time for them."""

from pathlib import Path

import pytest

from support.answering import Asked, Reply, answering, listed
from support.campaigns import QUICK
from support.hasty import HASTY
from support.program import flow, hasty

ANA = {"id": "c1", "phone_number": "+5215512345601", "status": "active"}
FAST = (*QUICK, "--max-wait", "1")
UNREADABLE = {
    "nested": Reply(201, {"data": {"message": {"id": "m1"}}}),
    "in part": Reply(206, {"data": {"id": "m1"}}),
    "cut": Reply(201, b'{"data": {"id": ', {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_a_yes_that_the_list_does_not_show_stays_in_doubt(tmp_path: Path, answer: Reply) -> None:
    """One of them is wrong; which one, the program cannot tell, and neither can a later resume."""
    file = flow(tmp_path / "hello.yaml", ['{message: "one"}'])

    def answers(asked: Asked) -> Reply:
        if asked.method == "POST":
            return answer
        return listed() if asked.path.endswith("messages") else Reply(200, {"data": ANA})

    with answering(answers) as served:
        done = hasty("run", file, "--conversation", "c1", "--api-url", served.url, *FAST, cwd=tmp_path)
        again = hasty("resume", *FAST, cwd=tmp_path)
    assert (done.returncode, again.returncode) == (4, 4), done.stdout + again.stdout
    assert "the API said yes to it, but does not list it" in again.stdout
    assert served.sent == [("c1", "one")]


@pytest.mark.parametrize(
    ("taken", "beyond"),
    [(True, "empty"), (True, "the last once more"), (False, "refused")],
    ids=["taken", "taken, and the last page comes again", "not taken"],
)
def test_a_list_is_read_on_after_what_it_says_is_its_last_page(tmp_path: Path, taken: bool, beyond: str) -> None:
    """Two a page, the oldest first, whatever is asked for; and it says that there is one page."""
    file = flow(tmp_path / "hello.yaml", [f'{{message: "{name}"}}' for name in ("one", "two", "three", "four")])
    stored: list[dict[str, str]] = []

    def answers(asked: Asked) -> Reply:
        if asked.method == "POST":
            failed = asked.message["content"] == "three" and len(stored) == 2 and not failures
            if not failed or taken:
                stored.append(
                    {"id": f"m{len(stored)}", "direction": "outbound", "message_type": "text", **asked.message}
                )
            if failed:
                failures.append(asked)
                return Reply(500, {"error": "x"})
            return Reply(201, {"data": stored[-1]})
        if not asked.path.endswith("messages"):
            return Reply(200, {"data": ANA})
        pages = [stored[place : place + 2] for place in range(0, len(stored), 2)] or [[]]
        number = int(asked.query["page"])
        if number > len(pages):
            if beyond == "refused":
                return Reply(404, {"error": "no such page"})
            page = pages[-1] if beyond == "the last once more" else []
        else:
            page = pages[number - 1]
        return Reply(200, {"data": page, "meta": {"total_pages": 1}})

    failures: list[Asked] = []
    with answering(answers) as served:
        options = ("--api-url", served.url, *QUICK, "--max-wait", "10")
        done = hasty("run", file, "--conversation", "c1", *options, cwd=tmp_path)
    # Without its time it may be ours; it is enough that it was seen.
    assert done.returncode == (4 if taken else 0), done.stdout + done.stderr
    assert [each["content"] for each in stored] == ["one", "two", "three", "four"][: 3 if taken else 4]


@pytest.mark.parametrize("shown", [True, False], ids=["listed", "not listed"])
def test_a_yes_with_the_id_of_an_earlier_message_is_in_doubt(tmp_path: Path, shown: bool) -> None:
    """As of a cache in between that answers the second message with its answer to the first."""
    file = flow(tmp_path / "hello.yaml", [f'{{message: "{name}"}}' for name in ("one", "two", "three")])
    stored: list[dict[str, object]] = []
    posts: list[Asked] = []

    def answers(asked: Asked) -> Reply:
        if asked.method == "POST":
            posts.append(asked)
            if len(posts) != 2 or shown:
                own = {"id": f"m{len(posts)}", "direction": "outbound", "message_type": "text", **asked.message}
                stored.append({**own, "created_at": HASTY.now()})
            return Reply(201, {"data": stored[0] if len(posts) == 2 else stored[-1]})
        return listed(*stored) if asked.path.endswith("messages") else Reply(200, {"data": ANA})

    with answering(answers) as served:
        done = hasty("run", file, "--conversation", "c1", "--api-url", served.url, *FAST, cwd=tmp_path)
    assert done.returncode == (0 if shown else 4), done.stdout + done.stderr
    assert "with the id of an earlier message (m1)" in done.stdout
    assert [each["content"] for each in stored] == (["one", "two", "three"] if shown else ["one"])


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "never arrived"])
def test_what_arrived_after_all_is_not_sent_again_as_undelivered(tmp_path: Path, arrived: bool) -> None:
    """Statuses come out of order: how far it came is asked once more before anything leaves."""
    file = flow(tmp_path / "hello.yaml", ['{message: "one"}'])
    stored: list[dict[str, object]] = []

    def answers(asked: Asked) -> Reply:
        if asked.method == "POST":
            own = {"id": f"m{len(stored)}", "direction": "outbound", "message_type": "text", **asked.message}
            stored.append({**own, "created_at": HASTY.now(), "status": "pending"})
            return Reply(201, {"data": stored[-1]})
        return listed(*stored) if asked.path.endswith("messages") else Reply(200, {"data": ANA})

    with answering(answers) as served:
        hasty("run", file, "--conversation", "c1", "--api-url", served.url, *FAST, cwd=tmp_path)
        stored[0]["status"] = "failed"
        hasty("status", "--refresh", cwd=tmp_path)
        stored[0]["status"] = "delivered" if arrived else "failed"
        done = hasty("resume", "--only", "undelivered", *FAST, cwd=tmp_path)
        again = hasty("resume", "--only", "undelivered", *FAST, cwd=tmp_path)
    assert (done.returncode, again.returncode) == (0, 0), done.stderr + again.stderr
    assert len(served.sent) == (1 if arrived else 2)


def test_what_may_have_arrived_by_now_is_not_sent_again_while_the_api_cannot_be_asked(tmp_path: Path) -> None:
    """That it failed was learnt earlier; it is said that nobody knows now, and asked anew by the next resume."""
    file = flow(tmp_path / "hello.yaml", ['{message: "one"}'])
    stored: list[dict[str, object]] = []
    away = False

    def answers(asked: Asked) -> Reply:
        if asked.method == "POST":
            own = {"id": f"m{len(stored)}", "direction": "outbound", "message_type": "text", **asked.message}
            stored.append({**own, "created_at": HASTY.now(), "status": "pending"})
            return Reply(201, {"data": stored[-1]})
        if asked.path.endswith("messages"):
            return Reply(503, {"error": "away"}) if away else listed(*stored)
        return Reply(200, {"data": ANA})

    with answering(answers) as served:
        hasty("run", file, "--conversation", "c1", "--api-url", served.url, *FAST, cwd=tmp_path)
        stored[0]["status"] = "failed"
        hasty("status", "--refresh", cwd=tmp_path)
        stored[0]["status"], away = "delivered", True
        unknown = hasty("resume", "--only", "undelivered", *FAST, cwd=tmp_path)
        away = False
        done = hasty("resume", "--only", "undelivered", *FAST, cwd=tmp_path)
    assert (unknown.returncode, done.returncode) == (3, 0), unknown.stdout + done.stdout + done.stderr
    assert "could not be asked: away (HTTP 503). It is sent again only once that is known" in unknown.stdout
    assert len(served.sent) == 1
