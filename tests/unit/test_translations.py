"""Flows in several languages: how their translations are read, and held against them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowrunner.app.reviewing.check import check
from flowrunner.audience import read_audience
from flowrunner.engine import Prepared, moment
from flowrunner.engine.values.inputs import given_text
from flowrunner.flow import Loaded, find_flows, load_bundle, load_file, load_text
from flowrunner.flow.steps import walk_flow
from flowrunner.flow.translations.files import flow_of
from flowrunner.flow.translations.schema import translation_schema
from flowrunner.model import EXAMPLE_RECIPIENT, MessageStep, Recipient
from flowrunner.source import read as read_yaml
from flowrunner.spec import schema_text

FLOW = """\
name: demo
languages: [en, es]
inputs:
  name: {type: string, example: Ana}
steps:
  - id: hello
    message: "Good morning, {{ name }}!"
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Shall we start, {{ name }}?"
      footer_text: "{{ name }}"
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
  - id: menu
    message:
      message_type: interactive
      interactive_type: list
      body_text: Choose one
      list_button_text: Open
      sections:
        - title: Plans
          rows: [{id: free, title: Free, description: Costs nothing}, {id: pro, title: Pro}]
        - rows: [{id: help, title: Help}]
          title: Other
  - id: photo
    message: {message_type: image, media_url: "https://cdn.example.com/en.jpg"}
  - pause: 2s
"""
SPANISH = """\
hello: "¡Buenos días, {{ name }}!"
start:
  body_text: "¿Empezamos, {{ name }}?"
  buttons: {now: Empezar, later: {title: Luego}}
menu:
  body_text: Elige una
  list_button_text: Abrir
  sections:
    - title: Planes
      rows: {free: {title: Gratis, description: No cuesta nada}, pro: Profesional}
    - title: Otros
      rows: {help: Ayuda}
"""


def read(flow: str = FLOW, **translations: str) -> Loaded:
    """A flow with its translations, by their codes."""
    return load_text(flow, "demo.yaml", {f"demo.{code}.yaml": text for code, text in translations.items()})


def said(loaded: Loaded) -> list[tuple[str, str]]:
    """Where each problem is, and its code."""
    return [
        (f"{each.location.path}:{each.location.line}:{each.location.column}", each.code) for each in loaded.diagnostics
    ]


def bodies(loaded: Loaded, language: str = "", whom: Recipient = EXAMPLE_RECIPIENT, **values: str) -> list[Any]:
    """The messages that somebody gets."""
    given = {name: given_text(name, text) for name, text in values.items()}
    given.update({"language": given_text("language", language)} if language else {})
    rendering, found = Prepared(loaded).render(whom, given, moment(0.0), examples=True)
    assert rendering is not None, found
    return [message.body for message in rendering.messages]


def test_a_translation_gives_the_texts_and_nothing_else() -> None:
    """What is not a text is the same in every language; the flow's own language is as it always was."""
    loaded = read(es=SPANISH)
    assert said(loaded) == []
    hello, start, menu, photo = bodies(loaded, "es")
    assert hello == {"message_type": "text", "content": "¡Buenos días, Ana!"}
    assert start["body_text"] == "¿Empezamos, Ana?"
    assert start["buttons"] == [{"id": "now", "title": "Empezar"}, {"id": "later", "title": "Luego"}]
    assert [each["title"] for each in menu["sections"]] == ["Planes", "Otros"]
    assert menu["sections"][0]["rows"][0] == {"id": "free", "title": "Gratis", "description": "No cuesta nada"}
    assert photo == bodies(loaded, "en")[3]
    plain = load_text(FLOW.replace("languages: [en, es]\n", ""), "demo.yaml")
    assert bodies(loaded, "en") == bodies(plain)


@pytest.mark.parametrize(
    ("given", "phone", "language"),
    [
        ("", "", "en"), ("", "+525512345678", "es"), ("", "+14155552671", "en"), ("", "+4915112345678", "en"),
        ("es", "+14155552671", "es"), ("es-MX", "", "es"), ("ES", "", "es"), ("en_GB", "+525512345678", "en"),
    ],
)  # fmt: skip
def test_who_reads_which_language(given: str, phone: str, language: str) -> None:
    """What is given, else the phone's country, else the flow's own."""
    hello = {"en": "Good morning, Ana!", "es": "¡Buenos días, Ana!"}[language]
    assert bodies(read(es=SPANISH), given, Recipient("c", phone))[0]["content"] == hello


def test_the_default_may_be_another_language_than_the_flows_own() -> None:
    """Where the input is declared."""
    flow = FLOW.replace("inputs:\n", "inputs:\n  language: {enum: [en, es], default: es}\n")
    loaded = read(flow, es=SPANISH)
    assert said(loaded) == []
    assert bodies(loaded, whom=Recipient("c", "+4915112345678"))[0]["content"] == "¡Buenos días, Ana!"
    assert bodies(loaded, whom=Recipient("c", "+14155552671"))[0]["content"] == "Good morning, Ana!"


