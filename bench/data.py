"""Flows to measure with, the same ones each time."""

from functools import cache
from pathlib import Path
from typing import Final

from flowrunner.engine import Prepared, Scope
from flowrunner.flow import Loaded, load_text
from flowrunner.model import Recipient, Rendering

STEPS: Final = 14
"""Steps of each flow: every message type, some of them twice, and expressions in about half of their texts."""

_HEAD: Final = """\
name: order-follow-up-{n}
description: Order follow-up number {n}, made to be measured

inputs:
  name: {{type: string, minLength: 1, maxLength: 40, example: Ana}}
  plan: {{type: string, enum: [free, pro], default: pro}}
  order: {{type: string, pattern: "^[0-9A-Z-]{{1,20}}$", example: "0042-{n}"}}
  total:
    type: number
    description: What it costs, in euros
    minimum: 0
    example: 89.5
  shop: {{type: string, maxLength: 60, default: "Acme {n}"}}

steps:
"""

_MESSAGES: Final = (
    """\
      message_type: text
      # greets by first name
      content: "Hi {{ name | default('there') }}, order {{ order }} (part @) is on its way."
""",
    """\
      message_type: text
      content: |
        Hello {{ name }},

        {% if total > 100 %}You get free delivery.{% else %}Delivery costs 5 EUR.{% endif %}
        Your plan: {{ plan | capitalize }}; reference: @
""",
    """\
      message_type: text
      content: Our shop is open from 9 to 18. Part @ of this message has no expression in it.
""",
    """\
      message_type: image
      media_url: "https://cdn.example.com/img/{{ order }}/@.jpg"
      caption: "Your order, {{ name }}"
""",
    """\
      message_type: video
      media_url: https://cdn.example.com/video/@.mp4
      caption: How to set it up
""",
    """\
      message_type: audio
      media_url: https://cdn.example.com/audio/@.ogg
""",
    """\
      message_type: document
      media_url: "https://cdn.example.com/invoice/{{ order }}.pdf"
      filename: "invoice-{{ order }}.pdf"
      caption: Invoice @
""",
    """\
      message_type: location
      latitude: 40.4168
      longitude: -3.7038
      location_name: "{{ shop }}"
      location_address: Calle Mayor @, Madrid
""",
    """\
      message_type: contacts
      contacts:
        - formatted_name: Ana Ruiz
          first_name: Ana
          phones: [{phone: "+34600000@", type: WORK}]
          org: {company: "{{ shop }}"}
""",
    """\
      message_type: reaction
      reacted_to_message_id: "wamid.{{ order }}"
      reaction_emoji: 👍
""",
    """\
      message_type: interactive
      interactive_type: button
      header_text: "Order {{ order }}"
      body_text: "Did everything arrive, {{ name }}?"
      footer_text: Step @
      buttons:
        - {id: yes-@, title: "Yes"}
        - {id: no-@, title: "No"}
""",
    """\
      message_type: interactive
      interactive_type: list
      body_text: "Pick a slot, {{ name }}"
      list_button_text: Slots
      sections:
        - title: Morning
          rows:
            - {id: s@-1, title: 9 to 10, description: "{{ shop }}"}
            - {id: s@-2, title: 10 to 11}
        - title: Afternoon
          rows:
            - {id: s@-3, title: 15 to 16}
""",
    """\
      message_type: template
      template_name: order_update
      template_language: en_US
      template_params: ["{{ name }}", "{{ total }} EUR", "{{ order }}"]
""",
    """\
      message_type: text
      content: "{{ shop }} thanks you, {{ name }}. {{ 'Free delivery as always.' if plan == 'pro' else '' }}"
""",
)


def write_flows(folder: Path, files: int, steps: int = STEPS) -> None:
    """Write so many flow files into an existing folder, no two alike, good under `schemas/flow.json` alone, too."""
    for n in range(files):
        written = (
            _step(place, 100 + (n * steps + place) % 900, (n + place) % len(_MESSAGES)) for place in range(steps)
        )
        (folder / f"flow-{n:04}.yaml").write_text(_HEAD.format(n=n) + "".join(written), encoding="utf-8")


def _step(place: int, number: int, kind: int) -> str:
    when = "    when: total > 0 and plan == 'pro'\n" if place % 4 == 3 else ""
    return (
        f"  - id: step_{place}\n{when}    until: delivered\n    message:\n{_MESSAGES[kind].replace('@', str(number))}"
    )


def texts(steps: int) -> Loaded:
    """A flow of so many text messages, none of which is waited for once it is taken."""
    written = (f'  - {{until: accepted, message: "Part {n} of your order"}}\n' for n in range(steps))
    return load_text("name: texts\nsteps:\n" + "".join(written), "texts.yaml")


@cache
def _prepared(text: str, path: str) -> Prepared:
    return Prepared(load_text(text, path))


def source(rendering: Rendering) -> tuple[Prepared, Scope]:
    """The flow of a rendering, prepared once for all of them, and what its first step may read."""
    prepared = _prepared(rendering.flow.bundle.text, rendering.flow.bundle.path)
    return prepared, prepared.scope(rendering.recipient, {}, rendering.now)


def rendered(loaded: Loaded, conversations: int) -> list[Rendering]:
    """The flow rendered for the conversations ``c0``, ``c1``, ..."""
    found = [
        Prepared(loaded).render(Recipient(f"c{n}", f"+34600{n:06}"), {}, "2026-03-01T10:00:00+00:00")[0]
        for n in range(conversations)
    ]
    return [each for each in found if each is not None]
