"""More mistakes in good flows, as in `support.mistakes`: what is one fault, though several things follow from it."""

# ruff: noqa: E501  # a table's row is read as one line

from support.mistakes import Mistake

ASK = """\
name: ask
inputs:
  name: {type: string, minLength: 1, maxLength: 40, example: Ana}
  count: {type: integer, minimum: 0, default: 3}
  words: {type: array, items: {type: string}, default: [a, b]}
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Shall we start, {{ name }}?"
      buttons: [{id: one, title: One}, {id: two, title: Two}]
    reply:
      within: 2h
      answers:
        - button: one
          steps: [{message: Good.}]
        - button: two
          steps: []
      otherwise: continue
      no_reply: [{end: finished}]
  - choose:
      - when: count > 2
        steps: [{message: "{{ words | join(', ') }}"}]
    otherwise: [{message: Nothing.}]
  - for_each: word
    in: "{{ words }}"
    steps: [{message: "{{ loop.index }}. {{ word }}"}]
  - include: bye.yaml
    with: {who: "{{ name }}"}
anytime:
  - words: [stop]
    steps: [{message: "Bye, {{ name }}."}]
    end: opted_out
"""
BYE = """\
name: bye
inputs: {who: {type: string, example: Ana}}
steps: [{message: "Bye, {{ who }}!"}]
"""

ODD = [
    # how much, and how long
    Mistake("a pause of a thousand days", "welcome", "pause: 2s", "pause: «1000d»", "out-of-range", "write a shorter time, for example 12h", ("1000d", "12h")),
    Mistake("a timeout of twenty digits of days", "welcome", "until: delivered", "until: delivered\n    timeout: «99999999999999999999d»", "out-of-range", "write a shorter time, for example 12h", ("99999999999999999999d", "12h")),
    Mistake("lists in lists in lists", "ask", '    steps: [{message: "{{ loop.index }}. {{ word }}"}]', '    steps:\n      - for_each: other\n        in: "{{ range(50) | list }}"\n        steps:\n          - for_each: third\n            in: «"{{ range(50) | list }}"»\n            steps: [{message: "{{ third }}"}]', "too-many-items", "give fewer items", ('in: "{{ range(50) | list }}"\n            steps', 'in: [a]\n            steps')),
    # what nobody sees
    Mistake("a text of invisible characters", "choice", "footer_text: No hurry", 'footer_text: «"\u200b\u00a0"»', "blank-text", "write some text", ('"\u200b\u00a0"', "No hurry")),
    Mistake("a text of a blank letter", "choice", "title: Later", 'title: «"\u3164"»', "blank-text", "write some text", ('"\u3164"', "Later")),
    Mistake("a file included without its ending", "ask", "include: bye.yaml", "include: «bye»", "include-file", "did you mean bye.yaml?", "word"),
]  # fmt: skip