def test_the_language_is_a_variable_of_the_run() -> None:
    """It is kept as every other, so that `resume` renders the same; and conditions may ask for it."""
    flow = FLOW + "  - {id: bye, when: language == 'es', message: Bye}\n"
    loaded = read(flow, es=SPANISH + "bye: Adiós\n")
    assert said(loaded) == []
    rendering, _ = Prepared(loaded).render(
        Recipient("c", "+525512345678"), {"name": given_text("name", "Eva")}, moment(0.0)
    )
    assert rendering is not None
    assert {each.name: (each.value, each.origin) for each in rendering.variables}["language"] == ("es", "phone")
    assert rendering.messages[-1].body["content"] == "Adiós"


def test_a_language_that_the_flow_does_not_have_is_refused() -> None:
    """With the languages it has."""
    rendering, [problem] = Prepared(read(es=SPANISH)).render(
        Recipient("c"), {"name": given_text("name", "Ana"), "language": given_text("language", "de")}, moment(0.0)
    )
    assert rendering is None
    assert problem.code == "bad-variable"
    assert problem.hint == "write en or es"


CASES: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    ("a step without its text", 'hello: "¡Buenos días, {{ name }}!"\n', "", [("1:1", "missing-text")]),
    ("a step that there is not", "", "bye: Adiós\n", [("13:1", "unknown-text")]),
    (
        "texts beside their step",
        '  body_text: "¿Empezamos, {{ name }}?"\n  buttons: {now',
        'body_text: "¿Empezamos, {{ name }}?"\nbuttons: {now',
        [("3:1", "unknown-text")],
    ),
    ("a step of another name", "hello:", "helo:", [("1:1", "unknown-text")]),
    ("a button of another id", "now: Empezar", "nwo: Empezar", [("4:13", "unknown-text")]),
    ("a button by its title", "now: Empezar", "Empezar: Empezar", [("4:13", "unknown-text")]),
    ("a placeholder in Spanish", "{{ name }}!", "{{ nombre }}!", [("1:26", "unknown-name")]),
    ("a placeholder of another program in its place", "{{ name }}!", "{name}!", [("1:23", "foreign-placeholder")]),
    ("a button too few", "now: Empezar, ", "", [("4:3", "missing-text")]),
    ("a row too many", "help: Ayuda", "help: Ayuda, faq: Dudas", [("12:27", "unknown-text")]),
    ("an id for a text", "later: {title: Luego}", "later: {id: x, title: Luego}", [("4:35", "unknown-text")]),
    ("a section too few", "    - title: Otros\n      rows: {help: Ayuda}\n", "", [("8:3", "missing-text")]),
    ("a section too many", "{help: Ayuda}\n", "{help: Ayuda}\n    - title: Más\n", [("13:7", "unknown-text")]),
    ("a description too few", ", description: No cuesta nada", "", [("10:14", "missing-text")]),
    ("nothing", '"¡Buenos días, {{ name }}!"', "", [("1:7", "missing-text")]),
    ("a blank", '"¡Buenos días, {{ name }}!"', '" "', [("1:8", "missing-text")]),
    ("an object for a text", "body_text: Elige una", "body_text: {a: b}", [("6:14", "wrong-type")]),
    ("a text for an object", "{now: Empezar, later: {title: Luego}}", "Empezar", [("4:12", "wrong-type")]),
    ("a list for an object", "{now: Empezar, later: {title: Luego}}", "[Empezar, Luego]", [("4:12", "wrong-type")]),
    ("an object for a list", "rows: {help: Ayuda}", "rows: [Ayuda]", [("12:13", "wrong-type")]),
    ("a placeholder too few", '"¡Buenos días, {{ name }}!"', "Buenos días", [("1:8", "placeholder-differs")]),
    ("a placeholder too many", "Elige una", '"Elige una, {{ name }}"', [("6:29", "placeholder-differs")]),
    ("a placeholder that nobody knows", "Elige una", '"Elige una, {{ nam }}"', [("6:29", "unknown-name")]),
    ("a text that is too long", "now: Empezar", "now: Empezar ahora mismo todo", [("4:18", "too-long")]),
    ("two buttons of one title", "{title: Luego}", "Empezar", [("4:34", "duplicate-value")]),
    ("a text that was not translated", '"¡Buenos días, {{ name }}!"', '"Good morning, {{ name }}!"', []),
    ("a key that is there twice", "hello:", 'hello: "Hola {{ name }}"\nhello:', [("2:1", "duplicate-key")]),
    ("a broken expression", "Elige una", '"Elige {{ name"', [("6:21", "expression-syntax")]),
    ("a placeholder of another program", "Elige una", '"Elige una, {name}"', [("6:26", "foreign-placeholder")]),
    ("a month in English", "Elige una", "\"Elige en {{ now.strftime('%B') }}\"",
     [("6:27", "placeholder-differs"), ("6:31", "english-names")]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "problems"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_wrong_with_a_translation_is_said_at_its_place(
    old: str, new: str, problems: list[tuple[str, str]]
) -> None:
    """In the translation's own file, each mistake once."""
    text = SPANISH.replace(old, new, 1) if old else SPANISH + new
    assert text != SPANISH
    found = read(es=text)
    wanted = [(f"demo.es.yaml:{place}", code) for place, code in problems]
    assert sorted(said(found)) == sorted(wanted), [each.message for each in found.diagnostics]
    assert all(each.hint for each in found.diagnostics)


def test_a_step_with_a_text_needs_an_id() -> None:
    """One without a text does not."""
    flow = "name: demo\nlanguages: [en, es]\nsteps:\n  - message: Hello\n  - message: '👋'\n  - pause: 1s\n"
    assert said(read(flow, es="{}")) == [("demo.yaml:4:5", "text-needs-id")]
    [problem] = read(flow, es="{}").diagnostics
    assert problem.hint == "give it an id, for example: id: step_1"
    assert said(read(flow.replace("- message: Hello", "- id: step_1\n    message: Hello"), es="step_1: Hola")) == []


def test_what_no_one_reads_need_not_be_translated_and_may_be() -> None:
    """Pictures, addresses and templates of a language of its own; names, numbers and emoji are the same for all."""
    loaded = read(es=SPANISH + "photo: {media_url: 'https://cdn.example.com/es.jpg'}\n")
    assert said(loaded) == []
    assert bodies(loaded, "es")[3]["media_url"] == "https://cdn.example.com/es.jpg"
    assert bodies(loaded, "en")[3]["media_url"] == "https://cdn.example.com/en.jpg"
    wrong = read(es=SPANISH + "photo: {media_url: 'ftp://cdn.example.com/es.jpg'}\n")
    assert said(wrong) == [("demo.es.yaml:13:20", "bad-format")]


TEMPLATE = """\
name: demo
languages: [en, es]
steps:
  - id: order
    message: {message_type: template, template_name: order_update, template_params: [Monday]}
"""


@pytest.mark.parametrize(
    ("spanish", "named", "params"),
    [
        ("order: {template_params: [lunes]}", ("order_update", "es"), ["lunes"]),
        ("order: {template_language: es_MX, template_params: [lunes]}", ("order_update", "es_MX"), ["lunes"]),
        ("order: {template_name: pedido, template_params: [lunes]}", ("pedido", "es"), ["lunes"]),
    ],
)
def test_the_language_of_a_template_follows_the_persons(
    spanish: str, named: tuple[str, str], params: list[str]
) -> None:
    """Where the flow names none; a translation may name the one under which it is approved."""
    loaded = read(TEMPLATE, es=spanish)
    assert said(loaded) == []
    [english], [other] = bodies(loaded, "en"), bodies(loaded, "es")
    assert (english["template_name"], english["template_language"]) == ("order_update", "en")
    assert (other["template_name"], other["template_language"]) == named
    assert other["template_params"] == params


def test_a_template_with_a_language_keeps_it() -> None:
    """As it was before flows had languages."""
    flow = TEMPLATE.replace("order_update,", "order_update, template_language: en_US,")
    assert bodies(read(flow, es="order: {template_params: [lunes]}"), "es")[0]["template_language"] == "en_US"
    alone = TEMPLATE.replace("[en, es]", "[pt_BR]")
    assert bodies(read(alone))[0]["template_language"] == "pt_BR"


def test_a_template_is_to_be_approved_in_each_language(tmp_path: Path) -> None:
    """As templates.json has it; where it is approved under another code, a translation says so."""
    (tmp_path / "demo.yaml").write_text(TEMPLATE.replace(", template_params: [Monday]", ""), encoding="utf-8")
    approved = {"name": "order_update", "status": "APPROVED", "category": "UTILITY"}
    body = [{"type": "BODY", "text": "It comes"}]
    known = [{**approved, "language": code, "components": body} for code in ("en", "es_MX")]
    (tmp_path / "templates.json").write_text(json.dumps({"version": 1, "templates": known}), encoding="utf-8")
    (tmp_path / "demo.es.yaml").write_text("{}", encoding="utf-8")
    [problem] = load_file(tmp_path / "demo.yaml").diagnostics
    assert problem.code == "unknown-template"
    assert problem.message.startswith("es: order_update has no translation es")
    (tmp_path / "demo.es.yaml").write_text("order: {template_language: es_MX}", encoding="utf-8")
    assert load_file(tmp_path / "demo.yaml").diagnostics == ()


def test_a_column_that_is_called_otherwise_is_offered_for_the_language(tmp_path: Path) -> None:
    """In an audience; it is not taken for it without being told."""
    loaded = read(es=SPANISH)
    assert loaded.flow is not None
    (tmp_path / "people.csv").write_text("phone,name,Idioma\n+525512345678,Ana,en\n", encoding="utf-8")
    audience, _ = read_audience(tmp_path / "people.csv", inputs=loaded.flow.inputs)
    assert audience is not None
    with audience:
        [row] = audience
        assert "language" not in row.values
        [warning] = audience.warnings
    assert warning.hint == 'did you mean language? Rename it, or pass --map language="Idioma"'


def test_a_bundle_has_the_translations_and_gives_the_same_messages() -> None:
    """What a run keeps of its flow is all of it: no file is needed to go on."""
    loaded = read(es=SPANISH)
    assert loaded.flow is not None
    assert [*loaded.flow.bundle.files] == ["demo.yaml", "demo.es.yaml"]
    again = load_bundle(loaded.flow.bundle)
    assert bodies(again, "es") == bodies(loaded, "es")
    assert again.flow is not None
    assert again.flow.bundle.digest == loaded.flow.bundle.digest
    other = read(es=SPANISH.replace("Elige una", "Escoge una"))
    assert other.flow is not None
    assert other.flow.bundle.digest != loaded.flow.bundle.digest


def written(folder: Path, **files: str) -> None:
    """Files, by their names with _ for dots."""
    for name, text in files.items():
        (folder / f"{name.replace('_', '.')}.yaml").write_text(text)


def test_the_file_of_a_translation_is_no_flow(tmp_path: Path) -> None:
    """It is read with its flow, whichever of the two is named; alone it is nothing."""
    written(tmp_path, demo=FLOW, demo_es=SPANISH, demo_fr="hello: Bonjour\n")
    demo = tmp_path / "demo.yaml"
    assert find_flows([tmp_path]) == ([tmp_path / "demo.fr.yaml", demo], [])  # the flow is in no French
    assert find_flows([tmp_path / "demo.es.yaml", demo]) == ([demo], [])
    assert flow_of(tmp_path / "demo.es.yaml") == demo
    assert flow_of(tmp_path / "demo.xx.yaml") is None
    [problem] = load_file(tmp_path / "demo.es.yaml").diagnostics
    assert (problem.code, problem.hint) == ("is-translation", f"name {demo}")
    assert said(load_file(demo)) == []


def test_a_translation_may_end_otherwise_than_its_flow(tmp_path: Path) -> None:
    """.yml and .yaml are both YAML."""
    (tmp_path / "demo.yml").write_text(FLOW)
    (tmp_path / "demo.es.yaml").write_text(SPANISH)
    loaded = load_file(tmp_path / "demo.yml")
    assert loaded.diagnostics == ()
    assert loaded.flow is not None
    assert [*loaded.flow.bundle.others] == ["demo.es.yaml"]


def test_a_language_without_a_file_is_said_where_the_flow_names_it() -> None:
    """With what to do."""
    [problem] = read().diagnostics
    assert (str(problem.location), problem.code) == ("demo.yaml:2:17", "missing-translation")
    assert problem.hint.startswith("write demo.es.yaml,")


@pytest.mark.parametrize(
    "name", ["demo.pt-BR.yaml", "demo.pt_br.yaml", "demo.pt.yaml", "Demo.pt_BR.yml", "demo.pt_BR.yaml.txt"]
)
def test_a_file_that_is_nearly_called_so_is_to_be_renamed(tmp_path: Path, name: str) -> None:
    """And is then the translation; another language's own file is none."""
    (tmp_path / "demo.yaml").write_text(FLOW.replace("[en, es]", "[en, pt_BR]"))
    (tmp_path / name).write_text(SPANISH)
    [problem] = load_file(tmp_path / "demo.yaml").diagnostics
    assert (problem.code, problem.hint) == ("missing-translation", f"rename {name} to demo.pt_BR.yaml")
    (tmp_path / name).rename(tmp_path / "demo.pt_BR.yaml")
    assert load_file(tmp_path / "demo.yaml").diagnostics == ()


@pytest.mark.parametrize(
    ("languages", "there", "missing"), [("es, es_MX", "es", "es_MX"), ("fil", "fi", "fil"), ("zh_HK", "zh_TW", "zh_HK")]
)
def test_the_file_of_another_language_is_not_renamed(tmp_path: Path, languages: str, there: str, missing: str) -> None:
    """The flow has both, or their codes only begin alike."""
    (tmp_path / "demo.yaml").write_text(FLOW.replace("[en, es]", f"[en, {languages}]"))
    (tmp_path / f"demo.{there}.yaml").write_text(SPANISH)
    [problem] = load_file(tmp_path / "demo.yaml").diagnostics
    assert problem.hint.startswith(f"write demo.{missing}.yaml,")


HOSTILE = {
    "not YAML": b"hello: [\n",
    "not UTF-8": b"hello: caf\xe9\n",
    "UTF-16": "hello: Hola".encode("utf-16"),
    "empty": b"",
    "a comment": b"# later\n",
    "null": b"null\n",
    "a list": b"- hello\n",
    "a text": b"hello\n",
    "a number": b"5\n",
    "huge": b"hello: " + b"x" * (1 << 20),
    "deep": b"hello: " + b"[" * 70 + b"]" * 70,
    "two documents": b"hello: Hola\n---\nhello: Hola\n",
    "a tag": b"hello: !!python/object:os.system ls\n",
    "laughs": "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10 if before else ['x'] * 10)}]\n"
        for before, name in zip(["", *"abcdefgh"], "abcdefghi", strict=True)
    ).encode(),
    "itself": b"hello: &a [*a]\n",
    "other keys": b"1: a\ntrue: b\n? [x]\n: c\n",
    "wrong types": b"hello: {a: {b: [1, 2, {c: d}]}}\nstart: [1, [2]]\nmenu: {sections: {0: 1}}\n",
    "a control character": b"hello: 'a\x07b'\n",
    "half a character": b'hello: "\\ud800"\n',
    "a folder": None,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_translation_is_refused_at_its_place(tmp_path: Path, content: bytes | None) -> None:
    """As a flow would be; nothing is raised, and all that is said is of the translation."""
    written(tmp_path, demo=FLOW)
    path = tmp_path / "demo.es.yaml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    loaded = load_file(tmp_path / "demo.yaml")
    assert loaded.flow is None
    assert {each.location.path for each in loaded.diagnostics} == {str(path)}
    assert any(each.is_error for each in loaded.diagnostics)


TEXTLESS = "write {}only {{}}: no step of the flow has a text of its own{}"


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (None, TEXTLESS.format("f.es.yaml, in it ", "; or remove es")),
        ("", TEXTLESS.format("in it ", "")),
        ("hello: Hola\n", "remove it"),
        ("- hello\n", TEXTLESS.format("in it ", "")),
        ("steps: [{message: Hola}]\n", TEXTLESS.format("in it ", "")),
        ("{}\n", None),
    ],
)
def test_a_flow_without_a_text_of_its_own_has_nothing_to_translate(
    tmp_path: Path, content: str | None, hint: str | None
) -> None:
    """What is to be written then is said; it was a traceback where a translation had something."""
    flow = (
        "name: f\nlanguages: [en, es]\nsteps:\n  - {message: {message_type: image, media_url: https://e.org/a.jpg}}\n"
    )
    (tmp_path / "f.yaml").write_text(flow, encoding="utf-8")
    if content is not None:
        (tmp_path / "f.es.yaml").write_text(content, encoding="utf-8")
    found = load_file(tmp_path / "f.yaml").diagnostics
    assert [each.hint for each in found if each.is_error] == ([] if hint is None else [hint])


