"""A message of v1, or a person's, as Meta writes it: what lists of Meta's shape and webhooks show."""

from collections.abc import Mapping

from flowrunner.emulator.api.records import contact
from flowrunner.model import Json

_FILE = {"media_url": "link", "media_id": "id", "caption": "caption", "filename": "filename", "voice": "voice"}
_FILE_HEARD = {**_FILE, "media_url": "url", "mime_type": "mime_type", "sha256": "sha256"}
_PLACE = {"latitude": "latitude", "longitude": "longitude", "location_name": "name", "location_address": "address"}
_REPLIES = ("button_reply", "list_reply", "nfm_reply")
_FILES = {"image", "video", "audio", "document", "sticker"}


def graph(body: Mapping[str, Json], *, heard: bool = False) -> dict[str, Json]:
    """The message, ``{"type": ..., ...}``; what is not known of its type stands in it as it was told.

    Args:
        body: The message, in v1's flat fields.
        heard: A person sent it: of a file Meta then tells where it is, of which type, and its digest.
    """
    kind = str(body.get("message_type", "text"))
    context = {"context": body["context"]} if isinstance(body.get("context"), Mapping) else {}
    return {"type": kind, kind: _inner(kind, body, _FILE_HEARD if heard else _FILE), **context}


def _inner(kind: str, body: Mapping[str, Json], file_names: Mapping[str, str]) -> Json:
    if kind == "text":
        return {"body": body.get("content", "")}
    if kind in _FILES:
        file = _renamed(body, file_names)
        return {**file, "caption": body["content"]} if "caption" not in file and _captioned(kind, body) else file
    if kind == "location":
        return _renamed(body, _PLACE)
    if kind == "reaction":
        return _renamed(body, {"reacted_to_message_id": "message_id", "reaction_emoji": "emoji"})
    if kind == "contacts":
        return [contact(each) for each in body.get("contacts", ())]
    if kind == "template":
        return _template(body)
    if kind == "interactive":
        return _interactive(body)
    return body.get(kind, _renamed(body, {"content": "body"}))


def _captioned(kind: str, body: Mapping[str, Json]) -> bool:
    return kind != "audio" and bool(body.get("content"))


def _renamed(body: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    return {new: body[old] for old, new in names.items() if old in body}


def _interactive(body: Mapping[str, Json]) -> dict[str, Json]:
    for kind in _REPLIES:
        if kind in body:
            return {"type": kind, kind: body[kind]}
    found: dict[str, Json] = {"type": body.get("interactive_type", "button")}
    if "header_text" in body:
        found["header"] = {"type": "text", "text": body["header_text"]}
    for name in ("body", "footer"):
        if f"{name}_text" in body:
            found[name] = {"text": body[f"{name}_text"]}
    if "buttons" in body:
        found["action"] = {"buttons": [{"type": "reply", "reply": each} for each in body["buttons"]]}
    if "sections" in body:
        found["action"] = {"button": body.get("list_button_text", ""), "sections": body["sections"]}
    return found


def _template(body: Mapping[str, Json]) -> dict[str, Json]:
    components = []
    header, said = body.get("header_type"), body.get("header_params")
    if header == "text" and said is not None:
        components.append({"type": "header", "parameters": _parameters([said] if isinstance(said, str) else said)})
    elif header:
        file = {"link": said, **_renamed(body, {"header_filename": "filename"})}
        components.append({"type": "header", "parameters": [{"type": header, header: file}]})
    params = body.get("template_params") or ()
    if isinstance(params, Mapping) and isinstance(params.get("body", params.get("header")), Mapping):
        parts: Mapping[str, Json] = params
    else:
        parts = {"body": params} if params else {}
    components += [{"type": part, "parameters": _parameters(values)} for part, values in parts.items()]
    return {
        "name": body.get("template_name", ""),
        "language": {"code": body.get("template_language", "")},
        "components": components,
    }


def _parameters(values: Json) -> list[Json]:
    if isinstance(values, Mapping):
        return [{"type": "text", "parameter_name": name, "text": value} for name, value in values.items()]
    return [{"type": "text", "text": value} for value in values]
