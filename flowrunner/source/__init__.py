"""YAML text -> plain data with the place of every value. The only room that knows YAML.

The rules are YAML 1.2's core schema, so that ``No``, ``12:30`` and ``0123`` are what was typed, and stricter than YAML
where YAML is a trap: double keys, tags, merge keys and second documents are refused; size, depth and aliases have
bounds.
"""

from flowrunner.diagnostics import Diagnostic, Problem
from flowrunner.source.document import Document
from flowrunner.source.document import place as _place
from flowrunner.source.files import MAX_BYTES, decode, is_file, is_folder, read_bytes, unfit
from flowrunner.source.pairs import hidden
from flowrunner.source.scalars import Plain, plain

__all__ = ["MAX_BYTES", "Document", "Plain", "is_file", "is_folder", "plain", "read", "read_bytes"]


_COPIED = frozenset("+> \t0123456789")


def read(content: bytes | str, path: str) -> tuple[Document | None, list[Diagnostic]]:
    """Read one YAML document.

    Args:
        content: The file's bytes (UTF-8), or its text.
        path: What to call it in diagnostics.

    Returns:
        The document, None when it cannot be read at all; and every problem found on the way.
    """
    from flowrunner.source.builder import Builder, Refused
    from flowrunner.source.yaml_lean import yaml

    if len(content) > MAX_BYTES:
        message = f"the file has {len(content):,} bytes, at most {MAX_BYTES:,} are read"
        return None, [_place(path, "", Problem("too-large", message, hint="split it in two"), 0, 0)]
    if isinstance(content, bytes):
        text, problem = decode(content)
        if problem is not None:
            return None, [_place(path, text, problem, len(text), len(text))]
    else:
        text = content.removeprefix("\ufeff")
    unfitting = unfit(text)
    if unfitting is not None:
        return None, [_place(path, text, *unfitting)]
    if text[:1] in _COPIED:
        from flowrunner.source.copied import copied  # few files begin so

        if (marked := copied(text)) is not None:
            return None, [_place(path, text, *marked)]
    readings = [text]
    for reading in readings:
        builder = Builder(reading, has_stand_ins=reading is not text and reading == hidden(text))
        try:
            data = builder.build()
        except Refused as refusal:
            found = [*builder.problems, (refusal.problem, refusal.start, refusal.end)]
            return None, [_place(path, text, *each) for each in found]
        except yaml.YAMLError as error:
            from flowrunner.source.syntax import explain, other_reading

            other = other_reading(error, reading)
            if len(readings) > 1 or other is None:
                return None, [_place(path, text, *each) for each in explain(error, text, builder.problems)]
            readings.append(other)
    document = Document(path, text, data, builder.root)
    if not text.isascii():
        from flowrunner.source.unseen import unseen_structure

        unseen = [each for each in unseen_structure(text) if not document.is_within(each[1])]
        if unseen:
            return None, [_place(path, text, *each) for each in unseen]
    return document, [_place(path, text, *each) for each in builder.problems]