def test_a_link_to_somewhere_else_is_not_read(tmp_path: Path) -> None:
    """What is there is nobody's business, and would be quoted."""
    flows = tmp_path / "flows"
    flows.mkdir()
    written(flows, demo=FLOW)
    (tmp_path / "secret").write_text("a secret of somebody\n", "utf-8")
    (flows / "demo.es.yaml").symlink_to(tmp_path / "secret")
    loaded = load_file(flows / "demo.yaml")
    assert loaded.flow is None
    assert [each.message for each in loaded.diagnostics] == ["the file is a link that leads elsewhere"]


FLOWS_LANGUAGES = [
    ("es", "2:12", "wrong-type", "write languages: [es]"),
    ("Spanish", "2:12", "wrong-type", "write languages: [es]"),
    ("[]", "2:12", "too-few-items", "write codes such as es, en or pt_BR: languages: [es, en]"),
    ("[spanish]", "2:13", "bad-language", "write es"),
    ("[pt-br]", "2:13", "bad-language", "write pt_BR"),
    ("[es, es]", "2:17", "bad-language", "remove one of them"),
    ("[xx]", "2:13", "bad-language", "write codes such as es, en or pt_BR: languages: [es, en]"),
    ("[5]", "2:13", "bad-language", "write codes such as es, en or pt_BR: languages: [es, en]"),
    ("[[es]]", "2:13", "wrong-type", "write codes such as es, en or pt_BR: languages: [es, en]"),
    ("{es: x}", "2:12", "wrong-type", "write codes such as es, en or pt_BR: languages: [es, en]"),
    (f"[{', '.join(['es'] * 31)}]", "2:12", "too-many-items", "remove those that nobody reads"),
]


