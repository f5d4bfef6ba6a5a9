"""What an editor is told of the translations of one flow: which texts there are, and what they are in the flow."""

from pathlib import Path
from typing import Any, Final

from flowrunner.diagnostics import Diagnostic
from flowrunner.flow.approved import Account
from flowrunner.flow.translations.languages import languages_of
from flowrunner.flow.translations.matching import FREE, Tree
from flowrunner.flow.translations.texts import Text
from flowrunner.flow.translations.texts_of_file import texts_of
from flowrunner.flow.whole import Origin, read_whole
from flowrunner.model.plain import NOTHING
from flowrunner.source import read, read_bytes

_EXPRESSION: Final = r"\{[{%#]"
_KIND: Final = {"type": ["string", "number", "boolean"]}


def translation_schema(path: Path) -> tuple[dict[str, Any] | None, list[Diagnostic]]:
    """The JSON Schema of a flow's translations; or what is wrong with the flow itself."""
    content, problem = read_bytes(path)
    if problem is not None:
        return None, [problem]
    document, found = read(content, str(path))
    if document is None:
        return None, found
    languages = languages_of(document.data) if isinstance(document.data, dict) else ()
    origin = Origin(str(path), document, found, NOTHING, path.parent, Account(None))
    whole = read_whole(origin, languages[0] if languages else "", NOTHING)
    if whole.has_errors:
        told = [each for part in whole.parts for each in part.told(has_errors=True)]
        return None, [each for each in (*told, *whole.files.unread) if each.is_error]
    tree, problems = texts_of(whole.parts[0])
    if problems:
        return None, [document.diagnose(each) for each in problems]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Translation of {path.name}",
        "description": f"The texts of {path.name} in another language.",
        **_object(tree),
    }, []


def _object(tree: Tree) -> dict[str, Any]:
    properties = {str(name): _below(its) for name, its in tree.items()}
    if isinstance(tree.get("template_name"), Text):
        said = "The code under which the template is approved, where it is not that of the translation."
        properties.setdefault(FREE, {**_KIND, "description": said})
    return {
        "type": "object",
        "properties": properties,
        "required": [str(name) for name, its in tree.items() if _is_needed(its)],
        "additionalProperties": False,
    }


def _below(its: Tree | Text) -> dict[str, Any]:
    if isinstance(its, Text):
        schema: dict[str, Any] = {**_KIND, "description": its.written}
        if its.longest:
            schema["anyOf"] = [{"maxLength": its.longest}, {"pattern": _EXPRESSION}]
        return schema
    if all(isinstance(name, int) for name in its):
        return {
            "type": "array",
            "prefixItems": [_below(its[name]) if name in its else {} for name in range(_many(its))],
        }
    main = its.main
    if main is None:
        return _object(its)
    return {"anyOf": [_below(its[main]), _object(its)]}


def _many(its: Tree) -> int:
    return max(name for name in its if isinstance(name, int)) + 1


def _is_needed(its: Tree | Text) -> bool:
    return its.is_needed if isinstance(its, Text) else any(each.is_needed for each in its.texts)
