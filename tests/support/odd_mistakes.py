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
    Mistake("a year and more for an answer", "ask", "within: 2h", "within: «400d»", "out-of-range", "write a time from 1s to 30d", ("400d", "30d")),
    Mistake("a year and more for pieces of an answer", "ask", "within: 2h", "within: 2h\n      settle: «400d»", "out-of-range", "write a shorter time, for example 5s", ("400d", "5s")),
    Mistake("lists in lists in lists", "ask", '    steps: [{message: "{{ loop.index }}. {{ word }}"}]', '    steps:\n      - for_each: other\n        in: "{{ range(50) | list }}"\n        steps:\n          - for_each: third\n            in: «"{{ range(50) | list }}"»\n            steps: [{message: "{{ third }}"}]', "too-many-items", "give fewer items", ('in: "{{ range(50) | list }}"\n            steps', 'in: [a]\n            steps')),
    # what nobody sees
    Mistake("a text of invisible characters", "choice", "footer_text: No hurry", 'footer_text: «"\u200b\u00a0"»', "blank-text", "write some text", ('"\u200b\u00a0"', "No hurry")),
    Mistake("a text of a blank letter", "choice", "title: Later", 'title: «"\u3164"»', "blank-text", "write some text", ('"\u3164"', "Later")),
    Mistake("a file included without its ending", "ask", "include: bye.yaml", "include: «bye»", "include-file", "did you mean bye.yaml?", "word"),
    # one fault, of which more follows
    Mistake("a verb that nobody knows", "welcome", "- pause: 2s", "- «tarry»: 2s", "unknown-key", "write what the step does in its place: message, pause", ("tarry:", "pause:")),
    Mistake("fields merged from another message", "notice", "- message:\n      message_type: location\n      latitude: 19.4194\n      longitude: -99.1616\n", "- message: &place {message_type: location, latitude: 19.4194, longitude: -99.1616}\n  - message:\n      location_name: Here\n      «<<»: *place\n", "merge-key", "YAML 1.2 has no merge keys: write the fields out", ("<<: *place", "{message_type: location, latitude: 19.4194, longitude: -99.1616}"[1:-1].replace(", ", "\n      "))),
    Mistake("fields merged from two others", "notice", "- message:\n      message_type: location\n      latitude: 19.4194\n      longitude: -99.1616\n", "- message: &place {message_type: location, latitude: 19.4194, longitude: -99.1616}\n  - message: &named {message_type: location, latitude: 1, longitude: 2, location_name: Here}\n  - message:\n      «<<»: [*place, *named]\n", "merge-key", "YAML 1.2 has no merge keys: write the fields out", ("<<: [*place, *named]", "message_type: location\n      latitude: 19.4194\n      longitude: -99.1616\n      location_name: Here")),
    Mistake("the inputs as a list of names", "choice", "name: choice\nsteps:\n  - message:\n", "name: choice\ninputs: «[»who]\nsteps:\n  - message: Hi {{ who }}\n  - message:\n", "wrong-type", "write name: {type: string} lines below it", ("inputs: [who]", "inputs: {who: {type: string, example: Ana}}")),
    Mistake("the inputs as a list of objects", "choice", "name: choice\nsteps:\n  - message:\n", "name: choice\ninputs:\n  «-» who: {type: string, example: Ana}\nsteps:\n  - message: Hi {{ who }}\n  - message:\n", "wrong-type", "write name: {type: string} lines below it", ("- who", "  who")),
    Mistake("variables for inputs", "welcome", "inputs:", "«variables»:", "unknown-key", "did you mean inputs?", "word"),
    Mistake("input for inputs", "welcome", "inputs:", "«input»:", "unknown-key", "did you mean inputs?", "word"),
    Mistake("an input's name with a space", "choice", "name: choice\nsteps:\n  - message:\n", "name: choice\ninputs:\n  «first name»: {type: string, example: Ana}\nsteps:\n  - message: Hi {{ first_name }}\n  - message:\n", "bad-format", "write first_name", ("first name", "first_name")),
    Mistake("an input's name with an accent", "choice", "name: choice\nsteps:\n  - message:\n", "name: choice\ninputs:\n  «año»: {type: string, example: 2026}\nsteps:\n  - message: Hi {{ ano }}\n  - message:\n", "bad-format", "write ano", ("año", "ano")),
    Mistake("a step's id with a dash", "welcome", "id: photo", "id: «the-photo»", "bad-format", "write the_photo", ("the-photo", "the_photo")),
    Mistake("a step's id that begins with a digit", "welcome", "id: photo", "id: «1st»", "bad-format", "write _1st", ("1st", "_1st")),
    Mistake("an item in braces", "ask", "for_each: word", 'for_each: «"{{ word }}"»', "bad-format", "write word", ('"{{ word }}"\n    in', "word\n    in")),
    Mistake("answer for answers", "ask", "      answers:", "      «answer»:", "unknown-key", "did you mean answers?", "word"),
    Mistake("a macro", "welcome", "Hello {{ name }}!", "{% «macro» hi(who) %}Hello {{ who }}{% endmacro %}{{ hi(name) }}!", "expression-syntax", "write out what it stands for", ("{% macro hi(who) %}Hello {{ who }}{% endmacro %}{{ hi(name) }}!", "Hello {{ name }}!")),
    # words in place of steps, and the other way round
    Mistake("end alone", "ask", "steps: [{message: Good.}]", "steps: [{message: Good.}, «end»]", "wrong-type", "write end: finished", (", end]", ", {end: finished}]")),
    Mistake("continue in place of steps", "ask", "        - button: two\n          steps: []", "        - button: two\n          steps: «continue»", "wrong-type", "write []", ("steps: continue", "steps: []")),
    Mistake("end in place of steps", "ask", "        - button: two\n          steps: []", "        - button: two\n          steps: «end»", "wrong-type", "write [{end: finished}]", ("steps: end", "steps: [{end: finished}]")),
    Mistake("a text in place of steps", "ask", "otherwise: [{message: Nothing.}]", "otherwise: «Nothing.»", "wrong-type", "write [{message: Nothing.}]", ("otherwise: Nothing.", "otherwise: [{message: Nothing.}]")),
    Mistake("an answer that is its text alone", "ask", "        - button: two\n          steps: []", "        - button: two\n          steps: []\n        - «none»", "wrong-type", "write {text: none}", ("- none", "- {text: none}")),
    Mistake("a list's name without braces", "ask", 'in: "{{ words }}"', "in: «words»", "wrong-type", 'write "{{ words }}"', ("in: words", 'in: "{{ words }}"')),
    Mistake("one word for a list", "ask", 'in: "{{ words }}"', "in: «two words»", "wrong-type", "write the items in brackets: [two words]", ("in: two words", "in: [two words]")),
    # names, and what is not one
    Mistake("a step's name in what is said at any time", "ask", 'steps: [{message: "Bye, {{ name }}."}]', 'steps: [{message: "Bye, {{ «start».text }}."}]', "unknown-name", "say it without that step, or read an input", ("start.text", "name")),
    Mistake("a letter of another alphabet in a name", "welcome", "Hello {{ name }}!", "Hello {{ «n\u0430me» }}!", "unknown-name", "did you mean name?", "word"),
    Mistake("len()", "ask", "Shall we start, {{ name }}?", "Shall we start, {{ name }}, {{ «len»(words) }}?", "unknown-name", "write words | length", ("len(words)", "words | length")),
    Mistake("str() of Python", "ask", "Shall we start, {{ name }}?", "Shall we start, {{ «str»(count) }}?", "unknown-name", "write count | string", ("str(count)", "count | string")),
    Mistake("round() of two", "ask", "Shall we start, {{ name }}?", "Shall we start, {{ «round»(count, 2) }}?", "unknown-name", "write count | round(2)", ("round(count, 2)", "count | round(2)")),
    Mistake("round() of a sum", "ask", "Shall we start, {{ name }}?", "Shall we start, {{ «round»(count / 2, 1) }}?", "unknown-name", "write (count / 2) | round(1)", ("round(count / 2, 1)", "(count / 2) | round(1)")),
    Mistake("max() of two", "ask", "Shall we start, {{ name }}?", "Shall we start, {{ «max»(count, 2) }}?", "unknown-name", "write [count, 2] | max", ("max(count, 2)", "[count, 2] | max")),
    Mistake("join() with its sign first", "ask", "Shall we start, {{ name }}?", "Shall we start, {{ «join»(', ', words) }}?", "unknown-name", "write words | join(', ')", ("join(', ', words)", "words | join(', ')")),
    Mistake("a list in a set that is not closed", "welcome", "Hello {{ name }}!", "{% set them = «[»name %}Hello {{ them | join }}!", "expression-syntax", "close it with ]", ("[name %}", "[name] %}")),
    Mistake("a number that begins with 0", "welcome", "Hello {{ name }}!", "{{ «007» }} says hello to {{ name }}!", "expression-syntax", "write '007' as text, in quotes", ("{{ 007 }}", "{{ '007' }}")),
    Mistake("a step's id in another alphabet", "welcome", "id: photo", "id: «фото»", "bad-format", "write it like ask_name", ("фото", "ask_name")),
    Mistake("a filter of JavaScript", "welcome", "name | upper", "name | «toUpperCase»", "unknown-filter", "did you mean upper?", "word"),
    # expressions
    Mistake("= for == in braces", "welcome", "Hello {{ name }}!", "Hello {{ name if visits «=» 3 else 'you' }}!", "expression-syntax", "compare with ==", ("visits = 3", "visits == 3")),
    Mistake("= for == in a statement", "welcome", "Hello {{ name }}!", "Hello {% if visits «=» 3 %}{{ name }}{% endif %}!", "expression-syntax", "compare with ==", ("visits = 3", "visits == 3")),
    Mistake("a square bracket not closed", "welcome", "Hello {{ name }}!", "Hello {{ name«[»0 }}!", "expression-syntax", "close it with ]", ("name[0 }}", "name[0] }}")),
    Mistake("a list not closed", "welcome", "Hello {{ name }}!", "Hello {{ «[»name, 'you' | join }}!", "expression-syntax", "close it with ]", ("[name, 'you' |", "[name, 'you'] |")),
    Mistake("a number that begins with a point", "welcome", "visits > 1", "visits > «.5»", "expression-syntax", "write 0.5", (".5", "0.5")),
    Mistake("a number that ends with a point", "welcome", "visits > 1", "visits > «1.»", "expression-syntax", "write 1", ("1.\n", "1\n")),
    Mistake("an if that is not closed, behind an expression", "welcome", "Hello {{ name }}!", "Hello {{ name }} «{% if plan == 'pro' %}»again!", "expression-syntax", "add {% endif %}", ("again!", "again{% endif %}!")),
    Mistake("a for that is not closed", "ask", "Shall we start, {{ name }}?", "Shall we, {{ name }}? «{% for each in words %}»{{ each }}{% if loop.last %}.{% endif %}", "expression-syntax", "add {% endfor %}", ("{% if loop.last %}.{% endif %}", "{% if loop.last %}.{% endif %}{% endfor %}")),
    Mistake("an if that is not closed within a for", "ask", "Shall we start, {{ name }}?", "Shall we, {{ name }}? {% for each in words %}{% if loop.last %}{{ each }}{% «endfor» %}", "expression-syntax", "add {% endif %} before it", ("{{ each }}{% endfor", "{{ each }}{% endif %}{% endfor")),
    Mistake("format before its pattern", "welcome", "Hello {{ name }}!", "Hello «{{ visits | format('%.2f') }}»!", "expression-failed", "write '%.2f' | format(visits)", ("visits | format('%.2f')", "'%.2f' | format(visits)"), "preview"),
    Mistake("format of Python", "welcome", "Hello {{ name }}!", "Hello «{{ '{:.2f}'.format(visits) }}»!", "expression-failed", "write '%.2f' | format(visits)", ("'{:.2f}'.format(visits)", "'%.2f' | format(visits)"), "preview"),
    Mistake("a filter without a value that it needs", "welcome", "Hello {{ name }}!", "Hello «{{ name | replace('a') }}»!", "expression-failed", "write the others in its brackets", ("replace('a')", "replace('a', 'e')"), "preview"),
    Mistake("a value that a filter does not take", "welcome", "Hello {{ name }}!", "Hello «{{ name | upper('x') }}»!", "expression-failed", "remove what it does not take", ("upper('x')", "upper"), "preview"),
    Mistake("a pattern with two places for one value", "welcome", "Hello {{ name }}!", "Hello «{{ '%s %s' | format(name) }}»!", "expression-failed", "give format a value for each %", ("format(name)", "format(name, plan)"), "preview"),
    Mistake("a word of anytime that is taken above", "ask", "    end: opted_out\n", "    end: opted_out\n  - words: «[»STOP!, agent]\n    end: handed_over\n", "never-reached", "remove it", ("[STOP!, agent]", "[agent]")),
    Mistake("a word that has one above in it, in a script that writes none apart", "ask", "- words: [stop]\n", "- words: [停止]\n    end: opted_out\n  - words: «[»停止订阅, stop]\n", "never-reached", "remove it", ("[停止订阅, stop]", "[stop]")),
    # inputs that nobody can give
    Mistake("a minimum above the maximum", "welcome", "{type: integer, minimum: 0, default: 3}", "{type: integer, minimum: «5», maximum: 3}", "bad-input", "write a minimum that is less than maximum", ("minimum: 5", "minimum: 1, default: 3")),
    Mistake("a longest text shorter than the shortest", "welcome", "minLength: 1, maxLength: 40", "minLength: «9», maxLength: 4", "bad-input", "write a minLength that is less than maxLength", ("minLength: 9", "minLength: 1")),
]  # fmt: skip