@pytest.mark.parametrize(("value", "place", "code", "hint"), FLOWS_LANGUAGES)
def test_languages_are_codes(value: str, place: str, code: str, hint: str) -> None:
    """Norwegian is no false."""
    loaded = read(f"name: demo\nlanguages: {value}\nsteps:\n  - {{id: hello, message: Hello}}\n", es="hello: Hola")
    assert (f"demo.yaml:{place}", code) in said(loaded)
    assert hint in [each.hint for each in loaded.diagnostics]
    assert said(read("name: demo\nlanguages: [no]\nsteps:\n  - message: Hei\n")) == []


def test_the_input_language_takes_what_the_flow_is_written_in() -> None:
    """Where its author has declared it."""
    flow = FLOW.replace("inputs:\n", "inputs:\n  language: {enum: [en, fr]}\n")
    assert said(read(flow, es=SPANISH)) == [("demo.yaml:4:3", "bad-language")]
    flow = FLOW.replace("inputs:\n", "inputs:\n  language: {type: string, default: fr}\n")
    assert said(read(flow, es=SPANISH)) == [("demo.yaml:4:37", "bad-language")]
    flow = FLOW.replace("id: hello", "id: language")
    assert said(read(flow, es=SPANISH.replace("hello", "language"))) == [("demo.yaml:6:9", "name-taken")]


