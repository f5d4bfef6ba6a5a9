"""What a run needs beside its rendering, for tests that carry runs out by themselves."""

from functools import lru_cache

from flowrunner.dialects import Dialect, kapso_v1
from flowrunner.engine import Prepared, Scope
from flowrunner.flow import load_text
from flowrunner.model import Rendering


@lru_cache(maxsize=100)
def prepared_flow(text: str, path: str, dialect: Dialect = kapso_v1) -> Prepared:
    """A flow, prepared once for all who ask."""
    loaded = load_text(text, path)
    assert loaded.flow is not None, [each.message for each in loaded.diagnostics]
    return Prepared(loaded, dialect)


def source(rendering: Rendering, dialect: Dialect = kapso_v1) -> tuple[Prepared, Scope]:
    """The flow of a rendering, prepared, and what its first step may read."""
    prepared = prepared_flow(rendering.flow.bundle.text, rendering.flow.bundle.path, dialect)
    values = {each.name: each.value for each in rendering.variables}
    return prepared, prepared.scope(rendering.recipient, values, rendering.now)
