"""``templates.json``: read with the place of every fault, written so that one change is one hunk in git."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from stat import S_ISDIR
from typing import Any, Final, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Problem, Route, warning
from flowrunner.model import Json
from flowrunner.model.templates import Template, Templates
from flowrunner.spec.words import listed

MAX_BYTES: Final = 16 << 20
"""The largest file that is read: an account may have 6,000 templates.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
"""
_PULL: Final = "run flowrunner templates pull to write it again"
_FIRST: Final = ("type", "format", "text", "buttons")
_TEXTS: Final = ("name", "language", "status", "category")


class TemplatesFile(NamedTuple):
    """What reading the file gave.

    Attributes:
        templates: None where ``diagnostics`` say why.
    """

    path: str
    templates: Templates | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether another program wrote it: it is not used, and not written over."""
        return self.templates is None and not any(each.is_error for each in self.diagnostics)


def written(templates: Iterable[Template]) -> str:
    """The file's text: sorted, each value on a line of its own, the same for the same templates."""
    listed = [entry(each) for each in sorted(templates, key=lambda each: (each.name, each.language))]
    return json.dumps({"templates": listed}, ensure_ascii=False, indent=2) + "\n"


def entry(template: Template) -> dict[str, Json]:
    """One template as the file has it."""
    named = {name: getattr(template, name) for name in _TEXTS}
    return {**named, "components": [_in_order(each) for each in template.components]}


def _in_order(value: Json) -> Json:
    """The same with the keys in one order, what people read first."""
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
        return {name: _in_order(value[name]) for name in names}
    return [_in_order(each) for each in value] if isinstance(value, list | tuple) else value


def read_file(path: Path) -> TemplatesFile:
    """The templates of a file, read once as long as it does not change. Nothing is raised."""
    try:
        found = path.stat()
    except OSError as error:
        return _refused(path, "unreadable", f"cannot be read: {error.strerror}", "check the path")
    if S_ISDIR(found.st_mode):
        return _refused(path, "unreadable", f"{path} is a folder", "name a file in it")
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(4)
def _read(path: Path, _changed: int, size: int) -> TemplatesFile:
    if size > MAX_BYTES:
        message = f"the file has {size:,} bytes, at most {MAX_BYTES:,} are read: these are not an account's templates"
        return _refused(path, "too-large", message, _PULL)
    try:
        content = path.read_bytes()
    except OSError as error:
        return _refused(path, "unreadable", f"cannot be read: {error.strerror}", "check its permissions")
    return read_text(content, str(path))


def _refused(path: Path, code: str, message: str, hint: str) -> TemplatesFile:
    return TemplatesFile(str(path), None, (Diagnostic(code, message, Location(str(path)), hint=hint),))


def read_text(content: bytes | str, path: str) -> TemplatesFile:
    """The templates of a file's content; ``path`` is what to call it. Nothing is raised."""
    from flowrunner.source.document import place
    from flowrunner.source.files import decode

    text, problem = decode(content) if isinstance(content, bytes) else (content, None)
    if problem is not None:
        return TemplatesFile(path, None, (place(path, text, problem, len(text), len(text)),))
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        conflict = re.search(r"^(<{7}|={7}|>{7})", text, re.MULTILINE)
        at = conflict.start() if conflict else error.pos
        message = "a merge in git was not resolved here" if conflict else f"this is not JSON: {error.msg}"
        hint = f"settle it, or {_PULL}" if conflict else f"fix it, or {_PULL}"
        # Python points at it since 3.13, at the bracket behind it before.
        comma = at if text[at : at + 1] == "," else len(text[:at].rstrip()) - 1
        if comma >= 0 and re.match(r",\s*[\]}]", text[comma:]):
            at, message = comma, "there is a comma behind the last entry, which JSON does not have"
            hint = f"remove it, or {_PULL}"
        problem = Problem("bad-templates", message, hint=hint)
        return TemplatesFile(path, None, (place(path, text, problem, at, min(at + 1, len(text))),))
    except RecursionError:
        return _refused(Path(path), "bad-templates", "it is nested too deep for a list of templates", _PULL)
    problems = list(_problems(data))
    if problems:
        return TemplatesFile(path, None, tuple(_placed(text, path, problems)))
    return TemplatesFile(path, {(each["name"], each["language"]): _template(each) for each in data["templates"]})


def _template(data: Mapping[str, Any]) -> Template:
    name, language, status, category = (data[each] for each in _TEXTS)
    return Template(name, language, status, category, tuple(data["components"]))


def _placed(text: str, path: str, problems: Iterable[Problem]) -> Iterator[Diagnostic]:
    """The problems at their places; only the path, where the file is too large for the reader that keeps places."""
    from flowrunner.source import read

    document, _ = read(text, path)
    for each in problems:
        if document is not None:
            yield document.diagnose(each)
        else:
            yield Diagnostic(each.code, each.message, Location(path), hint=each.hint)


def _problems(data: Json) -> Iterator[Problem]:
    """What a list of templates must not be; each at its route."""
    listed = data.get("templates") if isinstance(data, Mapping) else None
    if not isinstance(listed, list):
        # Who had it before there was flowrunner can go on sending.
        message = "there is no list templates in it: this is another program's file, and is not used"
        hint = "rename it to have templates checked: flowrunner templates pull writes ours under this name"
        yield warning("bad-templates", message, hint)
        return
    seen: dict[tuple[str, str], int] = {}
    for number, each in enumerate(listed):
        at: Route = ("templates", number)
        wrong = list(_of_template(each, at))
        yield from wrong
        if not wrong and (first := seen.setdefault((each["name"], each["language"]), number)) != number:
            message = f"{each['name']} in {each['language']} is there twice: it is also entry {first + 1}"
            yield _problem(message, at, hint=f"remove one of the two, or {_PULL}")


def _of_template(template: Any, at: Route) -> Iterator[Problem]:
    if not isinstance(template, Mapping):
        yield _problem("a template is an object", at)
        return
    absent = [name for name in (*_TEXTS, "components") if name not in template]
    if len(absent) > 1:
        yield _problem(f"a template has {listed(absent, 'and')}", at)
        return
    for name in _TEXTS:
        if not isinstance(template.get(name), str) or not template[name]:
            yield _problem(f"a template has {name}, a text", (*at, name) if name in template else at)
    components = template.get("components")
    if not isinstance(components, list):
        yield _problem("a template has components, a list", (*at, "components") if "components" in template else at)
        return
    for number, each in enumerate(components):
        yield from _of_component(each, (*at, "components", number))


def _of_component(component: Any, at: Route) -> Iterator[Problem]:
    if not isinstance(component, Mapping) or not isinstance(component.get("type"), str):
        yield _problem("a component is an object with a type, a text", at)
        return
    for name in ("text", "format"):
        if not isinstance(component.get(name, ""), str):
            yield _problem(f"{name} is a text", (*at, name))
    buttons = component.get("buttons", [])
    if not isinstance(buttons, list):
        yield _problem("buttons is a list", (*at, "buttons"))
        return
    for number, each in enumerate(buttons):
        if not isinstance(each, Mapping) or not all(isinstance(each.get(name, ""), str) for name in ("text", "url")):
            yield _problem("a button is an object with texts", (*at, "buttons", number))
        elif not isinstance(each.get("type"), str):
            yield _problem("a button has a type, a text", (*at, "buttons", number))


def _problem(message: str, at: Route, hint: str = f"fix it, or {_PULL}") -> Problem:
    return Problem("bad-templates", message, at, hint)