def test_a_flow_without_languages_has_no_such_input() -> None:
    """Nor does one in a single language: the variable would be refused as before."""
    for flow in (FLOW.replace("languages: [en, es]\n", ""), FLOW.replace("[en, es]", "[en]")):
        loaded = read(flow)
        assert loaded.flow is not None
        assert "language" not in loaded.flow.inputs


def test_warnings_of_a_translation_can_be_ignored_in_it() -> None:
    """By a comment in its line; one that ignores nothing is said there, too."""
    line = '"¡Buenos días, {{ name }}!"'
    assert said(read(es=SPANISH.replace(line, "Buenos días  # flowrunner: ignore[placeholder-differs]", 1))) == []
    idle = SPANISH.replace("Elige una", "Elige una  # flowrunner: ignore[placeholder-differs]")
    assert said(read(es=idle)) == [("demo.es.yaml:6:46", "idle-ignore")]
    same = SPANISH.replace("Elige una", "Choose one").replace(
        '"¡Buenos días, {{ name }}!"', '"Good morning, {{ name }}!"'
    )
    assert said(read(es=same)) == []  # few words may well be the same
    long = FLOW.replace("Choose one", "Choose the one that you like")
    assert said(read(long, es=SPANISH.replace("Elige una", "Choose the one that you like"))) == [
        ("demo.es.yaml:6:14", "untranslated-text")
    ]


