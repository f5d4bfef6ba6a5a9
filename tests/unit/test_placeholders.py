"""Placeholders of other programs: told where they are meant, in every field, and nowhere else."""

import pytest

from flowrunner.flow import load_text

HEAD = "name: t\ninputs:\n  name: {type: string, example: Ana}\n  first_name: {type: string, example: Ana}\nsteps:\n"
USED = '  - message: "{{ name }} {{ first_name }}"\n'


def said(step: str) -> list[tuple[int, str]]:
    """Column and code of everything that is said of a step."""
    found = load_text(HEAD + USED + f"  - message: {step}\n", "flow.yaml").diagnostics
    return [(each.location.column, each.code) for each in found]


@pytest.mark.parametrize(
    "text",
    [
        "Hi [Name of your pet]", "Use {braces} or <brackets>", "50% off for names % more", "a `{name}` b",
        "```{name}```", "[name](https://e.com)", "A { and a } and { { name } }", "it costs $5 or $names", "{}", "[]",
        "100 %", "{{ '{name}' }}", "{{ '{{1}}' }}", "user@name.com", "name", "{{ 1 + 1 }}", "{{ '1' }}", "#name",
        "{name_of_pet}", "%5Bname%5D", "a{2}", "100%d", "{ {{ name }} }", "{a: {b: {{ name }}}}", "#promo# *a|b*", "https://e.com/%d0%b0",
    ],
)  # fmt: skip
def test_text_that_only_looks_like_one_is_text(text: str) -> None:
    """Nothing is said of it."""
    quoted = '"' + text + '"'
    assert [each for each in said(quoted) if "placeholder" in each[1]] == []


@pytest.mark.parametrize("number", ["1", " 2 ", "10", "- 1 -"])
@pytest.mark.parametrize(
    "step",
    [
        '"a {{@}}"',
        '{message_type: image, media_url: "https://e.com/{{@}}.jpg"}',
        '{message_type: image, media_url: "https://e.com/a.jpg", caption: "{{@}}"}',
        '{message_type: document, media_url: "https://e.com/a.pdf", filename: "a{{@}}.pdf"}',
        '{message_type: interactive, interactive_type: button, body_text: a, buttons: [{id: a, title: "{{@}}"}]}',
        '{message_type: interactive, interactive_type: button, body_text: "{{@}}", buttons: [{id: a, title: b}]}',
        '{message_type: template, template_name: t, template_language: es, template_params: ["{{@}}"]}',
        '{message_type: template, template_name: t, template_language: es, template_params: {a: "{{@}}"}}',
        '{message_type: location, latitude: 1, longitude: 1, location_name: "{{@}}"}',
    ],
)
def test_a_number_in_braces_is_an_error_in_every_field(step: str, number: str) -> None:
    """It was copied from a template, and would be sent as the number."""
    assert said(step.replace("@", number)) == [(len("  - message: ") + step.index("{{@}}") + 1, "foreign-placeholder")]


@pytest.mark.parametrize(
    ("sign", "code"),
    [
        ("{name}", "foreign-placeholder"), ("${name}", "foreign-placeholder"), ("%name%", "foreign-placeholder"),
        ("%{name}", "foreign-placeholder"), ("#{name}", "foreign-placeholder"), ("[[name]]", "foreign-placeholder"),
        ("<<name>>", "foreign-placeholder"), ("[name]", "likely-placeholder"), ("<name>", "likely-placeholder"),
        ("$name", "likely-placeholder"), ("{Name}", "likely-placeholder"), ("{ name }", "likely-placeholder"),
        ("[NAME]", "likely-placeholder"), ("{first name}", "likely-placeholder"),
        ("[First Name]", "likely-placeholder"),
        ("<first-name>", "likely-placeholder"), ("%First_Name%", "likely-placeholder"),
        ("{recipient.phone}", "foreign-placeholder"), ("*|name|*", "foreign-placeholder"),
        ("<%= name %>", "foreign-placeholder"), ("{name}}", "foreign-placeholder"),
        ("\uff5bname\uff5d", "foreign-placeholder"), ("\uff5b\uff5b name \uff5d\uff5d", "foreign-placeholder"),
        ("#name#", "likely-placeholder"), ("*|FNAME|*", "likely-placeholder"),
        ("<%= user.nick %>", "likely-placeholder"),
        ("{0}", "likely-placeholder"), ("%s", "likely-placeholder"), ("%1$s", "likely-placeholder"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "step",
    [
        '"a @ b"',
        '"@ {{ name }}"',
        '{message_type: image, media_url: "https://e.com/a.jpg", caption: "Hi @"}',
        '{message_type: interactive, interactive_type: button, body_text: "Hi @", buttons: [{id: a, title: b}]}',
    ],
)
def test_a_name_in_foreign_signs_is_told(step: str, sign: str, code: str) -> None:
    """An error where it is sure, else a warning; at its place."""
    assert said(step.replace("@", sign)) == [(len("  - message: ") + step.index("@") + 1, code)]


def test_a_brace_too_many_behind_an_expression_is_told() -> None:
    """It would be sent; where one before it is open, it belongs there."""
    assert said('"Hi {{ name }}}"') == [(28, "likely-placeholder")]
