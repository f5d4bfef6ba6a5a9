"""Mistakes that people make in good flows, each with the place it is found at and the remedy that mends it.

The place of a fault stands between « and » in the text that is put in: line and column follow from it.
"""

# ruff: noqa: E501  # a table's row is read as one line

from pathlib import Path
from typing import NamedTuple

FLOWS = Path(__file__).parents[2] / "flows"

WELCOME = """\
name: welcome
inputs:
  name: {type: string, minLength: 1, maxLength: 40, example: Ana}
  plan: {type: string, enum: [free, pro], default: free}
  visits: {type: integer, minimum: 0, default: 3}
steps:
  - id: hello
    message: "Hello {{ name }}!"
  - id: photo
    message:
      message_type: image
      media_url: https://cdn.example.com/a.jpg
      caption: The {{ plan }} plan
    until: delivered
  - pause: 2s
  - id: bye
    when: plan == "pro" and visits > 1
    message: "Bye {{ name | upper }}"
"""
CHOICE = """\
name: choice
steps:
  - message:
      message_type: interactive
      interactive_type: button
      body_text: Shall we start?
      footer_text: No hurry
      buttons:
        - id: yes
          title: Yes, please
        - id: later
          title: Later
  - message:
      message_type: interactive
      interactive_type: list
      body_text: What is it about?
      list_button_text: Choose
      sections:
        - title: Orders
          rows:
            - {id: late, title: It is late}
            - {id: lost, title: It is lost}
        - title: Money
          rows:
            - {id: bill, title: The bill}
"""
NOTICE = """\
name: notice
inputs:
  invoice: {type: string, example: "0042"}
  order:
    type: object
    example: {number: "17", items: [Tea, Milk]}
steps:
  - id: reminder
    message:
      message_type: template
      template_name: order_ready
      template_language: es_MX
      template_params:
        - "{{ order.number }}"
      header_type: document
      header_params: https://cdn.example.com/i.pdf
      header_filename: invoice.pdf
  - message:
      message_type: location
      latitude: 19.4194
      longitude: -99.1616
  - message:
      message_type: document
      media_url: https://cdn.example.com/i.pdf
      filename: "{{ invoice }}.pdf"
  - message:
      message_type: contacts
      contacts:
        - formatted_name: Ana López
          first_name: Ana
          phones:
            - phone: "+5215512345678"
              wa_id: "5215512345678"
              type: WORK
  - message:
      message_type: reaction
      reacted_to_message_id: wamid.1
      reaction_emoji: 👍
"""
BASES = {
    "welcome": WELCOME,
    "choice": CHOICE,
    "notice": NOTICE,
    "bare": WELCOME.replace(", example: Ana", ""),
    "short": CHOICE.replace("steps:", "inputs: {word: {type: string, default: Later}}\nsteps:").replace(
        "title: Later", 'title: "{{ word }}"'
    ),
    "onboarding": (FLOWS / "onboarding.yaml").read_text("utf-8"),
    "order": (FLOWS / "order_update.yaml").read_text("utf-8"),
}


class Mistake(NamedTuple):
    """One slip in a good flow.

    Attributes:
        name: What was done wrong.
        base: Which of BASES it is done to.
        old: A text that stands once in the base.
        new: What stands there instead; the place of the fault between « and ».
        code: Of the one diagnostic.
        says: How its hint begins.
        mend: What a person does who takes the hint literally: ``(old, new)`` in the file's text, or the name of what the
            test does with the hint's own words (MENDERS in test_mistakes).
        command: ``preview`` for what only shows once values are known.
    """

    name: str
    base: str
    old: str
    new: str
    code: str
    says: str
    mend: str | tuple[str, str]
    command: str = "validate"


class Wrong(NamedTuple):
    """One slip in the values for a good flow.

    Attributes:
        name: What was done wrong.
        base: Which of BASES it is for.
        given: What ``--var`` gives; or the text of the file that ``--vars`` names, a fault's place between « and ».
        code: Of the one diagnostic.
        says: How its hint begins.
        mended: What is given after the hint was followed.
        place: Where the diagnostic is, if not in that file.
    """

    name: str
    base: str
    given: str
    code: str
    says: str
    mended: str
    place: str = ""