def test_limits_hold_for_the_values_in_each_language() -> None:
    """A text that breaks one with somebody's value is said where it stands, with where the value is from."""
    loaded = read(es=SPANISH.replace("now: Empezar", "now: '{{ name }}'"))
    given = {"name": given_text("name", "Anastasia Nikolaevna Romanova")}
    for language, expected in (("en", []), ("es", [("demo.es.yaml:4:18", "too-long")])):
        rendering, found = Prepared(loaded).render(
            Recipient("c"), {**given, "language": given_text("language", language)}, moment(0.0)
        )
        assert (rendering is None) is bool(expected)
        found = [each for each in found if each.code != "placeholder-differs"]
        assert [(str(each.location), each.code) for each in found] == expected
        assert all(each.message.startswith("es: ") and each.notes for each in found)


def test_each_language_has_its_own_texts() -> None:
    """Each person gets all of theirs, and nothing of another."""
    words = {"en": ("one", "two"), "es": ("uno", "dos"), "pt_BR": ("um", "dois")}
    flow = "name: demo\nlanguages: [en, es, pt_BR]\nsteps:\n"
    flow += "".join(f"  - {{id: s{number}, message: {word}}}\n" for number, word in enumerate(words["en"]))
    loaded = read(flow, **{code: f"s0: {one}\ns1: {two}\n" for code, (one, two) in words.items() if code != "en"})
    for code, texts in words.items():
        assert tuple(body["content"] for body in bodies(loaded, code)) == texts


ASKING = """\
name: demo
languages: [en, es]
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: Shall we start?
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply:
      within: 4h
      remind: {after: 3h, message: Whenever you like}
      answers:
        - button: now
          steps:
            - {id: said, message: Great news}
            - include: parts/bye.yaml
        - button: later
          steps: [{id: said, message: No hurry}]
      otherwise: {again: Please tap one, times: 2, then: [{id: sorry, message: Sorry}, {end: finished}]}
      no_reply: [{id: silent, message: See you}]
  - id: people
    message: How many are you?
    reply:
      within: 10h
      remind:
        - {after: 3h, message: Still there?}
        - {after: 6h, message: {message_type: image, media_url: "https://example.com/a.jpg", caption: Look}}
      no_reply: continue
  - choose:
      - when: people.answered
        steps: [{id: many, message: So many}]
    otherwise: [{id: none, message: Nobody}]
anytime:
  - words: [stop]
    steps: [{id: stopped, message: You are out}]
    end: opted_out
"""
ASKING_ES = """\
start:
  body_text: ¿Empezamos?
  buttons: {now: Empezar, later: Luego}
  remind: Cuando quieras
  again: Toca uno, por favor
said:
  - Buenas noticias
  - Sin prisa
sorry: Perdona
silent: Hasta luego
people:
  content: ¿Cuántos sois?
  remind:
    - ¿Sigues ahí?
    - Mira
many: Cuántos
none: Nadie
stopped: Te hemos borrado
"""
BYE = "name: bye\nlanguages: [en, es]\nsteps:\n  - {id: bye, message: Good bye}\n"


def asking(es: str = ASKING_ES, bye: str = BYE, bye_es: str | None = "bye: Adiós\n", flow: str = ASKING) -> Loaded:
    """A flow that asks and includes, with its translations."""
    others = {"demo.es.yaml": es, "parts/bye.yaml": bye}
    if bye_es is not None:
        others["parts/bye.es.yaml"] = bye_es
    return load_text(flow, "demo.yaml", others)


