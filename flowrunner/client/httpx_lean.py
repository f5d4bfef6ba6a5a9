"""httpx as who does not want its command line imports it: that one's rich and pygments are 40 % of what it costs."""

import sys
from typing import Any

__all__ = ["httpx"]

_program: Any = "httpx._main"
if "httpx" in sys.modules or _program in sys.modules:
    import httpx
else:
    # As where they are not installed, which httpx provides for; afterwards all is as if it had not been asked for.
    sys.modules[_program] = None  # type: ignore[assignment]
    try:
        import httpx
    finally:
        del sys.modules[_program]
