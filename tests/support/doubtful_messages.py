"""One message of each type, other messages of the same type, and what an API may make of the first."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Body = Mapping[str, Any]


class Case(NamedTuple):
    """A message of ours.

    Attributes:
        another: Messages that differ from it in one thing each, and are surely somebody else's.
    """

    name: str
    body: Body
    another: tuple[Body, ...]


def _with(body: Body, **changes: Any) -> Body:
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


TEXT: Body = {"message_type": "text", "content": "  Hola José & Ana, ﬁn\nde  mes: 5 < 7 👋\u200b "}
PLAIN: Body = {"message_type": "text", "content": "Hola Ana"}
PLACE: Body = {
    "message_type": "location",
    "latitude": 19.4326081,
    "longitude": -99.1332049,
    "location_name": "Café Zócalo",
    "location_address": "Plaza 1",
}
IMAGE: Body = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg", "caption": "Tu número José 7"}
BARE: Body = {"message_type": "video", "media_url": "https://cdn.example.com/a.mp4"}
BY_ID: Body = {"message_type": "audio", "media_id": "1013859600285441"}
PAPER: Body = {
    "message_type": "document",
    "media_url": "https://cdn.example.com/f.pdf",
    "caption": "Tu factura",
    "filename": "factura-0311.pdf",
}
BUTTONS: Body = {
    "message_type": "interactive",
    "interactive_type": "button",
    "header_text": "Cita",
    "body_text": "¿Confirmas el día 7?",
    "footer_text": "Clínica",
    "buttons": [{"id": "yes", "title": "Sí"}, {"id": "no", "title": "No"}],
}
ROWS: Body = {
    "message_type": "interactive",
    "interactive_type": "list",
    "body_text": "Elige una opción",
    "list_button_text": "Ver",
    "sections": [{"title": "Hoy", "rows": [{"id": "a", "title": "Uno"}, {"id": "b", "title": "Dos"}]}],
}
TEMPLATE: Body = {
    "message_type": "template",
    "template_name": "cita",
    "template_language": "es_MX",
    "template_params": ["José", "7 de mayo"],
}
NAMED: Body = {
    "message_type": "template",
    "template_name": "order_update",
    "template_language": "en_US",
    "template_params": {"customer": "José", "status": "shipped"},
    "header_type": "document",
    "header_params": "https://cdn.example.com/o.pdf",
    "header_filename": "order.pdf",
}
REACTION: Body = {"message_type": "reaction", "reaction_emoji": "❤️", "reacted_to_message_id": "wamid.ABC"}
CARD: Body = {
    "message_type": "contacts",
    "contacts": [
        {"name": {"formatted_name": "José Pérez", "first_name": "José"}, "phones": [{"phone": "+5215512345678"}]}
    ],
}
FLAT: Body = {"message_type": "contacts", "contacts": [{"first_name": "Ana", "last_name": "López"}]}

CASES = [
    Case("text", TEXT, (_with(TEXT, content="Hola José & Ana, adiós"), _with(TEXT, content="¡Gracias!"))),
    Case("short text", PLAIN, (_with(PLAIN, content="Hola Ana!"), _with(PLAIN, content="hola ana"))),
    Case(
        "location",
        PLACE,
        (_with(PLACE, latitude=20.6596988), _with(PLACE, longitude=-98.0), _with(PLACE, location_name="Otro")),
    ),
    Case("image", IMAGE, (_with(IMAGE, caption="Otra cosa"), _with(IMAGE, caption="Tu número José 8"))),
    Case("video", BARE, ()),
    Case("media by id", BY_ID, ()),
    Case("document", PAPER, (_with(PAPER, filename="factura-0310.pdf"), _with(PAPER, caption="Tu recibo"))),
    Case(
        "buttons",
        BUTTONS,
        (
            _with(BUTTONS, body_text="¿Confirmas el día 8?"),
            _with(BUTTONS, header_text="Pago"),
            _with(BUTTONS, buttons=[{"id": "yes", "title": "Sí"}, {"id": "later", "title": "Luego"}]),
            _with(ROWS, body_text=BUTTONS["body_text"]),
        ),
    ),
    Case(
        "list",
        ROWS,
        (
            _with(
                ROWS, sections=[{"title": "Hoy", "rows": [{"id": "c", "title": "Tres"}, {"id": "b", "title": "Dos"}]}]
            ),
            _with(ROWS, body_text="Elige otra cosa"),
        ),
    ),
    Case(
        "template",
        TEMPLATE,
        (
            _with(TEMPLATE, template_name="pago"),
            _with(TEMPLATE, template_language="en_US"),
            _with(TEMPLATE, template_params=["José", "8 de mayo"]),
        ),
    ),
    Case(
        "named template",
        NAMED,
        (
            _with(NAMED, template_params={"customer": "José", "status": "delivered"}),
            _with(NAMED, header_filename="bill.pdf"),
        ),
    ),
    Case(
        "reaction", REACTION, (_with(REACTION, reaction_emoji="👎"), _with(REACTION, reacted_to_message_id="wamid.XYZ"))
    ),
    Case(
        "contacts",
        CARD,
        (_with(CARD, contacts=[{"name": {"formatted_name": "Eva Ruiz"}, "phones": [{"phone": "+5215598765432"}]}]),),
    ),
    Case(
        "flat contacts",
        FLAT,
        (_with(FLAT, contacts=[{"formatted_name": "Eva Ruiz", "phones": [{"phone": "+5215598765432"}]}]),),
    ),
]