MISTAKES = [
    # typing
    Mistake("two letters of a field swapped", "welcome", "caption:", "«captoin»:", "unknown-field", "did you mean caption?", "word"),
    Mistake("two letters of a step's key swapped", "welcome", "message: \"Hello", "«mesage»: \"Hello", "unknown-key", "did you mean message?", "word"),
    Mistake("a letter of the flow's key left out", "welcome", "steps:", "«step»:", "unknown-key", "did you mean steps?", "word"),
    Mistake("a value misspelt", "welcome", "until: delivered", "until: «deliverd»", "bad-value", "did you mean delivered?", "word"),
    Mistake("a message type misspelt", "onboarding", "message_type: video", "message_type: «vidoe»", "bad-value", "did you mean video?", "word"),
    Mistake("an input's keyword misspelt", "welcome", "maxLength: 40", "«maxlength»: 40", "unknown-key", "did you mean maxLength?", "word"),
    Mistake("no colon after a key", "welcome", "media_url: https", "«media_url https", "yaml-syntax", "write key: value", ("media_url https", "media_url: https")),
    Mistake("no space after a colon", "welcome", "- pause: 2s", "- «pause:2s»", "wrong-type", "write a space after the colon", ("pause:2s", "pause: 2s")),
    Mistake("a quote not closed", "welcome", '"Hello {{ name }}!"', '«"Hello {{ name }}!', "yaml-syntax", "close it", ("name }}!", 'name }}!"')),
    Mistake("a step's key too far to the right", "welcome", "    until: delivered", "      «until»: delivered", "unknown-field", "move it to the left, in line with message:", ("      until:", "    until:")),
    Mistake("a message's field too far to the left", "welcome", "      caption: The {{ plan }} plan\n    until: delivered\n", "    «caption»: The {{ plan }} plan\n    until: delivered\n", "unknown-key", "move it below message:, in line with the fields there", ("    caption:", "      caption:")),
    Mistake("a line further to the right than the one above", "notice", "      longitude:", "        longitude«:»", "yaml-syntax", "indent it like them", ("        longitude:", "      longitude:")),
    Mistake("a tab for spaces", "welcome", "    until:", "«\t»until:", "yaml-syntax", "indent with spaces", ("\tuntil:", "    until:")),
    Mistake("the dash of a step forgotten", "welcome", "  - pause: 2s", "    «pause»: 2s", "one-verb", "make it two steps: write a dash before pause", ("    pause: 2s", "  - pause: 2s")),
    # traps of YAML
    Mistake("an expression without quotes", "notice", '- "{{ order.number }}"', "- «{»{ order.number }}", "unquoted-expression", 'put the whole value in quotes', "quote"),
    Mistake("a text that begins with a star", "welcome", '"Hello {{ name }}!"', "«*»Hello* {{ name }}!", "yaml-syntax", "put the whole value in double quotes", "quote"),
    Mistake("a colon in a text", "choice", "body_text: Shall we start?", "body_text: Now«:» shall we start?", "yaml-syntax", "put the whole value in double quotes", ("Now: shall we start?", '"Now: shall we start?"')),
    Mistake("a hash in a text", "choice", "body_text: Shall we start?", "body_text: Offer «#1, shall we start?»", "comment-cuts-text", "put the whole text in quotes", ("Offer #1, shall we start?", '"Offer #1, shall we start?"')),
    Mistake("a key twice", "welcome", "    until: delivered", "    until: delivered\n    «until»: read", "duplicate-key", "remove one of the two", "line"),
    Mistake("a merge key", "welcome", "      caption: The {{ plan }} plan", "      «<<»: {caption: Plans}", "merge-key", "YAML 1.2 has no merge keys: write the fields out", ("<<: {caption: Plans}", "caption: Plans")),
    Mistake("a tag", "welcome", "caption: The", "caption: «!!binary» The", "yaml-tag", "remove it", ("!!binary ", "")),
    # what stands where YAML wants its own signs
    Mistake("a no-break space in the indentation", "welcome", "    until:", "«\u00a0»\u00a0  until:", "yaml-syntax", "indent the line with ordinary spaces: 4 in all", ("\u00a0\u00a0  until:", "    until:")),
    Mistake("no-break spaces for the whole indentation", "welcome", "    until:", "«\u00a0»\u00a0\u00a0\u00a0until:", "yaml-syntax", "indent the line with ordinary spaces: 4 in all", ("\u00a0\u00a0\u00a0\u00a0until:", "    until:")),
    Mistake("a no-break space behind a dash", "welcome", "- pause:", "-«\u00a0»pause:", "yaml-syntax", "replace it with an ordinary space", ("-\u00a0pause:", "- pause:")),
    Mistake("a no-break space behind a colon", "welcome", "- pause: 2s", "- pause:«\u00a0»2s", "yaml-syntax", "replace it with an ordinary space", ("pause:\u00a02s", "pause: 2s")),
    Mistake("an invisible space before a key", "welcome", "- pause:", "- «\u200b»pause:", "yaml-syntax", "remove it", ("\u200b", "")),
    Mistake("a byte order mark in the middle", "welcome", "  - pause:", "«\ufeff»  - pause:", "yaml-syntax", "remove it", ("\ufeff", "")),
    Mistake("a fullwidth colon", "welcome", "name: welcome", "name«：» welcome", "yaml-syntax", "write : and a space instead", ("name： welcome", "name: welcome")),
    Mistake("an en dash for a dash", "welcome", "- pause:", "«–» pause:", "yaml-syntax", "write a hyphen and a space", ("– pause:", "- pause:")),
    Mistake("a bullet for a dash", "welcome", "- pause:", "«•» pause:", "yaml-syntax", "write a hyphen and a space", ("• pause:", "- pause:")),
    Mistake("curly quotes around a text with a colon", "choice", "body_text: Shall we start?", "body_text: «“»Now: shall we start?”", "yaml-syntax", "write \" for “ and ”", ("“Now: shall we start?”", '"Now: shall we start?"')),
    # spaces and lines
    Mistake("no space between a field and its value", "welcome", "media_url: https", "media_url«:»https", "yaml-syntax", "write a space after the colon", ("media_url:https", "media_url: https")),
    Mistake("no space after the first key", "welcome", "name: welcome", "name«:»welcome", "yaml-syntax", "write a space after the colon", ("name:welcome", "name: welcome")),
    Mistake("no space after a colon in braces", "welcome", "{type: integer", "{«type:»integer", "yaml-syntax", "write a space after the colon", ("type:integer", "type: integer")),
    Mistake("no space after a dash", "welcome", "  - pause: 2s", "  «-»pause: 2s", "yaml-syntax", "write a space after the dash", ("-pause: 2s", "- pause: 2s")),
    Mistake("a tab behind a dash", "welcome", "- pause:", "-«\t»pause:", "yaml-syntax", "indent with spaces: 1 space", ("-\tpause:", "- pause:")),
    Mistake("a tab for the indentation of a step", "welcome", "  - pause:", "«\t»- pause:", "yaml-syntax", "indent with spaces: 2 spaces", ("\t- pause:", "  - pause:")),
    Mistake("a step without its dash, in line with the dashes", "welcome", "  - pause: 2s", "  «pause: 2s»", "yaml-syntax", "write a dash and a space before it", ("  pause: 2s", "  - pause: 2s")),
    Mistake("a second message without its dash", "choice", "  - message:\n      message_type: interactive\n      interactive_type: list", "    «message»:\n      message_type: interactive\n      interactive_type: list", "duplicate-key", "remove one of the two, or put a dash before it", ("    message:\n      message_type: interactive\n      interactive_type: list", "  - message:\n      message_type: interactive\n      interactive_type: list")),
    Mistake("a dash too far to the right", "welcome", "  - pause:", "    «-» pause:", "yaml-syntax", "move it to the left, in line with the dash above: 2 spaces", ("    - pause:", "  - pause:")),
    Mistake("a dash too far to the left", "welcome", "  - pause:", " «-» pause:", "yaml-syntax", "move it to the right, in line with the dash above: 2 spaces", (" - pause:", "  - pause:")),
    Mistake("a list below a text", "welcome", 'caption: The {{ plan }} plan', "caption: The plan {{ plan }} has\n        «-» a photo", "joined-lines", "to keep the lines, write |", ("caption: The plan {{ plan }} has\n", "caption: |-\n        The plan {{ plan }} has\n")),
    Mistake("a folded text that is not indented", "choice", "body_text: Shall we start?", "body_text: >\n      «Shall we start?»", "yaml-syntax", "put 8 spaces before each line of the text", ("\n      Shall we start?", "\n        Shall we start?")),
    Mistake("a text of many lines that is not indented", "welcome", 'message: "Hello {{ name }}!"', "message: |\n    «Hello {{ name }}!»\n    How are you?", "yaml-syntax", "put 6 spaces before each line of the text", ("    Hello {{ name }}!\n    How are you?", "      Hello {{ name }}!\n      How are you?")),
    Mistake("a key without its colon", "welcome", "steps:", "«steps»", "yaml-syntax", "write steps:", ("steps\n", "steps:\n")),
    Mistake("a conflict of git", "welcome", "  - pause: 2s\n", "«<<<<<<< HEAD»\n  - pause: 2s\n", "yaml-syntax", "choose one of the two versions and remove this line", "line"),
    Mistake("Markdown around the flow", "welcome", "name: welcome\n", "«```yaml»\nname: welcome\n", "yaml-syntax", "remove this line", "line"),
    # quotes
    Mistake("an apostrophe in single quotes", "choice", "body_text: Shall we start?", "body_text: 'It«'»s here, shall we start?'", "yaml-syntax", "put the whole value in double quotes instead", ("'It's here, shall we start?'", "\"It's here, shall we start?\"")),
    Mistake("an apostrophe in single quotes before an expression", "welcome", '"Hello {{ name }}!"', "'It«'»s you, {{ name }}!'", "yaml-syntax", "put the whole value in double quotes instead", ("'It's you, {{ name }}!'", "\"It's you, {{ name }}!\"")),
    Mistake("an apostrophe in single quotes in braces", "choice", "{id: bill, title: The bill}", "{id: bill, title: 'It«'»s wrong'}", "yaml-syntax", "put the whole value in double quotes instead", ("'It's wrong'", "\"It's wrong\"")),
    Mistake("double quotes in double quotes", "choice", "body_text: Shall we start?", 'body_text: "Shall we «"»really" start?"', "yaml-syntax", "put the whole value in single quotes instead", ('"Shall we "really" start?"', "'Shall we \"really\" start?'")),
    Mistake("both quotes in double quotes", "choice", "body_text: Shall we start?", 'body_text: "It\'s «"»here" now"', "yaml-syntax", 'write \\" for each " in the text', ('"It\'s "here" now"', '"It\'s \\"here\\" now"')),
    Mistake("text behind a quote", "choice", "body_text: Shall we start?", 'body_text: "Now" «s»hall we start?', "yaml-syntax", "put the whole value in single quotes", ('"Now" shall we start?', "'\"Now\" shall we start?'")),
    Mistake("a condition that begins with a quote", "welcome", 'when: plan == "pro" and visits > 1', "when: 'pro' «=»= plan and visits > 1", "yaml-syntax", "put the whole value in double quotes", ("when: 'pro' == plan and visits > 1", "when: \"'pro' == plan and visits > 1\"")),
    Mistake("a backslash in double quotes", "choice", "body_text: Shall we start?", 'body_text: "C:«\\»Data"', "yaml-syntax", "put the value in single quotes instead", ('"C:\\Data"', "'C:\\Data'")),
    Mistake("a comma at the end of a value", "choice", "body_text: Shall we start?", 'body_text: "Shall we start?"«,»', "yaml-syntax", "remove the comma", ('start?",', 'start?"')),
    Mistake("a quote not closed in braces", "choice", "{id: bill, title: The bill}", "{id: bill, title: «\"The bill}", "yaml-syntax", "close it: write \" at the end of the text", ('"The bill}', '"The bill"}')),
    *(Mistake(f"a text that begins with {sign}", "choice", "body_text: Shall we start?", f"body_text: «{sign}»{rest}", "yaml-syntax", "put the whole value in double quotes", "quote") for sign, rest in (("@", "ana, shall we start?"), ("`", "Start` now?"), ("%", "10 off"), (">", " start"), ("|", " start"), ("-", " start"), ("?", " start"), (",", " start"), ("[", "Start] now"), ("{", "Start} now"))),
    Mistake("a word in braces alone", "welcome", '"Hello {{ name }}!"', "«{name}»", "yaml-syntax", 'write "{{ name }}"', ("message: {name}", 'message: "{{ name }}"')),
    Mistake("a text that begins with &", "choice", "body_text: Shall we start?", "body_text: «&now» shall we start?", "unused-anchor", "put the whole value in quotes if &now belongs to it", ("&now shall we start?", '"&now shall we start?"')),
    Mistake("a colon at the end of a text", "choice", "body_text: Shall we start?", "body_text: Your choice«:»", "yaml-syntax", "put the whole value in double quotes", ("Your choice:", '"Your choice:"')),
    Mistake("a colon and quotes in a text", "choice", "body_text: Shall we start?", 'body_text: "Now" «i»s good: start?', "yaml-syntax", "put the whole value in single quotes", ('"Now" is good: start?', "'\"Now\" is good: start?'")),
    # braces and brackets
    Mistake("a comma missing between fields", "welcome", "{type: integer, minimum: 0", "{type: integer «minimum»: 0", "yaml-syntax", "write a comma before minimum", ("integer minimum", "integer, minimum")),
    Mistake("a comma missing behind a quote", "choice", "{id: late, title: It is late}", '{id: "late" «title»: It is late}', "yaml-syntax", "write a comma before title", ('"late" title', '"late", title')),
    Mistake("a comma missing between objects", "choice", "          rows:\n            - {id: bill, title: The bill}", "          rows: [{id: bill, title: The bill} «{»id: fee, title: A fee}]", "yaml-syntax", "write a comma before {", ("} {", "}, {")),
    Mistake("a brace not closed", "welcome", "{type: string, enum: [free, pro], default: free}", "«{»type: string, enum: [free, pro], default: free", "yaml-syntax", "close it: write } at the end of the line", ("default: free\n", "default: free}\n")),
    Mistake("a bracket not closed", "welcome", "enum: [free, pro], default", "enum: «[»free, pro, default", "yaml-syntax", "close it: write ] before , default", ("pro, default", "pro], default")),
    Mistake("a brace too many", "welcome", "default: free}", "default: free}«}»", "yaml-syntax", "remove it", ("free}}", "free}")),
    # types
    Mistake("a list for a text", "choice", "footer_text: No hurry", "footer_text: «[»No hurry]", "wrong-type", "write one text", ("[No hurry]", "No hurry")),
    Mistake("a text for a list", "choice", "          rows:\n            - {id: bill, title: The bill}", "          rows: «The bill»", "wrong-type", "write [{id: the_bill, title: The bill}]", ("rows: The bill", "rows: [{id: the_bill, title: The bill}]")),
    Mistake("a number for an object", "notice", "- formatted_name: Ana López\n          first_name: Ana\n          phones:\n            - phone: \"+5215512345678\"\n              wa_id: \"5215512345678\"\n              type: WORK", "- «5»", "wrong-type", "write an object", ("- 5", '- {"formatted_name": "Ana Pérez", "phones": [{"phone": "+5215512345678", "wa_id": "5215512345678"}]}')),
    Mistake("a word for a number", "notice", "latitude: 19.4194", "latitude: «north»", "wrong-type", "write a number", ("latitude: north", "latitude: 19.4326")),
    Mistake("a list for a message", "welcome", "message: \"Hello {{ name }}!\"", "message: «[]»", "wrong-type", "write the text", ("[]", "Hello")),
    # limits
    Mistake("a button's title of 21 characters", "choice", "title: Yes, please", "title: «Yes, please, and soon»", "too-long", "shorten it by 1 character", "shorten"),
    Mistake("four buttons", "choice", "      buttons:\n", "      buttons:\n        «- {id: a, title: A}\n        - {id: b, title: B}\n", "too-many-items", "remove 1 item", ("        - {id: b, title: B}\n", "")),
    Mistake("eleven rows over two sections", "choice", "      sections:\n        - title: Orders\n          rows:\n", "      sections:\n        «- title: Orders\n          rows:\n" + "".join(f"            - {{id: r{i}, title: Row {i}}}\n" for i in range(8)), "too-many-rows", "remove 1 row", ("            - {id: r0, title: Row 0}\n", "")),
    Mistake("a body of 1025 characters", "choice", "Shall we start?", f"«{'a' * 1025}»", "too-long", "shorten it by 1 character", "shorten"),
    Mistake("a section's title of 25 characters", "choice", "title: Orders", f"title: «{'Orders and what they cost'}»", "too-long", "shorten it by 1 character", "shorten"),
    Mistake("a blank text", "choice", "footer_text: No hurry\n      buttons:\n        - id: yes\n          title: Yes, please", "footer_text: No hurry\n      buttons:\n        - id: yes\n          title: «\" \"»", "blank-text", "write some text", ('" "', '"Yes"')),
    Mistake("a latitude beyond the pole", "notice", "latitude: 19.4194", "latitude: «194.194»", "out-of-range", "use 90 or less", ("194.194", "90")),
    # fields
    Mistake("a field of another type", "notice", "longitude: -99.1616", "longitude: -99.1616\n      «caption»: The shop", "foreign-field", "remove it", "line"),
    Mistake("media_url and media_id", "welcome", "      message_type: image\n      media_url: https://cdn.example.com/a.jpg", "      «message_type»: image\n      media_url: https://cdn.example.com/a.jpg\n      media_id: \"1\"", "media-source", "remove media_id", ("      media_id: \"1\"\n", "")),
    Mistake("neither media_url nor media_id", "welcome", "      message_type: image\n      media_url: https://cdn.example.com/a.jpg\n", "      «message_type»: image\n", "media-source", "add media_url", ("message_type: image\n", "message_type: image\n      media_url: https://example.com/image.jpg\n")),
    Mistake("header_filename without a document", "notice", "header_type: document\n      header_params: https://cdn.example.com/i.pdf\n      header_filename", "header_type: image\n      header_params: https://cdn.example.com/i.png\n      «header_filename»", "header-mismatch", "remove header_filename", "line"),
    Mistake("a field missing", "notice", "      message_type: template\n      template_name: order_ready\n      template_language: es_MX\n", "      «message_type»: template\n      template_name: order_ready\n", "missing-field", "add template_language", ("template_name: order_ready\n", "template_name: order_ready\n      template_language: es_MX\n")),
    Mistake("a button's id twice", "choice", "- id: later", "- id: «yes»", "duplicate-value", "give each its own id", ("id: yes\n          title: Later", "id: later\n          title: Later")),
    Mistake("two emoji", "notice", "reaction_emoji: 👍", "reaction_emoji: «👍👍»", "not-one-emoji", "write one emoji", ("👍👍", "👍")),
    # expressions
    Mistake("an expression not closed", "welcome", "Hello {{ name }}!", "Hello «{{ name }!", "expression-syntax", "write }}", ("{{ name }!", "{{ name }}!")),
    Mistake("a filter there is not", "welcome", "name | upper", "name | «uper»", "unknown-filter", "did you mean upper?", "word"),
    Mistake("a name there is not", "welcome", "{{ name }}!", "{{ «nmae» }}!", "unknown-name", "did you mean name?", "word"),
    Mistake("a later step's name", "welcome", "caption: The {{ plan }} plan", "caption: \"{{ «bye».skipped }}\"", "unknown-name", "name an earlier step", ("bye.skipped", "hello.skipped")),
    Mistake("a name with a space", "welcome", "{{ plan }}", "{{ «the plan» }}", "expression-syntax", "did you mean plan?", "word"),
    Mistake("two names side by side", "welcome", "{{ plan }}", "{{ «plan name» }}", "expression-syntax", "write {{ plan }} {{ name }}", ("{{ plan name }}", "{{ plan }} {{ name }}")),
    Mistake("curly quotes in an expression", "welcome", "{{ name }}!", "{{ name or «‘friend’» }}!", "expression-syntax", "write 'friend'", ("‘friend’", "'friend'")),
    Mistake("curly double quotes in a condition", "welcome", 'plan == "pro"', "plan == «“pro”»", "expression-syntax", "write 'pro'", ("“pro”", "'pro'")),
    Mistake("backquotes in an expression", "welcome", "{{ name }}!", "{{ name or «`friend`» }}!", "expression-syntax", "write 'friend'", ("`friend`", "'friend'")),
    Mistake("an invisible space in an expression", "welcome", "{{ name }}!", "{{ «\u200b»name }}!", "expression-syntax", "remove it", ("\u200b", "")),
    Mistake("an invisible joiner in a name", "welcome", "{{ name }}!", "{{ na«\u2060»me }}!", "expression-syntax", "remove it", ("\u2060", "")),
    Mistake("a minus sign that is none", "welcome", "visits > 1", "visits «−» 1 > 1", "expression-syntax", "write -", ("−", "-")),
    Mistake("&& for and", "welcome", 'plan == "pro" and', 'plan == "pro" «&&»', "expression-syntax", "write and", ("&&", "and")),
    Mistake("|| for or", "welcome", 'plan == "pro" and', 'plan == "pro" «||»', "expression-syntax", "write or", ("||", "or")),
    Mistake("an exclamation mark for not", "welcome", 'plan == "pro" and visits > 1', 'visits > 1 and «!»(plan == "pro")', "expression-syntax", "write not", ('!(plan', 'not (plan')),
    Mistake("three braces", "welcome", "{{ name }}!", "«{{{ name }}}»!", "expression-syntax", "write {{ name }}", ("{{{ name }}}", "{{ name }}")),
    Mistake("a dollar sign in an expression", "welcome", "{{ name }}!", "{{ «$»name }}!", "expression-syntax", "remove it", ("$", "")),
    Mistake("else if", "welcome", "{{ name }}!", "{% if plan == 'pro' %}a{% «else if» name == 'x' %}b{% endif %}!", "expression-syntax", "write elif", ("else if", "elif")),
    Mistake("an apostrophe in an expression", "welcome", "{{ name }}!", "{{ name or 'it«'»s you' }}!", "expression-syntax", "write ’ (U+2019) for it", ("it's you", "it’s you")),
    Mistake("a statement in double braces", "welcome", "{{ name }}!", "{{ «if» name }}a{% endif %}!", "expression-syntax", "write {% if ... %}", ("{{ if name }}", "{% if name %}")),
    Mistake("a bracket in an expression not closed", "welcome", "{{ name }}!", "{{ name.upper«(» }}!", "expression-syntax", "close it with )", ("upper( ", "upper() ")),
    # placeholders of other programs, and what has no effect
    Mistake("a numbered placeholder", "welcome", "{{ name }}!", "«{{1}}» {{ name }}!", "foreign-placeholder", "write the name of an input, for example {{ name }}", ("{{1}}", "{{ name }}")),
    Mistake("a numbered placeholder in a template", "notice", '- "{{ order.number }}"', '- "{{ order.number }}"\n        - "«{{ 2 }}»"', "foreign-placeholder", "write the name of an input, for example {{ invoice }}", ("{{ 2 }}", "{{ invoice }}")),
    *(Mistake(f"{open_}name{close}", "welcome", '"Hello {{ name }}!"', f'"Hello {{{{ name }}}} «{open_}name{close}»!"', code, "write {{ name }}", (f"{open_}name{close}!", "{{ name }}!")) for open_, close, code in (("{", "}", "foreign-placeholder"), ("${", "}", "foreign-placeholder"), ("%", "%", "foreign-placeholder"), ("#{", "}", "foreign-placeholder"), ("[[", "]]", "foreign-placeholder"), ("<<", ">>", "foreign-placeholder"), ("[", "]", "likely-placeholder"), ("<", ">", "likely-placeholder"), ("$", "", "likely-placeholder"))),
    Mistake("a placeholder in capitals", "welcome", '"Hello {{ name }}!"', '"Hello {{ name }} «{Name}»!"', "likely-placeholder", "write {{ name }}", ("{Name}", "{{ name }}")),
    Mistake("an input's name as a statement", "welcome", "{{ name }}!", "{% «name» %}!", "expression-syntax", "write {{ name }}", ("{% name %}", "{{ name }}")),
    Mistake("a default for an input", "welcome", "{{ name }}!", "{{ name | «default»('friend') }}!", "always-there", "write default('friend', true)", ("default('friend')", "default('friend', true)")),
    Mistake("a short default for an input", "welcome", "{{ name }}!", "{{ name | «d»('friend') }}!", "always-there", "write d('friend', true)", ("d('friend')", "d('friend', true)")),
    Mistake("a default for a number", "welcome", "visits > 1", "visits | «default»(3) > 1", "always-there", "remove | default(3)", (" | default(3)", "")),
    Mistake("a test whether an input is defined", "welcome", 'plan == "pro" and visits > 1', "«name is defined» and visits > 1", "always-there", "write name != ''", ("name is defined", "name != ''")),
    Mistake("a test whether an input is not defined", "welcome", "{{ name }}!", "{% if «name is not defined» %}friend{% endif %}{{ name }}!", "always-there", "write not name", ("name is not defined", "not name")),
    Mistake("a sum that a loop forgets", "welcome", "{{ name }}!", "{% set n = 0 %}{% for i in [1, 2] %}{% set «n» = n + i %}{% endfor %}{{ n }} {{ name }}!", "lost-set", "write {% set ns = namespace(n=0) %} before the loop", ("{% set n = 0 %}{% for i in [1, 2] %}{% set n = n + i %}{% endfor %}{{ n }}", "{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}")),
    Mistake("a month that comes in English", "welcome", '"Hello {{ name }}!"', "\"Hoy es {{ now.«strftime»('%d de %B') }}, {{ name }}\"", "english-names", "write now | date('%d de %B', 'es')", ("now.strftime('%d de %B')", "now | date('%d de %B', 'es')")),
    # signs of other keyboards, and durations in words
    Mistake("a full-width colon after message", "welcome", '- id: hello\n    message: "Hello {{ name }}!"', '- «message：hola {{ name }}', "wrong-type", "write : and a space for ： (U+FF1A)", ("message：hola", "message: hola")),
    Mistake("a full-width comma", "welcome", "{type: string, minLength", "{type: string«，»minLength", "yaml-syntax", "write , and a space instead", ("string，", "string, ")),
    Mistake("a comma too many", "welcome", "{type: string, minLength", "{type: string,«,» minLength", "yaml-syntax", "remove one of the two", (",,", ",")),
    Mistake("a no-break space after the dash, a blank line below", "welcome", "  - pause: 2s\n", "  -«\u00a0»pause: 2s\n\n", "yaml-syntax", "replace it with an ordinary space", ("-\u00a0pause", "- pause")),
    Mistake("a space in a duration", "welcome", "pause: 2s", "pause: «2 s»", "bad-pause", "write 2s", ("2 s", "2s")),
    Mistake("a duration in words", "welcome", "pause: 2s", "pause: «2 segundos»", "bad-pause", "write 2s", ("2 segundos", "2s")),
    Mistake("a duration of two units", "welcome", "pause: 2s", "pause: «1h30m»", "bad-pause", "write 90m", ("1h30m", "90m")),
    Mistake("= for ==", "welcome", 'plan == "pro" and', '«plan = "pro" and', "expression-syntax", "compare with ==", ('plan = "pro"', 'plan == "pro"')),
    Mistake("a condition in braces", "onboarding", 'when: plan == "premium"', 'when: "«{{ plan == \'premium\' }}»"', "expression-syntax", "write it without {{ and }}", ("\"{{ plan == 'premium' }}\"", "plan == 'premium'")),
    Mistake("an attribute misspelt", "notice", "order.number", "order.«numbr»", "undefined-value", "did you mean number?", "word", "preview"),
    Mistake("a condition that is no yes or no", "welcome", 'plan == "pro" and visits > 1', "«visits»", "when-not-boolean", "compare it", ("when: visits", "when: visits > 0"), "preview"),
    Mistake("a list shown as text", "notice", '"{{ order.number }}"', '"«{{ order.items }}"', "expression-failed", "write | join(', ')", ("order.items", "order.items | join(', ')"), "preview"),
]  # fmt: skip

