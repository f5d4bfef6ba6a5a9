"""flowrunner: WhatsApp messages as code.

The Python API, in the order of the path a flow takes::

    loaded = flowrunner.load("flows/onboarding.yaml")
    recipient = flowrunner.Recipient(phone="+52...")
    rendering = flowrunner.render(loaded, {"name": "Ana"}, recipient=recipient)
    print(flowrunner.preview(rendering))
    result = flowrunner.run(rendering, key="...", journal="journal.db")

All that the command line does is here: each function that waits has a twin whose name ends in ``_async``. Nothing
heavy is imported before it is used.
"""

__version__ = "0.1.0"

with open(f"{__file__}i", encoding="utf-8") as _stub:  # noqa: PTH123  # pathlib is not there yet
    _HOMES = {words[3]: words[1] for line in _stub if len(words := line.split()) == 6 and words[0] == "from"}
"""The module of each public name: what a type checker reads is the one list of them."""

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """Import a public name from its room when it is first asked for."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
