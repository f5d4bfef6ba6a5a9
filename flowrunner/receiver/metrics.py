"""Figures in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/.

Written here: a dozen figures of one event loop are forty lines. `prometheus-client` takes 14 MB of memory, and would be
one package more for everybody who installs flowrunner.
"""

import re
from collections.abc import Mapping
from typing import Final

from flowrunner.receiver.metric_names import LISTENER, Figures

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""What the text is."""
_BOUNDS: Final = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1", "+Inf")
"""Seconds by which webhooks are counted that were answered within them."""


class Metrics:
    """What has been counted since the process began."""

    def __init__(self, figures: Figures = LISTENER) -> None:
        """``figures``: which ones there are; by default a listener's."""
        self._figures = figures
        self._values: dict[str, dict[str, float]] = {
            name: {**{f'_bucket{{le="{bound}"}}': 0 for bound in _BOUNDS}, "_sum": 0, "_count": 0}
            if kind == "histogram"
            else {}
            for name, (kind, _) in figures.items()
        }

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Count so many more."""
        its, key = self._values[name], _labelled(labels)
        its[key] = its.get(key, 0) + amount

    def set(self, name: str, value: float, **labels: str) -> None:
        """Say how many there are."""
        self._values[name][_labelled(labels)] = value

    def took(self, seconds: float) -> None:
        """Count a webhook that was answered after so many seconds."""
        its = self._values["webhook_seconds"]
        for bound in _BOUNDS:
            its[f'_bucket{{le="{bound}"}}'] += seconds <= float(bound)
        its["_sum"] += seconds
        its["_count"] += 1

    def text(self) -> str:
        """All of it, as it is scraped."""
        lines = []
        for name, (kind, said) in self._figures.items():
            lines += [f"# HELP flowrunner_{name} {said}", f"# TYPE flowrunner_{name} {kind}"]
            lines += [f"flowrunner_{name}{labels} {value:.15g}" for labels, value in self._values[name].items()]
        return "".join(f"{line}\n" for line in lines)


def _labelled(labels: Mapping[str, str]) -> str:
    said = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
    return f"{{{said}}}" if said else ""


def _escaped(text: str) -> str:
    return re.sub(r'[\\"\n]', lambda found: {"\n": "\\n"}.get(found[0], f"\\{found[0]}"), text)