WRONG = [
    Wrong("a variable's name misspelt", "welcome", "nmae=Luz", "unknown-variable", "did you mean name?", "name=Luz", "--var nmae"),
    Wrong("a value that is not in the list", "welcome", "plan=por", "bad-variable", "did you mean pro?", "plan=pro", "--var plan"),
    Wrong("a value that is no number", "welcome", "visits=many", "bad-variable", "write a whole number", "visits=4", "--var visits"),
    Wrong("a number that is too small", "welcome", "visits=-1", "bad-variable", "use 0 or more", "visits=0", "--var visits"),
    Wrong("no value", "bare", "plan=pro", "missing-variable", "give --var name=...", "name=Luz", "bare.yaml:3:3"),
    Wrong("an empty value", "welcome", "name=", "bad-variable", "write some text", "name=Luz", "--var name"),
    Wrong("a value that a step has no room for", "short", "word=Later, in the evening", "too-long", "shorten it by 1 character", "word=Later, in the evenin", "short.yaml:13:18"),
    Wrong("a value that does not match", "order", "order_number=42 a", "bad-variable", "write it to match", "order_number=42-a", "--var order_number"),
    Wrong("maybe for true or false", "order", "collect=maybe", "bad-variable", "write true or false", "collect=true", "--var collect"),
    Wrong("a day that there is not", "order", "invoice_url=invoice.pdf", "bad-variable", "write it like https://example.com/page", "invoice_url=https://example.com/page", "--var invoice_url"),
    Wrong("a name misspelt in the file of variables", "welcome", "plan: pro\nnmae: «Luz»\n", "unknown-variable", "did you mean name?", "plan: pro\nname: Luz\n"),
    Wrong("a value misspelt in the file of variables", "welcome", "name: Luz\nplan: «por»\n", "bad-variable", "did you mean pro?", "name: Luz\nplan: pro\n"),
    Wrong("a colon forgotten in the file of variables", "welcome", "name: Luz\n«plan pro\n", "yaml-syntax", "write key: value", "name: Luz\nplan: pro\n"),
    Wrong("a field too many in an item of the file of variables", "order", "order_items: «[»{id: a, title: A, description: B, price: 5}]\n", "bad-variable", "remove it", "order_items: [{id: a, title: A, description: B}]\n"),
]  # fmt: skip
