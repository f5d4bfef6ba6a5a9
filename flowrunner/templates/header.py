"""Whether a message gives the header what it takes: nothing, a text, a file, a place."""

from collections.abc import Iterator
from typing import Final

from flowrunner.diagnostics import Problem
from flowrunner.templates.sent import Sent

_LINK: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components"
_FIELDS: Final = (
    "header_type",
    "header_params",
    "header_media_id",
    "header_media_file",
    "header_location",
    "header_filename",
)
_SOURCES: Final = ("header_params", "header_media_id", "header_media_file")


def header_problems(sent: Sent) -> Iterator[Problem]:
    """What is wrong with the fields of the header, one problem at most."""
    if not sent.knows("header_type"):
        return
    name, header = sent.template.name, sent.template.part("HEADER")
    given = [field for field in _FIELDS if field in sent.body]
    kind = str(header.get("format", "TEXT")).lower() if header else ""
    if kind in {"image", "video", "document", "location"}:
        yield from _file(sent, kind)
    elif sent.is_named and sent.template.places("HEADER"):  # its value stands in template_params
        if given:
            message = f"the header of {name} takes its value by name, in template_params"
            yield _problem(message, f"remove {_and(given)}", given[0])
    elif sent.template.places("HEADER"):
        yield from _text(sent, given)
    elif given:
        message = f"the header of {name} is a fixed text: it takes no value" if header else f"{name} has no header"
        yield _problem(message, f"remove {_and(given)}", given[0])


def _file(sent: Sent, kind: str) -> Iterator[Problem]:
    name, said = sent.template.name, sent.body.get("header_type")
    wanted = "header_location" if kind == "location" else "header_params"
    if said is None:
        what = "the place" if kind == "location" else "the address of the file"
        message = f"{name} begins with {_a(kind)}, which the message does not have"
        yield _problem(message, f"add header_type: {kind}, and {wanted}: with {what}")
    elif said != kind:
        message = f"{name} begins with {_a(kind)}, not with {_a(str(said))}"
        is_file = kind != "location" and said not in {"text", "location"}
        filename = ", and remove header_filename" if "header_filename" in sent.body and kind != "document" else ""
        more = (
            ""
            if is_file
            else f", and {wanted}: with {'the place' if kind == 'location' else 'the address of the file'}"
        )
        yield _problem(message, f"write header_type: {kind}{more}{filename}", "header_type")
    elif kind != "location" and not any(field in sent.body for field in _SOURCES):
        yield _problem(f"{name} begins with {_a(kind)}, whose file is missing", f"add {wanted}: with its address")


def _text(sent: Sent, given: list[str]) -> Iterator[Problem]:
    name, said = sent.template.name, sent.body.get("header_type", "text")
    if said != "text":
        message = f"the header of {name} is a text with a value, not {_a(str(said))}"
        yield _problem(message, "write header_type: text, and header_params: with the value", "header_type")
    elif "header_params" not in sent.body:
        message = f"the header of {name} takes a value, which is missing"
        add = "header_params: with the value" if given else "header_type: text, and header_params: with the value"
        yield _problem(message, f"add {add}")


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def _and(fields: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(fields[:-1]), fields[-1]]))


def _problem(message: str, hint: str, field: str = "") -> Problem:
    return Problem("template-header", message, (field or "template_name",), hint, link=_LINK)