def contents(loaded: Loaded) -> dict[str, str]:
    """What every message of a flow says, by the address of its step."""
    assert loaded.flow is not None
    messages = {step.address: step.message for step in walk_flow(loaded.flow) if isinstance(step, MessageStep)}
    return {at: str(its.get("content", its.get("body_text", its.get("caption")))) for at, its in messages.items()}


def errors(loaded: Loaded) -> list[tuple[str, str]]:
    """Where each error is, and its code."""
    return [(str(each.location), each.code) for each in loaded.diagnostics if each.is_error]


def test_every_text_of_a_question_is_translated() -> None:
    """Reminders, what is said again, branches, silence, what is said at any time, and what an included file says."""
    loaded = asking()
    assert errors(loaded) == []
    english, spanish = contents(loaded), contents(loaded.translations["es"])
    assert english.keys() == spanish.keys()
    assert {address: (english[address], spanish[address]) for address in english} == {
        "1": ("Shall we start?", "¿Empezamos?"),
        "1.r1": ("Whenever you like", "Cuando quieras"),
        "1.a1.1": ("Great news", "Buenas noticias"),
        "1.a1.2/1": ("Good bye", "Adiós"),
        "1.a2.1": ("No hurry", "Sin prisa"),
        "1.g1": ("Please tap one", "Toca uno, por favor"),
        "1.g2": ("Please tap one", "Toca uno, por favor"),
        "1.o.1": ("Sorry", "Perdona"),
        "1.n.1": ("See you", "Hasta luego"),
        "2": ("How many are you?", "¿Cuántos sois?"),
        "2.r1": ("Still there?", "¿Sigues ahí?"),
        "2.r2": ("Look", "Mira"),
        "3.c1.1": ("So many", "Cuántos"),
        "3.o.1": ("Nobody", "Nadie"),
        "@1.1": ("You are out", "Te hemos borrado"),
    }
    assert loaded.flow is not None
    assert {*loaded.flow.bundle.others} == {"parts/bye.yaml", "demo.es.yaml", "parts/bye.es.yaml"}
    assert contents(load_bundle(loaded.flow.bundle).translations["es"]) == spanish


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("  remind: Cuando quieras\n", "", [("demo.es.yaml:1:1", "missing-text")]),
        ("  again: Toca uno, por favor\n", "", [("demo.es.yaml:1:1", "missing-text")]),
        ("  - Sin prisa\n", "", [("demo.es.yaml:6:1", "missing-text")]),
        ("  - Sin prisa\n", "  - Sin prisa\n  - Más\n", [("demo.es.yaml:9:5", "unknown-text")]),
        ("said:\n  - Buenas noticias\n  - Sin prisa\n", "said: Bien\n", [("demo.es.yaml:6:7", "wrong-type")]),
        ("    - Mira\n", "", [("demo.es.yaml:13:3", "missing-text")]),
        ("many: Cuántos\n", "", [("demo.es.yaml:1:1", "missing-text")]),
        ("stopped: Te hemos borrado", "stoped: Te hemos borrado", [("demo.es.yaml:18:1", "unknown-text")]),
        ("later: Luego", "later: Empezar", [("demo.es.yaml:3:34", "duplicate-value")]),
    ],
)
def test_what_is_wrong_with_a_branch_is_said_at_its_text(old: str, new: str, problems: list[tuple[str, str]]) -> None:
    """By the ids of steps, wherever they stand."""
    assert old in ASKING_ES
    assert errors(asking(ASKING_ES.replace(old, new))) == problems


