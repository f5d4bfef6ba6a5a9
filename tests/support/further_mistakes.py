"""Mistakes of the kinds that people bring from other programs: lists of titles alone, branches by if, cut documents."""

# ruff: noqa: E501  # a table's row is read as one line

from typing import Final

from support.mistakes import Mistake

BUTTONS: Final = """\
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
    Mistake("Markdown's other sign around the flow", "welcome", "name: welcome\n", "«~~~yaml»\nname: welcome\n", "yaml-syntax", "remove this line, and any other that begins with ~~~", "line"),
    # things to tap
    Mistake("buttons as titles", "choice", BUTTONS, "      buttons: «[»Yes, Later]\n", "wrong-type", f"write {_TITLES}", ("[Yes, Later]", _TITLES)),
    Mistake("buttons as titles, line by line", "choice", BUTTONS, "      buttons:\n        «-» Yes\n        - Later\n", "wrong-type", f"write {_TITLES}", ("\n        - Yes\n        - Later", " " + _TITLES)),
    Mistake("buttons as one text", "choice", BUTTONS, "      buttons: «Yes, Later»\n", "wrong-type", f"write {_TITLES}", ("Yes, Later", _TITLES)),
    Mistake("buttons as ids with titles", "choice", BUTTONS, "      buttons:\n        «yes»: Yes\n        later: Later\n", "wrong-type", f"write {_TITLES}", ("\n        yes: Yes\n        later: Later", " " + _TITLES)),
    Mistake("buttons as a list of ids with titles", "choice", BUTTONS, "      buttons:\n        «-» yes: Yes\n        - later: Later\n", "wrong-type", f"write {_TITLES}", ("\n        - yes: Yes\n        - later: Later", " " + _TITLES)),
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
    # dates, numbers and money in a language
    *(
        Mistake(f"what a filter never takes: {name}{old}", "welcome", "Hello {{ name }}!", f"Hello {{{{ name }}}}! {{{{ {what} | «{name}»{old} }}}}", code, hint, (f"{name}{old}", new))
        for what, name, old, code, hint, new in (
            ("now", "time", "('es')", "no-language", "write time(language='es')", "time(language='es')"),
            ("now", "datetime", "('pt_BR')", "no-language", "write datetime(language='pt_BR')", "datetime(language='pt_BR')"),
            ("visits", "number", "('es')", "no-language", "write number(language='es')", "number(language='es')"),
            ("visits", "percent", "('es')", "no-language", "write percent(language='es')", "percent(language='es')"),
            ("visits", "money", "('es')", "no-language", "write money('EUR', 'es')", "money('EUR', 'es')"),
            ("now", "time", "('%H:%M')", "no-language", "write date in place of time: it takes a pattern", "date('%H:%M')"),
            ("now", "datetime", "('%d %B', 'es')", "expression-failed", "write date in place of datetime: it takes a pattern", "date('%d %B', 'es')"),
            ("now", "time", "('HH:mm', 'es')", "expression-failed", "write 'short', 'medium', 'long' or 'full'", "time('short', 'es')"),
            ("now", "date", "('long', 'xx')", "expression-failed", "write a code such as 'es', 'en' or 'pt_BR'", "date('long', 'es')"),
            ("now", "date", "('%d %B', 'Spanish')", "expression-failed", "write 'es'", "date('%d %B', 'es')"),
            ("visits", "number", "('2', 'es')", "expression-failed", "write a number from 0 to 20, without quotes", "number(2, 'es')"),
            ("visits", "money", "('€', 'es')", "expression-failed", "write its code, as in money('EUR')", "money('EUR', 'es')"),
        )
    ),
    Mistake("a language by another name", "welcome", "Hello {{ name }}!", "Hello {{ name }}! {{ now | date('long', «locale»='es') }}", "unknown-filter", "did you mean language?", "word"),
    Mistake("a pattern by another name", "welcome", "Hello {{ name }}!", "Hello {{ name }}! {{ now | date(«format»='%d', language='es') }}", "unknown-filter", "did you mean pattern?", "word"),
    Mistake("a language in place of a pattern", "welcome", "Hello {{ name }}!", "Hello {{ name }}! {{ now | date('«es»') }}", "date-pattern", "write language='es'", ("'es'", "language='es'")),
    *(
        Mistake(f"a pattern of other programs: {old}", "welcome", "Hello {{ name }}!", f"Hello {{{{ name }}}}! {{{{ now | date('«{old}»', 'es') }}}}", "date-pattern", f"write {new}", (old, new))
        for old, new in (("d MMMM", "%-d %B"), ("EEEE, dd/MM", "%A, %d/%m"), ("TT.MM.JJJJ", "%d.%m.%Y"), ("DD/MM/AAAA", "%d/%m/%Y"))
    ),
    Mistake("a default by name", "welcome", "Hello {{ name }}!", "Hello {{ name | «d»(default_value='you') }}!", "always-there", "write d(default_value='you', boolean=true)", ("d(default_value='you')", "d(default_value='you', boolean=true)")),
    # placeholders of other programs, in addresses too
    *(
        Mistake(f"a placeholder in an address: {old}", "welcome", "https://cdn.example.com/a.jpg", f"https://cdn.example.com/«{old}».jpg", code, "write {{ plan }}", (f"https://cdn.example.com/{old}.jpg", '"https://cdn.example.com/{{ plan }}.jpg"'))
        for old, code in (("{plan}", "foreign-placeholder"), ("%plan%", "foreign-placeholder"), ("[plan]", "likely-placeholder"), ("<plan>", "likely-placeholder"), ("{!plan}", "foreign-placeholder"))
    ),
    *(
        Mistake(f"a placeholder of other programs: {old}", "welcome", "Hello {{ name }}!", f"Hello {{{{ name }}}}, «{old}»!", code, "write {{ plan }}", (old, "{{ plan }}"))
        for old, code in (("%(plan)s", "foreign-placeholder"), ("{!plan}", "foreign-placeholder"), ("%%plan%%", "foreign-placeholder"), ("{@plan}", "foreign-placeholder"))
    ),
    *(
        Mistake(f"quotes of other scripts: {old}", "welcome", "Hello {{ name }}!", f"Hello {{{{ name or «{old[0]}»{old[1:]} }}}}!", "expression-syntax", "write 'you'", (old, "'you'"))
        for old in ("‹you›", "「you」", "『you』", "＂you＂", "＇you＇")
    ),
    *(
        Mistake(f"Meta's form with an expression: {old}", "welcome", '    message: "Hello {{ name }}!"\n', f"    message: {{message_type: text, «text»: {{body: {old}}}}}\n", "unknown-field", f'write content: {old} instead', (f"text: {{body: {old}}}", f"content: {old}"))
        for old in ('"Hello {{ name }}!"', '"{{ name }}"')
    ),
    Mistake("an item of a list in other braces", "onboarding", "steps:\n", 'steps:\n  - for_each: part\n    in: [One, Two]\n    steps: [{message: "«{part}» of {{ loop.length }}"}]\n', "foreign-placeholder", "write {{ part }}", ("{part}", "{{ part }}")),
    Mistake("a value of an included file in other braces", "ask", 'with: {who: "{{ name }}"}', 'with: {who: "«{name}»"}', "foreign-placeholder", "write {{ name }}", ('"{name}"', '"{{ name }}"')),
    *(
        Mistake(f"a numbered placeholder of other programs: {old}", "welcome", "Hello {{ name }}!", f"Hello {{{{ name }}}}, «{old}»!", "foreign-placeholder", "write the name of an input, for example {{ name }}", (old, "{{ plan }}"))
        for old in ("{{$1}}", "{{#1}}", "{{ @1 }}", "{{１}}", "{{١}}", "{{ १ }}")
    ),
    # digits and signs of other keyboards
    *(
        Mistake(f"a number in other digits: {old}", "welcome", "visits > 1", f"visits > «{old}»", "expression-syntax", f"write {new}", (old, new))
        for old, new in (("１", "1"), ("１２", "12"), ("١٢", "12"), ("१", "1"))
    ),
    *(
        Mistake(f"a sign of other keyboards: {old}", "welcome", "visits > 1", f"visits «{old}» 1", "expression-syntax", f"write {new}", (old, new))
        for old, new in (("＞", ">"), ("＜", "<"), ("＝", "=="), ("＝＝", "=="), ("！＝", "!="), ("＞＝", ">="))
    ),
    Mistake("a wide = in a set", "welcome", "Hello {{ name }}!", "{% set who «＝» name %}Hello {{ who }}!", "expression-syntax", "write =", ("＝", "=")),
    *(
        Mistake(f"a wide = in brackets of no call: {old}", "welcome", "visits > 1", f"{old}visits «＝» 1)", "expression-syntax", "write ==", ("＝", "=="))
        for old in ("(", "not (", "not(", "plan and(")
    ),
    Mistake("a wide = in brackets", "welcome", "Hello {{ name }}!", "Hello {{ name | default('you', boolean«＝»true) }}!", "expression-syntax", "write =", ("＝", "=")),
    *(
        Mistake(f"a comma of another script: {old}", "welcome", "Hello {{ name }}!", f"Hello {{{{ [name«{old}» plan] | join }}}}!", "expression-syntax", "write ,", (old, ","))
        for old in ("、", "،")
    ),
    Mistake("a curly quote and a straight one", "welcome", "Hello {{ name }}!", "Hello {{ name or «’you'» }}!", "expression-syntax", "write 'you'", ("’you'", "'you'")),
    Mistake("a straight quote and a curly one", "welcome", "Hello {{ name }}!", "Hello {{ name or 'you«’» }}!", "expression-syntax", "write ' for it", ("’", "'")),
    Mistake("a condition in curly quotes", "welcome", 'plan == "pro" and visits > 1', "«“plan == 'pro' and visits > 1”»", "expression-syntax", "remove “ and ”", ("“plan == 'pro' and visits > 1”", "plan == 'pro' and visits > 1")),
    # what always has a value
    Mistake("a default for an item of a list", "ask", '"{{ loop.index }}. {{ word }}"', "\"{{ loop.index }}. {{ word | «default»('you') }}\"", "always-there", "write default('you', true)", ("default('you')", "default('you', true)")),
    Mistake("a default for an item of a loop", "ask", "Shall we start, {{ name }}?", "Shall we, {{ name }}? {% for each in words %}{{ each | «d»('you') }}{% endfor %}", "always-there", "write d('you', true)", ("d('you')", "d('you', true)")),
    Mistake("a comparison with None", "welcome", 'plan == "pro" and', "«name != None» and", "always-there", "write name != ''", ("name != None", "name != ''")),
    Mistake("a comparison with none in braces", "welcome", "{{ name }}!", "{{ 'you' if «name == none» else name }}!", "always-there", "write not name", ("name == none", "not name")),
    # days in the way of other languages
    Mistake("a month of an answer's moment", "ask", "  - for_each: word\n", "  - message: \"Era {{ start.at.«strftime»('%B') if start.answered else 'no' }}\"\n  - for_each: word\n", "english-names", "write start.at | date('%B', 'es')", ("start.at.strftime('%B')", "start.at | date('%B', 'es')")),
    Mistake("a month of a moment in brackets", "welcome", '"Hello {{ name }}!"', "\"Hoy es {{ (now).«strftime»('%B') }}, {{ name }}\"", "english-names", "write | date('%B', 'es') for .strftime('%B')", (".strftime('%B')", " | date('%B', 'es')")),
    Mistake("a month of a day that is text", "welcome", '"Hello {{ name }}!"', "\"Hoy es {{ name.«strftime»('%d de %B') }}\"", "unknown-name", "write name | date('%d de %B', 'es')", ("{{ name.strftime('%d de %B') }}", "{{ name }} {{ now | date('%d de %B', 'es') }}")),
    *(
        Mistake(f"how JavaScript writes a day: {old}", "welcome", '"Hello {{ name }}!"', f"\"Hello {{{{ name }}}}! {{{{ now.«{old}»('x') }}}}\"", "unknown-name", "write now | date('%d/%m/%Y')", (f"now.{old}('x')", "now | date('%d/%m/%Y')"))
        for old in ("format", "toLocaleDateString", "toDateString")
    ),
    *(
        Mistake(f"the time in other languages: {old}", "welcome", '"Hello {{ name }}!"', f"\"Hello {{{{ name }}}}! {{{{ «{name}»{old.removeprefix(name)} | date('%d/%m') }}}}\"", "unknown-name", hint, (old, "now"))
        for old, name, hint in (("Date.now()", "Date", "write now"), ("datetime.now()", "datetime", "write now"), ("date.today()", "date", "write now"), ("now()", "now", "remove the brackets"))
    ),
    Mistake("new Date()", "welcome", '"Hello {{ name }}!"', "\"Hello {{ name }}! {{ «new Date()» | date('%d/%m') }}\"", "expression-syntax", "write now", ("new Date()", "now")),
    Mistake("Math.round()", "welcome", '"Hello {{ name }}!"', '"Hello {{ name }}! {{ «Math».round(visits / 2) }}"', "unknown-name", "write (visits / 2) | round", ("Math.round(visits / 2)", "(visits / 2) | round")),
    *(
        Mistake(f"a duration in another language: {old}", "welcome", "- pause: 2s", f"- pause: «{old}»", "bad-pause", f"write {new}", (old, new))
        for old, new in (("2 heures", "2h"), ("5 Minuten", "5m"), ("2秒", "2s"), ("５分", "5m"), ("3 मिनट", "3m"), ("2 ساعات", "2h"), ("2 часа", "2h"))
    ),
    # files and cards
    Mistake("a document that a program gives", "notice", 'media_url: https://cdn.example.com/i.pdf\n      filename: "{{ invoice }}.pdf"\n', 'media_url: «https://cdn.example.com/get.php?id=1»\n      caption: "{{ invoice }}"\n', "no-file-name", "add filename, for example: filename: prices.pdf", ("get.php?id=1\n", "get.php?id=1\n      filename: prices.pdf\n")),
    Mistake("a card's wa_id misspelt", "notice", 'wa_id: "5215512345678"\n', '«waid»: "5215512345678"\n', "unknown-field", "did you mean wa_id?", "word"),
    Mistake("a card's wa_id of one country", "notice", 'wa_id: "5215512345678"\n', 'wa_id: «"(55) 1234-5678"»\n', "wa-id-not-digits", "write the number with its country code, digits only: 5215512345678", ('"(55) 1234-5678"', '"5215512345678"')),
    Mistake("a file included without a value that it needs", "ask", '  - include: bye.yaml\n    with: {who: "{{ name }}"}\n', "  - include: «bye.yaml»\n", "missing-variable", "add it, for example with: {who: Ana}", ("include: bye.yaml\n", "include: bye.yaml\n    with: {who: Ana}\n")),
    Mistake("an address over two lines", "welcome", "media_url: https://cdn.example.com/a.jpg\n", "media_url: «https://cdn.example.com/»\n        a.jpg\n", "bad-format", "write it on one line, with no space: https://cdn.example.com/a.jpg", ("https://cdn.example.com/\n        a.jpg", "https://cdn.example.com/a.jpg")),
    Mistake("an address with the line break of >", "welcome", "media_url: https://cdn.example.com/a.jpg\n", "media_url: «>»\n        https://cdn.example.com/a.jpg\n", "bad-format", "remove the line break at the end: write |- for |, or >- for >", (">\n        https", ">-\n        https")),
    Mistake("an address that begins twice, at first without s", "welcome", "media_url: https://cdn", "media_url: «http://https://cdn»", "unusual-address", "write https:// for http://https://", ("http://https://", "https://")),
    Mistake("an address that begins twice", "welcome", "media_url: https://cdn", "media_url: «https://https://cdn»", "unusual-address", "write https:// for https://https://", ("https://https://", "https://")),
    Mistake("an address with an expression that begins twice", "welcome", "media_url: https://cdn.example.com/a.jpg", "media_url: «https://https://cdn.example.com/{{ name }}.jpg»", "unusual-address", "write https:// for https://https://", ("https://https://", "https://")),
    Mistake("an address in another script", "welcome", "https://cdn.example.com/a.jpg", "https://cdn.example.com/«請求書»/a%20é.jpg", "unusual-address", "write %E8%AB%8B%E6%B1%82%E6%9B%B8 for 請求書 and %C3%A9 for é", ("請求書/a%20é", "%E8%AB%8B%E6%B1%82%E6%9B%B8/a%20%C3%A9")),
    Mistake("a filter that is right, and one that is not", "welcome", "Hello {{ name }}!", "{{ visits | number(2, 'es') }} | number: {{ visits | «number»('2', 'es') }} {{ visits | number(1, 'es') }}", "expression-failed", "write a number from 0 to 20, without quotes", ("number('2'", "number(2")),
    Mistake("a language that is none, after one", "welcome", "Hello {{ name }}!", "{{ (now | date('long', 'es')) | upper }}{{ now | «date»('long', 'xx') }}", "expression-failed", "write a code such as 'es', 'en' or 'pt_BR'", ("'xx'", "'es'")),
    Mistake("a pattern that stands in the text, too", "welcome", "Hello {{ name }}!", "DD/MM: {{ now | date('«DD/MM»') }}", "date-pattern", "write %d/%m", ("'DD/MM'", "'%d/%m'")),
    # a clock
    *(
        Mistake(f"a flow's own clock: {key} {value}", "welcome", 'steps:\n  - id: hello\n    message: "Hello {{ name }}!"\n', f'  timezone: {{type: string, {key}: «{value}»}}\nsteps:\n  - id: hello\n    message: "Hello {{{{ name }}}}! {{{{ now | time(\'short\', \'es\') }}}}"\n', "unknown-time-zone", hint, (value, "America/Mexico_City"))
        for key, value, hint in (("default", "GMT+2", "write a name like America/Mexico_City"), ("example", "CST", "write a name like America/Mexico_City"), ("default", "america/mexico city", "did you mean America/Mexico_City?"))
    ),
    # days
    *(
        Mistake(f"a day of birth in other words: {day}", "notice", "          first_name: Ana\n", f"          first_name: Ana\n          birthday: «{day}»\n", "bad-format", "write 1990-05-17", (day, "1990-05-17"))
        for day in ("17/05/1990", "May 17, 1990", "17.5.1990", "19900517", "17 de mayo de 1990")
    ),
    *(
        Mistake(f"a day in words: {day}", "welcome", "default: 3}\n", f"default: 3}}\n  day: {{type: string, format: date, default: «{day}»}}\n", "bad-format", "write 2026-11-26", (f"  day: {{type: string, format: date, default: {day}}}\nsteps:\n", '  day: {type: string, format: date, default: 2026-11-26}\nsteps:\n  - message: "{{ day }}"\n'))
        for day in ("26 November 2026", '"Nov 26, 2026"', '"Thursday, November 26, 2026"', "26-Nov-26", "26. November 2026", "26 de noviembre de 2026", "26 novembre 2026", "26 listopada 2026", "26 ноября 2026", "2026年11月26日", "26/11/2026")
    ),
]  # fmt: skip
