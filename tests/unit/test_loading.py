"""Loading: every mistake of a file in one run, each once, at its place."""

from pathlib import Path

import pytest

from flowrunner.flow import Loaded, find_flows, load_file, load_text

INPUTS = """name: t
inputs:
  name: {type: string, default: Ana}
  n: {type: number, default: 1}
  all: {type: array, default: [a]}
steps:
"""


def errors(loaded: Loaded) -> list[str]:
    found = [each for each in loaded.diagnostics if each.is_error]
    for each in found:
        assert each.message
        assert each.hint, each.code
        for word in ("NoneType", "'str'", "dict", "Traceback", "jsonschema", "$", "properties/"):
            assert word not in each.message + each.hint
    return [f"{each.location.line}:{each.location.column} {each.code}" for each in found]


MISTAKES = [
    # the flow's own keys
    ("nme: t\nsteps: [{message: x}]\n", "1:1 unknown-key"),
    ("name: t\ndescripton: x\nsteps: [{message: x}]\n", "2:1 unknown-key"),
    ("steps: [{message: x}]\n", "1:1 missing-field"),
    ("name: t\n", "1:1 missing-field"),
    ("name:\nsteps: [{message: x}]\n", "1:6 blank-text"),
    ("name: t\nsteps: []\n", "2:8 too-few-items"),
    ("name: t\nsteps: x\n", "2:8 wrong-type"),
    ("- a\n", "1:1 wrong-type"),
    ("hola\n", "1:1 wrong-type"),
    ("name: t\ninputs: []\nsteps: [{message: x}]\n", "2:9 wrong-type"),
    # steps
    ("name: t\nsteps:\n  - Hola\n", "3:5 wrong-type"),
    ("name: t\nsteps:\n  - mesage: Hola\n", "3:5 unknown-key"),
    ("name: t\nsteps:\n  - content: Hola\n", "3:5 one-verb"),
    ("name: t\nsteps:\n  - {message: x, pause: 2s}\n", "3:18 one-verb"),
    ("name: t\nsteps:\n  - {id: a}\n", "3:5 one-verb"),
    ("name: t\nsteps:\n  - pause: 5\n", "3:12 bad-pause"),
    ("name: t\nsteps:\n  - {message: x, until: arrived}\n", "3:25 bad-value"),
    ("name: t\nsteps:\n  - {message: x, foo: 1}\n", "3:18 unknown-key"),
    ("name: t\nsteps:\n  - {id: a b, message: x}\n", "3:10 bad-format"),
    ("name: t\nsteps:\n  - {id: a, message: x}\n  - {id: a, message: y}\n", "4:10 duplicate-id"),
    (INPUTS + "  - {id: name, message: x}\n", "7:10 name-taken"),
    (INPUTS + "  - {id: now, message: x}\n", "7:10 name-taken"),
    (INPUTS + "  - {when: , message: x}\n", "7:12 blank-text"),
    (INPUTS + "  - {when: [a], message: x}\n", "7:12 wrong-type"),
    (INPUTS + '  - {when: "n == ", message: x}\n', "7:13 expression-syntax"),
    (INPUTS + '  - {when: "{{ n }}", message: x}\n', "7:13 expression-syntax"),
    (INPUTS + "  - {when: nn > 1, message: x}\n", "7:12 unknown-name"),
    (INPUTS + "  - {when: not conversation.is_open, message: x}\n", "7:29 unknown-name"),
    (INPUTS + '  - {message: "{{ recipient.fone }}"}\n', "7:29 unknown-name"),
    (INPUTS + '  - {message: "{{ recipient.email is defined }} {{ recipient.mail | lower }}"}\n', "7:62 unknown-name"),
    # what an alias repeats
    (INPUTS + '  - &hi {message: "{{ nn }}"}\n  - *hi\n  - *hi\n', "7:23 unknown-name"),
    (INPUTS + "  - &hi {message: hi, wehn: n}\n  - *hi\n", "7:23 unknown-key"),
    # messages
    (INPUTS + "  - message:\n", "7:13 wrong-type"),
    (INPUTS + '  - message: ""\n', "7:14 blank-text"),
    (INPUTS + "  - message: [a]\n", "7:14 wrong-type"),
    (INPUTS + "  - message: {message_type: txt, content: a}\n", "7:29 bad-value"),
    (INPUTS + "  - message: {message_type: image}\n", "7:14 media-source"),
    (INPUTS + "  - message: {content: a, boddy: b}\n", "7:27 unknown-field"),
    (INPUTS + "  - message: {message_type: location, latitude: 1}\n", "7:14 missing-field"),
    (INPUTS + "  - message: {message_type: location, latitude: 91, longitude: 1}\n", "7:49 out-of-range"),
    (INPUTS + '  - message: {message_type: location, latitude: "1", longitude: 1}\n', "7:49 wrong-type"),
    (INPUTS + f"  - message: {'x' * 4097}\n", "7:14 too-long"),
    (INPUTS + f'  - message: "{{{{ name }}}}{"x" * 4097}"\n', "7:14 too-long"),
    # expressions
    (INPUTS + '  - message: "Hola {{ nam }}"\n', "7:23 unknown-name"),
    (INPUTS + '  - message: "Hola {{ name | uper }}"\n', "7:30 unknown-filter"),
    (INPUTS + '  - message: "Hola {{ name }"\n', "7:20 expression-syntax"),
    (INPUTS + '  - message: "{% if n %}Hola"\n', "7:15 expression-syntax"),
    (INPUTS + "  - message: |\n      Hola\n      {{ nam }}\n", "9:10 unknown-name"),
    (INPUTS + "  - message: >-\n      Hola,\n      tú {{ name }}\n\n      {{ nam }}\n", "11:10 unknown-name"),
    (INPUTS + '  - message: "{{ b }}"\n  - {id: b, message: x}\n', "7:18 unknown-name"),
    (INPUTS + '  - {id: p, pause: 2s}\n  - message: "{{ p.x }}"\n', "8:18 unknown-name"),
    (INPUTS + '  - message: {message_type: "{{ name }}", content: x}\n', "7:29 expression-not-allowed"),
    (
        INPUTS + '  - message: {message_type: interactive, interactive_type: "{{ name }}", body_text: x}\n',
        "7:60 expression-not-allowed",
    ),
    (
        INPUTS + "  - message:\n      message_type: interactive\n      interactive_type: button\n      body_text: x\n"
        '      buttons: "a {{ all }}"\n',
        "11:16 expression-type",
    ),
    # inputs
    ("name: t\ninputs:\n  a: {type: strin}\nsteps: [{message: x}]\n", "3:13 bad-value"),
    ("name: t\ninputs:\n  a: string\nsteps: [{message: x}]\n", "3:6 wrong-type"),
    ("name: t\ninputs:\n  a: {type: integer, default: x}\nsteps: [{message: x}]\n", "3:31 wrong-type"),
    ("name: t\ninputs:\n  a: {type: integer, example: 1.5}\nsteps: [{message: x}]\n", "3:31 wrong-type"),
    ("name: t\ninputs:\n  a: {enum: [x, y], default: z}\nsteps: [{message: x}]\n", "3:30 bad-value"),
    ("name: t\ninputs:\n  a: {minlength: 3}\nsteps: [{message: x}]\n", "3:7 unknown-key"),
    ('name: t\ninputs:\n  a: {minLength: "3"}\nsteps: [{message: x}]\n', "3:18 wrong-type"),
    ("name: t\ninputs:\n  now: {}\nsteps: [{message: x}]\n", "3:3 name-taken"),
    ("name: t\ninputs:\n  1a: {}\nsteps: [{message: x}]\n", "3:3 bad-format"),
    # YAML
    ("name: t\nname: u\nsteps: [{message: x}]\n", "2:1 duplicate-key"),
    (INPUTS + "  - message: {{ name }}\n", "7:14 unquoted-expression"),
    (INPUTS + "  - when: {{ name }}\n    message: x\n", "7:11 expression-syntax"),
    (INPUTS + "  - pause: {{ name }}\n", "7:12 bad-pause"),
    (INPUTS + "  - message: *Hola*\n", "7:14 yaml-syntax"),
    (INPUTS + "  - message: !Hola\n", "7:14 yaml-tag"),
]


