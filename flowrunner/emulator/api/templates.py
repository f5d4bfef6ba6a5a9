"""The templates of the business's account, and whether a message fits the one it names.

While none is known, any is taken, with any values; once one is, others are not there.
https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flowrunner.emulator.api.errors import ApiError, invalid, too_long
from flowrunner.emulator.api.meta.template import LONGEST
from flowrunner.emulator.api.numbers import ACCOUNT_ID
from flowrunner.model import Json
from flowrunner.model.templates import Template as Approved

Object = Mapping[str, Json]
_FIRST = 400_000_000_000_001
_PLACE = re.compile(r"\{\{\s*([0-9]+|[a-z][a-z0-9_]*)\s*\}\}")
_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT")
_STATES: Mapping[str, tuple[int, str]] = {
    "PAUSED": (132015, "Template is paused"),
    "DISABLED": (132016, "Template is disabled"),
}


@dataclass(frozen=True, slots=True)
class Template:
    """One template in one language.

    Attributes:
        id: Meta's id, digits.
        status: As ``APPROVED``.
        components: Header, body, footer and buttons, as Meta lists them.
    """

    id: str
    name: str
    language: str
    status: str
    category: str
    components: Sequence[Object] = field(repr=False)

    @property
    def uuid(self) -> str:
        """Kapso's id."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.id))

    def part(self, kind: str) -> Object:
        """The component of a kind, ``BODY``; empty where it has none."""
        return next((each for each in self.components if str(each.get("type")).upper() == kind), {})

    def names(self) -> list[str]:
        """The placeholders of the body, each once: numbers in their order, names in the order they appear."""
        return placeholders(self.part("BODY").get("text", ""))

    @property
    def approved(self) -> Approved:
        """The template as it is drawn."""
        return Approved(self.name, self.language, self.status, self.category, tuple(map(_in_capitals, self.components)))

    def data(self) -> dict[str, Json]:
        """The template as Meta lists it."""
        named = any(not name.isdigit() for kind in ("HEADER", "BODY") for name in placeholders(_text(self.part(kind))))
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "parameter_format": "NAMED" if named else "POSITIONAL",
            "components": list(self.components),
        }


class Templates:
    """All of them, by name and language."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Template] = {}

    def replace(self, listed: Iterable[Object]) -> None:
        """Have exactly these, each as Meta lists it: at least a name, a language and components.

        Raises:
            ValueError: One is no such object.
        """
        found: dict[tuple[str, str], Template] = {}
        for number, each in enumerate(listed):
            language = each.get("language", each.get("language_code"))
            components = each.get("components", [])
            if not (isinstance(each.get("name"), str) and isinstance(language, str) and _are_objects(components)):
                raise ValueError("a template has a name, a language and components, as Meta lists it")
            status, category = str(each.get("status", "APPROVED")), str(each.get("category", "UTILITY"))
            key = each["name"], language
            found[key] = Template(str(_FIRST + number), *key, status.upper(), category.upper(), components)
        self._all = found

    def __iter__(self) -> Iterator[Template]:
        return iter(tuple(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def get(self, template_id: str) -> Template | None:
        """One by its id, Meta's or Kapso's."""
        return next((each for each in self if template_id in {each.id, each.uuid}), None)

    def named(self, body: Object) -> Template | None:
        """The one that a flat message names; None for none."""
        return self._all.get((str(body.get("template_name")), str(body.get("template_language"))))

    def check(self, message: Object) -> None:
        """Refuse a template message that does not fit the template it names.

        Args:
            message: The ``template`` object as Meta writes it, of the right form.

        Raises:
            ApiError: In Meta's form, what is wrong.
        """
        if not self._all:
            return
        template = self._all.get((message["name"], message["language"]["code"]))
        if template is None or template.status not in {"APPROVED", *_STATES}:
            text = "Template name does not exist in the translation"
            details = f"template name ({message['name']}) does not exist in {message['language']['code']}"
            raise invalid(132001, text, details, status=404)
        if template.status in _STATES:
            raise invalid(*_STATES[template.status])
        sent = {str(each["type"]).upper(): each.get("parameters", []) for each in message.get("components", ())}
        _check_text(template, "BODY", sent.get("BODY", []))
        _check_header(template, sent.get("HEADER", []))
        _check_buttons(template, [each for each in message.get("components", ()) if each["type"].upper() == "BUTTON"])

    def text_of(self, message: Object) -> str:
        """The body that a person reads, with its values; empty where the template is not known."""
        template = self._all.get((message["name"], message["language"]["code"]))
        if template is None:
            return ""
        body: Object = next((each for each in message.get("components", ()) if each["type"].upper() == "BODY"), {})
        return filled(_text(template.part("BODY")), body.get("parameters", []))


def _in_capitals(component: Object) -> Object:
    """A component with its types as Meta writes them; it may have come in other letters."""
    buttons: Json = component.get("buttons")
    named = {name: str(component[name]).upper() for name in ("type", "format") if name in component}
    if not _are_objects(buttons):
        return {**component, **named}
    return {**component, **named, "buttons": [{**each, "type": str(each.get("type")).upper()} for each in buttons]}


def placeholders(text: str) -> list[str]:
    """The names in a template's text, each once."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def filled(text: str, parameters: Sequence[Object]) -> str:
    """A template's text with the values of a message."""
    values = {str(each.get("parameter_name", number)): _value(each) for number, each in enumerate(parameters, 1)}
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def account_data() -> dict[str, Json]:
    """The account that has them, as Meta tells of it."""
    return {"id": ACCOUNT_ID, "name": "Emulator", "currency": "USD", "timezone_id": "1"}


