"""A journal that has a row of every kind: what copies all of it may leave nothing out."""

from flowrunner.journal import Upload
from flowrunner.journal.many import Omission
from flowrunner.journal.work import Terms
from flowrunner.model import Bundle, Event, EventKind, Inbound, Recipient, Told
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking

META = "meta https://graph.example.com/v24.0/17"
LISTENING = "listens"


def fill(journal: Blocking) -> None:
    """Write something by each of its methods that write."""
    bundle = Bundle.of("f/a.yaml", "name: a\n", others={"b.yaml": "name: b\nsteps: []\n"})
    journal.begin(RUN)
    for number, kind in enumerate(EventKind):
        journal.begin(named(f"of-{kind}", recipient=Recipient(f"conv-{kind}"), bundle=bundle), again=bool(number % 2))
        journal.append(event(kind, at=1000.0 + number / 3, run=f"of-{kind}", message_id=f"m-{kind}"))
    journal.begin(named(LISTENING, recipient=Recipient("conv-l", "+5215500000001", "MX.7"), listens=True))
    journal.append(
        event("begun", run=LISTENING),
        event("accepted", run=LISTENING, message_id="m-l", detail={"text": "¡Hola! 👋\u2028\u0000\ud83d"}),
        event("asked", run=LISTENING, detail={"wake_at": 9e9}),
    )
    journal.hear(RUN.target, [(Recipient("conv-l"), Inbound("wamid.1", 7.0, "text", "¡Sí! 👋"))])
    journal.tell(RUN.target, [Told("m-l", "delivered", 1.5)])
    journal.begin_campaign(CAMPAIGN._replace(listens=True))
    journal.begin_runs(CAMPAIGN.id, [beginning(number, name=f"Ana {number} 👋", n=number) for number in range(1, 30)])
    journal.begin_runs(CAMPAIGN.id, [beginning(number) for number in range(30, 40)])
    journal.omit(CAMPAIGN.id, [Omission(4, Recipient("", "+52", "MX.9"), "invalid", "n is no number")])
    journal.append(event("begun", run="r0001"), event("paused", run="r0001", detail={"wake_at": 1e9 + 1 / 3}))
    journal.found("r0002", "conv-found")
    other = CAMPAIGN._replace(id="c9", audience="dí,a\n.csv", options={})
    journal.begin_campaign(other)
    journal.cancel(other.id)
    handed = journal.work.hand_over(CAMPAIGN.id, Terms("failed", "skip", "refuse", 17, 0.25), 12.5)
    journal.work.submitted(handed)
    journal.learn(META, Recipient("conv-9", "+5215500000009", "MX.99"))
    journal.refuse_marketing(META, Recipient("conv-9"))
    journal.opt_out(META, Recipient("conv-9"), "said stop", 1_772_380_800.25)
    journal.uploaded(META, "a" * 64, Upload("41", 1_800_000_000.5))
    journal.note_echo(RUN.target)
    journal.endings("https://example.com/hook", 5)
    claim = journal.claim(RUN.target, Recipient("conv-c"), "somebody")
    journal.release(claim)


def everything(journal: Blocking) -> list[object]:
    """What the journal says of all of it."""
    said: list[object] = [journal.runs(), journal.campaigns(), journal.targets()]
    said += [[*map(Event._asdict, journal.events(record.run.id))] for record in journal.runs()]
    for campaign in journal.campaigns():
        report = journal.report(campaign.id)
        said += [[*report.recipients], report.states, journal.cancelled_at(campaign.id)]
        said += [journal.pending(campaign.id, limit=99), journal.counts(campaign.id)]
    said += [journal.optouts(), journal.known(META, Recipient("conv-9")), journal.upload(META, "a" * 64)]
    return [*said, journal.echoes(RUN.target), journal.asking(RUN.target), journal.listening_since(RUN.target)]