def test_an_expression_without_quotes_hides_no_other_error() -> None:
    """The rest of the file is read as if it had them, the expression too."""
    text = INPUTS + "  - message: {{ nmae }}\n  - mesage: x\n  - message: {message_type: text, content: {{ name }}}\n"
    assert [(each.location.line, each.code) for each in load_text(text, "f.yaml").diagnostics] == [
        (7, "unquoted-expression"), (7, "unknown-name"), (8, "unknown-key"), (9, "unquoted-expression")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "{{ recipient.email | default('none') }}",
        "{% if recipient.email is defined and recipient.email is not none %}x{% endif %}y",
        "{{ recipient.get('email', 'none') }}",
        "{{ recipient['phone'] }}",
        "{{ {'recipient': {'email': 1}}.recipient.email }}",
    ],
)
def test_what_a_recipient_may_lack_may_be_asked_for(text: str) -> None:
    """It says itself what is shown then."""
    assert errors(load_text(f'{INPUTS}  - {{message: "{text}"}}\n', "f.yaml")) == []


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[f"{i}-{each[1]}" for i, each in enumerate(MISTAKES)])
def test_one_mistake_gives_one_error_at_its_place(text: str, expected: str) -> None:
    """Each typical mistake has one error, with its line and column, and a hint; and there is no flow."""
    loaded = load_text(text, "f.yaml")
    assert errors(loaded) == [expected]
    assert loaded.flow is None


