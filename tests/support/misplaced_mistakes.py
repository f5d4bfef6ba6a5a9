"""Mistakes of layout: a dash too many or too few, and keys that stand beside the one they belong below."""

# ruff: noqa: E501  # a table's row is read as one line

from typing import Final

from support.further_mistakes import BUTTONS
from support.mistakes import Mistake

_ORDERS: Final = "        - title: Orders\n          rows:\n"
_BILL: Final = "            - {id: bill, title: The bill}\n"
_ROWS: Final = f"          rows:\n{_BILL}"
_IMAGE: Final = """\
    message:
      message_type: image
      media_url: https://cdn.example.com/a.jpg
      caption: The {{ plan }} plan
"""
_PAUSE: Final = "  - pause: 2s\n"
_SPACE: Final = "write a space for the dash before "

MISPLACED = [
    # a dash too many
    Mistake("a button torn in two", "choice", "          title: Yes, please\n", "        - «title»: Yes, please\n", "missing-field", f"{_SPACE}title", "place"),
    Mistake("a section torn in two", "choice", _ORDERS, "        - title: Orders\n        - «rows»:\n", "missing-field", f"{_SPACE}rows", "place"),
    Mistake("a phone of a card torn in two", "notice", '              wa_id: "5215512345678"\n', '            - «wa_id»: "5215512345678"\n', "missing-field", f"{_SPACE}wa_id", "place"),
    Mistake("an id with a dash of its own", "welcome", '    message: "Hello {{ name }}!"\n', '  - «message»: "Hello {{ name }}!"\n', "one-verb", f"{_SPACE}message", "place"),
    Mistake("a condition with a dash of its own", "welcome", '    message: "Bye {{ name | upper }}"\n', '  - «message»: "Bye {{ name | upper }}"\n', "one-verb", f"{_SPACE}message", "place"),
    Mistake("until with a dash of its own", "welcome", "    until: delivered\n", "  - «until»: delivered\n", "one-verb", f"{_SPACE}until", "place"),
    Mistake("reply with a dash of its own", "ask", "    reply:\n", "  - «reply»:\n", "one-verb", f"{_SPACE}reply", "place"),
    Mistake("in with a dash of its own", "ask", '    in: "{{ words }}"\n', '  - «in»: "{{ words }}"\n', "one-verb", f"{_SPACE}in", "place"),
    Mistake("with with a dash of its own", "ask", '    with: {who: "{{ name }}"}\n', '  - «with»: {who: "{{ name }}"}\n', "one-verb", f"{_SPACE}with", "place"),
    Mistake("the steps of a branch with a dash of their own", "ask", '        steps: [{message: "{{ words | join(\', \') }}"}]\n', '      - «steps»: [{message: "{{ words | join(\', \') }}"}]\n', "missing-field", f"{_SPACE}steps", "place"),
    Mistake("the steps of an answer with a dash of their own", "ask", "          steps: [{message: Good.}]\n", "        - «steps»: [{message: Good.}]\n", "missing-field", f"{_SPACE}steps", "place"),
    Mistake("a way out torn in two", "ask", "    end: opted_out\n", "  - «end»: opted_out\n", "missing-field", f"{_SPACE}end", "place"),
    # a dash too few, or not far enough to the right
    Mistake("until in line with the dashes", "welcome", "    until: delivered\n", "  «until: delivered\n", "yaml-syntax", "move it to the right, in line with what stands behind the dash: 4 spaces before it", ("  until: delivered", "    until: delivered")),
    Mistake("a message in line with the dash of its id", "welcome", '    message: "Hello {{ name }}!"\n', '  «message: "Hello {{ name }}!"\n', "yaml-syntax", "move it to the right, in line with what stands behind the dash: 4 spaces before it", ('  message: "Hello', '    message: "Hello')),
    Mistake("a button beside buttons", "choice", BUTTONS, "      buttons:\n      «id»: yes\n      title: Yes, please\n", "missing-field", "write a dash before id, and indent title by two more spaces", "place"),
    Mistake("a row beside rows", "choice", _ROWS, "          rows:\n          «id»: bill\n          description: What it costs\n", "missing-field", "write a dash before id, and indent description by two more spaces", ("          id: bill\n          description: What it costs\n", "          - id: bill\n            title: The bill\n            description: What it costs\n")),
    Mistake("a name beside name", "notice", "        - formatted_name: Ana López\n          first_name: Ana\n", "        - name:\n          «formatted_name»: Ana López\n          first_name: Ana\n", "missing-field", "indent formatted_name and first_name by two more spaces", "place"),
    Mistake("a branch beside choose", "ask", "  - choose:\n      - when: count > 2\n        steps:", "  - choose:\n    «when»: count > 2\n    steps:", "one-verb", "write a dash before when, and indent steps by two more spaces", "place"),
    Mistake("a step beside the steps of a branch", "ask", '        steps: [{message: "{{ words | join(\', \') }}"}]\n', '        steps:\n        «message»: "{{ words | join(\', \') }}"\n', "missing-field", "write a dash before message", "place"),
    Mistake("a step beside the steps for each item", "ask", '    steps: [{message: "{{ loop.index }}. {{ word }}"}]\n', '    steps:\n    «message»: "{{ loop.index }}. {{ word }}"\n', "one-verb", "write a dash before message", "place"),
    Mistake("a message in place of the steps for each item", "ask", '    steps: [{message: "{{ loop.index }}. {{ word }}"}]\n', '    «message»: "{{ loop.index }}. {{ word }}"\n', "one-verb", "write steps: on a line of its own, and below it a dash before message", ('    message: "{{ loop.index', '    steps:\n    - message: "{{ loop.index')),
    Mistake("what may be answered beside reply", "ask", "      otherwise: continue\n      no_reply: [{end: finished}]\n", "      otherwise:\n      «again»: Please tap one.\n      times: 2\n      then: continue\n      no_reply: [{end: finished}]\n", "missing-field", "indent again, times and then by two more spaces", "place"),
    Mistake("an answer beside answers", "ask", "        - button: one\n          steps: [{message: Good.}]\n        - button: two\n          steps: []\n", "      «button»: [one, two]\n      steps: []\n", "missing-field", "write a dash before button, and indent steps by two more spaces", "place"),
    Mistake("a reminder beside remind", "ask", "      within: 2h\n", "      within: 2h\n      remind:\n      «after»: 1h\n      message: Still there?\n", "missing-field", "indent after and message by two more spaces", "place"),
    Mistake("an input's type beside its name", "welcome", "  visits: {type: integer, minimum: 0, default: 3}\n", "  visits:\n  «type»: integer\n  default: 3\n", "wrong-type", "indent type and default by two more spaces", "place"),
    Mistake("a caption beside message", "welcome", "      caption: The {{ plan }} plan\n", "    «caption»: The {{ plan }} plan\n", "unknown-key", "move it below message:, in line with the fields there", ("    caption:", "      caption:")),
    Mistake("a text beside its type", "welcome", '    message: "Hello {{ name }}!"\n', '    message: {message_type: text}\n    «content»: "Hello {{ name }}!"\n', "unknown-key", "move it below message:, in line with the fields there", ('{message_type: text}\n    content: "Hello {{ name }}!"\n', '\n      message_type: text\n      content: "Hello {{ name }}!"\n')),
    Mistake("all fields beside message", "welcome", _IMAGE, _IMAGE.replace("      ", "    ").replace("message_type", "«message_type»"), "one-verb", "indent message_type, media_url and caption by two more spaces", "place"),
    Mistake("inputs beside inputs", "notice", 'inputs:\n  invoice: {type: string, example: "0042"}\n  order:\n    type: object\n    example: {number: "17", items: [Tea, Milk]}\n', 'inputs:\n«invoice»: {type: string, example: "0042"}\norder:\n  type: object\n  example: {number: "17", items: [Tea, Milk]}\n', "unknown-key", "indent invoice and order by two more spaces", "place"),
    Mistake("until beside defaults", "welcome", "steps:\n", "defaults:\n«until»: delivered\nsteps:\n", "unknown-key", "indent it by two more spaces", ("until: delivered\nsteps:", "  until: delivered\nsteps:")),
    Mistake("what may be answered beside a message", "ask", "    reply:\n      within: 2h\n      answers:\n        - button: one\n          steps: [{message: Good.}]\n        - button: two\n          steps: []\n      otherwise: continue\n      no_reply: [{end: finished}]\n", "    «within»: 2h\n    answers: [{button: [one, two], steps: []}]\n    otherwise: continue\n    no_reply: [{end: finished}]\n", "one-verb", "write reply: above within, and indent within, answers, otherwise and no_reply by two more spaces", ("    within: 2h\n    answers: [{button: [one, two], steps: []}]\n    otherwise: continue\n    no_reply:", "    reply:\n      within: 2h\n      answers: [{button: [one, two], steps: []}]\n      otherwise: continue\n      no_reply:")),
    Mistake("a text beside again", "ask", "      otherwise: continue\n", "      otherwise:\n        again:\n        «content»: Please tap one.\n        times: 2\n        then: continue\n", "missing-field", "indent it by two more spaces", "place"),
    Mistake("a text beside a reminder's message", "ask", "      within: 2h\n", "      within: 2h\n      remind:\n        after: 1h\n        message:\n        «content»: Still there?\n", "missing-field", "indent it by two more spaces", "place"),
    Mistake("a dash before each field", "welcome", '    message: "Hello {{ name }}!"\n', '    message:\n      «-» message_type: text\n      - content: "Hello {{ name }}!"\n', "wrong-type", "write the fields alone, with no dash or bracket before message_type", ("- message_type: text\n      - content", "message_type: text\n      content")),
    Mistake("a message in brackets", "welcome", '    message: "Hello {{ name }}!"\n', '    message: «[»{content: "Hello {{ name }}!"}]\n', "wrong-type", "write the fields alone, with no dash or bracket before content", ('[{content: "Hello {{ name }}!"}]', '{content: "Hello {{ name }}!"}')),
    # a value beside its key
    Mistake("a file below include", "ask", "  - include: bye.yaml\n", "  - include:\n    «file»: bye.yaml\n", "one-verb", "write include: bye.yaml, and remove file", ("include:\n    file: bye.yaml", "include: bye.yaml")),
    Mistake("an item below for_each", "ask", "  - for_each: word\n", "  - for_each:\n    «item»: word\n", "one-verb", "write for_each: word, and remove item", ("for_each:\n    item: word", "for_each: word")),
    Mistake("an id below button", "ask", "        - button: one\n", "        - button:\n          «id»: one\n", "missing-field", "write button: one, and remove id", ("button:\n          id: one", "button: one")),
    Mistake("a time below pause", "welcome", _PAUSE, "  - pause:\n    «time»: 2s\n", "one-verb", 'write pause: "2s", and remove time', ("pause:\n    time: 2s", 'pause: "2s"')),
    Mistake("an input beside include", "ask", '    with: {who: "{{ name }}"}\n', '    «who»: "{{ name }}"\n', "unknown-key", "write with: and put it below", ("    who:", "    with:\n      who:")),
]  # fmt: skip
"""``place`` carries out: write a space for the dash before a key, write a dash before it, indent keys by two spaces."""