def _value(parameter: Object) -> str:
    inner = parameter[parameter["type"].lower()]
    return str(inner["fallback_value"] if isinstance(inner, Mapping) else inner)


def _are_objects(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _text(component: Object) -> str:
    return str(component.get("text", ""))


def _mismatch(details: str) -> ApiError:
    return invalid(132012, "Parameter format does not match format in the created template", details)


def _check_text(template: Template, kind: str, parameters: Sequence[Object]) -> None:
    text = _text(template.part(kind))
    wanted, where = placeholders(text), kind.lower()
    if len(parameters) != len(wanted):
        details = (
            f"{where}: number of localizable_params ({len(parameters)}) does not match the expected number of params "
            f"({len(wanted)})"
        )
        raise invalid(132000, "Number of parameters does not match the expected number of params", details)
    named = [str(each["parameter_name"]) for each in parameters if "parameter_name" in each]
    if sorted(named) != sorted(name for name in wanted if not name.isdigit()):
        raise _mismatch(f"{where}: expected the parameters {', '.join(wanted)}")
    if len(filled(text, parameters)) > LONGEST[kind]:
        raise too_long(where, LONGEST[kind])


def _check_header(template: Template, parameters: Sequence[Object]) -> None:
    wanted = str(template.part("HEADER").get("format", "TEXT")).upper()
    if wanted == "TEXT":
        if any(each["type"].upper() != "TEXT" for each in parameters):
            raise _mismatch(f"header: Format mismatch, expected TEXT, received {parameters[0]['type'].upper()}")
        _check_text(template, "HEADER", parameters)
        return
    received = parameters[0]["type"].upper() if parameters else "UNKNOWN"
    if wanted in _MEDIA and received != wanted:
        raise _mismatch(f"header: Format mismatch, expected {wanted}, received {received}")


_NEEDS = {"URL", "COPY_CODE"}


def _check_buttons(template: Template, sent: Sequence[Object]) -> None:
    """Each button with a value is there and of that sort, and each that needs a value has one."""
    buttons = template.part("BUTTONS").get("buttons", [])
    given = {int(each["index"]): each for each in sent}
    for index, each in given.items():
        sort = str(buttons[index].get("type", "")).upper() if index < len(buttons) else "UNKNOWN"
        sent_as = str(each["sub_type"]).upper()
        if sent_as != ("URL" if sort == "OTP" else sort):
            raise _mismatch(f"button: Button at index {index} is of type {sort}, not {sent_as}")
        if sort == "URL" and not _PLACE.search(str(buttons[index].get("url", ""))):
            raise _mismatch(f"button: Button at index {index} of type Url takes no parameter")
    for index, button in enumerate(buttons):
        sort = str(button.get("type", "")).upper()
        needs = sort in _NEEDS and (sort != "URL" or _PLACE.search(str(button.get("url", ""))))
        if needs and index not in given:
            raise invalid(
                131008, "Required parameter is missing", f"Button at index {index} of type {sort} requires a parameter"
            )
