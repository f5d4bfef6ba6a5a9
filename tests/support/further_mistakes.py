"""Mistakes of the kinds that people bring from other programs: lists of titles alone, branches by if, cut documents."""

# ruff: noqa: E501  # a table's row is read as one line

from typing import Final

from support.mistakes import Mistake

_BUTTONS: Final = """\
      buttons:
        - id: yes
          title: Yes, please
        - id: later
          title: Later
"""
_PAUSE: Final = "  - pause: 2s\n"
_TITLES: Final = '[{id: "yes", title: "Yes"}, {id: later, title: Later}]'

FURTHER = [
    # documents
    Mistake("a document's end within a flow", "welcome", _PAUSE, "«...»\n" + _PAUSE, "yaml-syntax", "remove this line", "line"),
    Mistake("a second document within a flow", "welcome", "steps:\n", "«---»\nsteps:\n", "second-document", "remove this line", "line"),
    Mistake("a document's start at the end", "choice", "            - {id: bill, title: The bill}\n", "            - {id: bill, title: The bill}\n«---»\n", "second-document", "remove this line", "line"),
    # things to tap
    Mistake("buttons as titles", "choice", _BUTTONS, "      buttons: «[»Yes, Later]\n", "wrong-type", f"write {_TITLES}", ("[Yes, Later]", _TITLES)),
    Mistake("buttons as titles, line by line", "choice", _BUTTONS, "      buttons:\n        «-» Yes\n        - Later\n", "wrong-type", f"write {_TITLES}", ("\n        - Yes\n        - Later", " " + _TITLES)),
    Mistake("buttons as one text", "choice", _BUTTONS, "      buttons: «Yes, Later»\n", "wrong-type", f"write {_TITLES}", ("Yes, Later", _TITLES)),
    Mistake("buttons as ids with titles", "choice", _BUTTONS, "      buttons:\n        «yes»: Yes\n        later: Later\n", "wrong-type", f"write {_TITLES}", ("\n        yes: Yes\n        later: Later", " " + _TITLES)),
    Mistake("buttons as a list of ids with titles", "choice", _BUTTONS, "      buttons:\n        «-» yes: Yes\n        - later: Later\n", "wrong-type", f"write {_TITLES}", ("\n        - yes: Yes\n        - later: Later", " " + _TITLES)),
    Mistake("rows as titles", "choice", "            - {id: bill, title: The bill}\n", "            «-» The bill\n", "wrong-type", "write [{id: the_bill, title: The bill}]", ("\n            - The bill", " [{id: the_bill, title: The bill}]")),
    # branches
    Mistake("if and then", "welcome", _PAUSE, '  - «if»: plan == "pro"\n    then:\n      - pause: 2s\n', "one-verb", 'write choose: and below it - when: plan == "pro", with its steps: below when:', ('  - if: plan == "pro"\n    then:\n      - pause: 2s\n', '  - choose:\n    - when: plan == "pro"\n      steps:\n      - pause: 2s\n')),
    Mistake("if, then and else", "welcome", _PAUSE, '  - «if»: plan == "pro"\n    then: [{pause: 2s}]\n    else: [{pause: 3s}]\n', "one-verb", 'write choose: and below it - when: plan == "pro", with its steps: below when:, and otherwise: beside choose:', ('  - if: plan == "pro"\n    then: [{pause: 2s}]\n    else: [{pause: 3s}]\n', '  - choose:\n    - when: plan == "pro"\n      steps: [{pause: 2s}]\n    otherwise: [{pause: 3s}]\n')),
    Mistake("when with steps", "welcome", _PAUSE, '  - «when»: plan == "pro"\n    steps: [{pause: 2s}]\n', "one-verb", "write choose:", ('  - when: plan == "pro"\n    steps: [{pause: 2s}]\n', '  - choose:\n    - when: plan == "pro"\n      steps: [{pause: 2s}]\n')),
    Mistake("switch and cases", "welcome", _PAUSE, "  - «switch»: plan\n    cases: {pro: [{pause: 2s}]}\n", "one-verb", "write choose:", ("  - switch: plan\n    cases: {pro: [{pause: 2s}]}\n", '  - choose:\n    - when: plan == "pro"\n      steps: [{pause: 2s}]\n')),
    Mistake("a branch that is no list", "welcome", _PAUSE, '  - choose:\n      «when»: plan == "pro"\n      steps: [{pause: 2s}]\n', "wrong-type", "write a dash before its first key", ('      when: plan == "pro"\n', '    - when: plan == "pro"\n')),
    # commas within braces
    Mistake("the values of enum without brackets", "welcome", "enum: [free, pro]", "enum: «free, pro»", "yaml-syntax", "write [free, pro]", ("enum: free, pro", "enum: [free, pro]")),
    Mistake("three values without brackets, the last", "welcome", "{type: string, enum: [free, pro], default: free}", "{type: string, default: free, enum: «free, pro plus, pro»}", "yaml-syntax", "write [free, pro plus, pro]", ("free, pro plus, pro}", "[free, pro plus, pro]}")),
    Mistake("words without brackets", "ask", "  - words: [stop]\n", "  - {words: «stop, go away», end: opted_out}\n  - words: [halt]\n", "yaml-syntax", "write [stop, go away]", ("stop, go away,", "[stop, go away],")),
    Mistake("the ids of an answer without brackets", "ask", "        - button: one\n          steps: [{message: Good.}]\n        - button: two\n          steps: []\n", "        - {button: «one, two», steps: []}\n", "yaml-syntax", "write [one, two]", ("one, two,", "[one, two],")),
    Mistake("a text with a comma within braces", "ask", "steps: [{message: Good.}]", "steps: [{message: Good, «thanks»}]", "yaml-syntax", "put the text with the comma in quotes", ("Good, thanks", '"Good, thanks"')),
    Mistake("a text of an answer with a comma within braces", "ask", "        - button: two\n          steps: []\n", "        - button: two\n        - {text: yes, «maybe», steps: []}\n", "yaml-syntax", "put the text with the comma in quotes, or write [yes, maybe] where any", ("yes, maybe,", "[yes, maybe],")),
    Mistake("a word behind a list", "welcome", "enum: [free, pro], default", "enum: [free, pro], «plus», default", "yaml-syntax", "write a colon and its value after it, or remove it", ("plus, ", "")),
    # conditions
    *(
        Mistake(f"a condition in other words: {old}", "welcome", 'plan == "pro"', f'plan «{old}» "pro"', "expression-syntax", f"write {new} for {old}", (f'plan {old} "pro"', f'plan {new} "pro"'))
        for old, new in (("is", "=="), ("equals", "=="), ("eq", "=="), ("is equal to", "=="), ("is not", "!="), ("not equals", "!="), ("ne", "!="))
    ),
    Mistake("AND for and", "welcome", '"pro" and visits', '"pro" «AND» visits', "expression-syntax", "write and", (" AND ", " and ")),
    Mistake("OR for or in braces", "welcome", "Hello {{ name }}!", "Hello {{ name «OR» plan }}!", "expression-syntax", "write or", (" OR ", " or ")),
    Mistake("NOT for not", "welcome", 'plan == "pro" and', "«NOT» visits == 2 and", "expression-syntax", "write not", ("NOT ", "not ")),
    Mistake("a word without quotes in a condition", "welcome", '"pro" and', "«pro» and", "unknown-name", "write 'pro', in quotes", ("== pro", "== 'pro'")),
    Mistake("a condition as a list", "welcome", 'plan == "pro" and visits > 1', "«[»plan == 'pro', visits > 1]", "wrong-type", "write plan == 'pro' and visits > 1", ("[plan == 'pro', visits > 1]", "plan == 'pro' and visits > 1")),
    Mistake("a condition as an object", "welcome", 'plan == "pro" and visits > 1', "«{»plan: pro, visits: 1}", "wrong-type", 'write plan == "pro" and visits == 1', ("{plan: pro, visits: 1}", 'plan == "pro" and visits == 1')),
    Mistake("two texts in one message", "welcome", '    message: "Hello {{ name }}!"\n', '    message: «[»"Hello {{ name }}!", Welcome.]\n', "wrong-type", "make it 2 steps, each with a message: of its own", ('message: ["Hello {{ name }}!", Welcome.]\n', 'message: "Hello {{ name }}!"\n  - message: Welcome.\n')),
    # days
    *(
        Mistake(f"a day in words: {day}", "welcome", "default: 3}\n", f"default: 3}}\n  day: {{type: string, format: date, default: «{day}»}}\n", "bad-format", "write 2026-11-26", (f"  day: {{type: string, format: date, default: {day}}}\nsteps:\n", '  day: {type: string, format: date, default: 2026-11-26}\nsteps:\n  - message: "{{ day }}"\n'))
        for day in ("26 November 2026", '"Nov 26, 2026"', '"Thursday, November 26, 2026"', "26-Nov-26", "26. November 2026", "26 de noviembre de 2026", "26 novembre 2026", "26 listopada 2026", "26 ноября 2026", "2026年11月26日", "26/11/2026")
    ),
]  # fmt: skip