def test_all_mistakes_of_a_file_are_said_in_one_run() -> None:
    """Shape, inputs, messages and expressions are all checked, whatever else is wrong, and sorted by place."""
    text = """name: t
descripton: x
inputs:
  a: {type: strin}
  b: {type: integer, default: x}
steps:
  - message: "{{ a }} {{ c }} {{ b | uper }}"
  - pause: soon
  - message: {message_type: image, caption: hi}
  - mesage: Hola
  - {when: d, message: "{{ a }"}
"""
    assert errors(load_text(text, "f.yaml")) == [
        "2:1 unknown-key",
        "4:13 bad-value",
        "5:31 wrong-type",
        "7:26 unknown-name",
        "7:38 unknown-filter",
        "8:12 bad-pause",
        "9:14 media-source",
        "10:5 unknown-key",
        "11:12 unknown-name",
        "11:25 expression-syntax",
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (INPUTS + '  - message: "{{ nam }}"\n', "did you mean name?"),
        (INPUTS + '  - message: "{{ recipent.phone }}"\n', "did you mean recipient?"),
        (INPUTS + '  - {id: first, message: x}\n  - message: "{{ frist.message }}"\n', "did you mean first?"),
        (INPUTS + '  - message: "{{ zzz }}"\n', "declare it: inputs: {zzz: {type: string}}"),
        (
            INPUTS + '  - message: "{{ z }}"\n  - {id: z, message: x}\n',
            "name an earlier step, or move this one after it",
        ),
        (INPUTS + "  - mesage: x\n", "did you mean message?"),
        (INPUTS + '  - message: "{{ name | uper }}"\n', "did you mean upper?"),
    ],
)
def test_the_hint_knows_the_nearest_name(text: str, hint: str) -> None:
    """Inputs, given names, steps, keys and filters are all candidates."""
    (error,) = (each for each in load_text(text, "f").diagnostics if each.is_error)
    assert hint in error.hint


def test_a_flow_has_everything_its_author_wrote() -> None:
    """Names, inputs, steps and their expressions, typed by the spec; the text and its digest are kept."""
    text = """name: No
description: 0123
inputs:
  a: {type: array, items: {type: string}, default: [1, No]}
  b:
steps:
  - {id: x, when: b is defined, message: "hi {{ b }}", until: read}
  - pause: 500ms
  - message: {message_type: location, latitude: -33.4, longitude: "{{ b }}", location_name: 12:30}
  - {when: false, message: 0x1F}
"""
    flow = (loaded := load_text(text, "f.yaml")).flow
    assert flow is not None, loaded.diagnostics
    assert (flow.name, flow.description, flow.bundle.path, flow.bundle.text) == ("No", "0123", "f.yaml", text)
    assert len(flow.bundle.digest) == 64
    assert flow.inputs["a"].default == ["1", "No"]
    assert not flow.inputs["b"].has_default
    first, pause, place, last = flow.steps
    assert (first.address, first.id, first.label, first.when, first.until) == ("1", "x", "x", "b is defined", "read")
    assert first.message == {"message_type": "text", "content": "hi {{ b }}"}
    assert (pause.seconds, pause.label) == (0.5, "2")
    assert place.message["latitude"] == -33.4
    assert place.message["location_name"] == "12:30"
    assert (last.when, last.message["content"]) == (False, "0x1F")
    assert [each.place for each in loaded.fields["1"]] == [("when",), ("message",)]
    assert [each.route for each in loaded.fields["3"]] == [("longitude",)]


def test_the_same_text_has_the_same_digest_however_it_comes() -> None:
    """Bytes and text, with a byte order mark or without, are one flow."""
    text = "name: t\nsteps: [{message: x}]\n"
    flows = [load_text(each, "f").flow for each in (text, text.encode(), b"\xef\xbb\xbf" + text.encode())]
    assert len({each.bundle.digest for each in flows if each is not None}) == 1


def test_reading_a_file_never_raises(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are diagnostics of the path as it was named."""
    rubbish = tmp_path / "rubbish.yaml"
    rubbish.write_bytes(bytes(range(256)))
    for path, code in [(tmp_path / "no.yaml", "unreadable"), (tmp_path, "unreadable"), (rubbish, "not-utf8")]:
        loaded = load_file(path)
        assert (loaded.flow, loaded.document) == (None, None)
        assert [(each.code, each.location.path) for each in loaded.diagnostics] == [(code, str(path))]


def test_the_flows_below_a_folder(tmp_path: Path) -> None:
    """Both endings, sorted, folders below too; what is hidden, other tools' and linked in circles is passed over."""
    for name in ("b.yaml", "a.yml", "c.txt", ".hidden.yaml", "sub/d.yaml", ".git/e.yaml", "node_modules/f.yaml",
                 "__pycache__/g.yaml", "venv/h.yaml", "sub/.x/i.yaml"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    files, diagnostics = find_flows([tmp_path])
    assert [str(each.relative_to(tmp_path)) for each in files] == ["a.yml", "b.yaml", "sub/d.yaml"]
    assert diagnostics == []


def test_each_flow_comes_once_and_empty_folders_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first name of a file counts; a folder without flows has a diagnostic, a missing file none yet."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("")
    Path("empty").mkdir()
    named = [Path("a.yaml"), Path("./a.yaml"), tmp_path / "a.yaml", Path(), Path("none.yaml"), Path("empty")]
    files, diagnostics = find_flows(named)
    assert files == [Path("a.yaml"), Path("none.yaml")]
    assert [(each.code, each.location.path) for each in diagnostics] == [("no-flows", "empty")]