def test_branches_are_checked_in_each_language(tmp_path: Path) -> None:
    """What fails in one of them alone, in a branch that only an answer leads to."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "bye.yaml").write_text(BYE, encoding="utf-8")
    (tmp_path / "parts" / "bye.es.yaml").write_text("bye: Adiós\n", encoding="utf-8")
    (tmp_path / "demo.yaml").write_text(ASKING, encoding="utf-8")
    fails = ASKING_ES.replace("many: Cuántos", "many: Cuántos {{ 1 // (now.year - now.year) }}")
    (tmp_path / "demo.es.yaml").write_text(fails, encoding="utf-8")
    [problem] = [each for each in check([tmp_path / "demo.yaml"]) if each.is_error]
    assert (problem.code, problem.location.path) == ("expression-failed", str(tmp_path / "demo.es.yaml"))
    assert problem.message.startswith("es: ")


def test_the_same_text_in_two_branches_is_translated_once() -> None:
    """Where two steps have one id and one text."""
    flow = ASKING.replace("No hurry", "Great news")
    loaded = asking(ASKING_ES.replace("\n  - Buenas noticias\n  - Sin prisa", " Bien"), flow=flow)
    assert errors(loaded) == []
    spanish = contents(loaded.translations["es"])
    assert (spanish["1.a1.1"], spanish["1.a2.1"]) == ("Bien", "Bien")


def test_an_included_file_has_translations_of_its_own() -> None:
    """Beside it; it says itself which languages it is in, so that it can be checked alone."""
    assert errors(asking(bye_es=None)) == [("parts/bye.yaml:2:17", "missing-translation")]
    assert errors(asking(bye_es="by: Adiós\n")) == [("parts/bye.es.yaml:1:1", "unknown-text")]
    for own in ("", "languages: [en]\n", "languages: [es, en]\n"):
        [problem] = [
            each for each in asking(bye=BYE.replace("languages: [en, es]\n", own)).diagnostics if each.is_error
        ]
        assert (problem.location.path, problem.code) == ("parts/bye.yaml", "missing-translation")
        assert problem.hint.startswith("write languages: [en, es]")
    silent = "name: bye\nsteps:\n  - pause: 1s\n"
    assert errors(asking(bye=silent, bye_es=None)) == []


GENERAL = json.loads(schema_text("translation"))
SCHEMA_FLOWS = {"buttons and rows": (FLOW, SPANISH), "questions": (ASKING, ASKING_ES), "a template": (
    TEMPLATE, "order: {template_language: es_MX, template_params: [lunes]}"
)}  # fmt: skip


@pytest.mark.parametrize(("flow", "text"), SCHEMA_FLOWS.values(), ids=SCHEMA_FLOWS.keys())
def test_an_editor_accepts_what_is_right_and_knows_every_text(tmp_path: Path, flow: str, text: str) -> None:
    """The schema of all translations, and that of one flow's."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "bye.yaml").write_text(BYE, encoding="utf-8")
    (tmp_path / "demo.yaml").write_text(flow, encoding="utf-8")
    document, _ = read_yaml(text, "demo.es.yaml")
    assert document is not None
    validator = Draft202012Validator
    assert [*validator(GENERAL).iter_errors(document.data)] == []
    own, problems = translation_schema(tmp_path / "demo.yaml")
    assert own is not None
    assert problems == []
    validator.check_schema(own)
    assert [*validator(own).iter_errors(document.data)] == []
    for name in document.data:
        less = {key: value for key, value in document.data.items() if key != name}
        assert [*validator(own).iter_errors(less)], name
        assert [*validator(own).iter_errors({**less, f"{name}x": document.data[name]})], name


def test_an_editor_shows_the_flow_s_own_text_and_its_limit(tmp_path: Path) -> None:
    """Where somebody translates it."""
    (tmp_path / "demo.yaml").write_text(FLOW, encoding="utf-8")
    own, _ = translation_schema(tmp_path / "demo.yaml")
    assert own is not None
    title = own["properties"]["start"]["properties"]["buttons"]["properties"]["now"]["anyOf"][0]
    assert title["description"] == "Start"
    assert title["anyOf"][0] == {"maxLength": 20}


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty-file"), ("name: x\nsteps: [{message: }]\n", "wrong-type"), ("name: [", "yaml-syntax"),
     ("name: x\nlanguages: [en, es]\nsteps: [{message: Hi}]\n", "text-needs-id")],
)  # fmt: skip
def test_the_schema_of_a_wrong_flow_is_not_made(tmp_path: Path, text: str, code: str) -> None:
    """What is wrong with it is said instead."""
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    own, problems = translation_schema(tmp_path / "demo.yaml")
    assert own is None
    assert [each.code for each in problems] == [code]
    assert translation_schema(tmp_path / "nosuch.yaml")[1][0].code == "unreadable"


RENAMED = [
    ("now: Empezar", "Empezar: Empezar", "did you mean now?", ("Empezar: Empezar", "now: Empezar")),
    ("{{ name }}!", "{{ nombre }}!", "did you mean name?", ("nombre", "name")),
    ("body_text: Elige", "text: Elige", "did you mean body_text?", ("  text: Elige", "  body_text: Elige")),
]


@pytest.mark.parametrize(("old", "new", "hint", "mended"), RENAMED, ids=[each[1] for each in RENAMED])
def test_what_has_another_name_is_not_missing_too(old: str, new: str, hint: str, mended: tuple[str, str]) -> None:
    """One problem, whose remedy mends it."""
    wrong = SPANISH.replace(old, new, 1)
    (found,) = read(es=wrong).diagnostics
    assert found.hint == hint
    assert said(read(es=wrong.replace(*mended, 1))) == []


def test_a_translation_within_one_more_object_is_told_so() -> None:
    """Where nothing else is wrong, what stands in it is not missing."""
    (found,) = read(es="es:\n" + "".join(f"  {line}\n" for line in SPANISH.splitlines())).diagnostics
    assert (found.code, found.location.line) == ("unknown-text", 1)
    assert found.hint.startswith("remove this line, and move what is below it to the left")


def test_a_copy_of_the_flow_is_no_translation_and_that_is_one_problem() -> None:
    """Not one for each text that it lacks."""
    loaded = read(es="name: demo\nsteps:\n  - id: hello\n    message: Hola\n")
    [problem] = [each for each in loaded.diagnostics if each.is_error]
    assert (str(problem.location), problem.code) == ("demo.es.yaml:2:1", "wrong-type")
    assert problem.hint.startswith("write the ids of the steps, each with its text: hello:")
