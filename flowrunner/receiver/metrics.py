"""Figures in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/.

Written here: a dozen figures of one event loop are forty lines. `prometheus-client` takes 14 MB of memory, and would be
one package more for everybody who installs flowrunner.
"""

import re
from collections.abc import Mapping
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""What the text is."""
_ABOUT: Final[Mapping[str, tuple[str, str]]] = {
    "webhooks_total": ("counter", "Webhooks by how they were answered."),
    "webhook_duplicates_total": ("counter", "Webhooks that had been received before."),
    "webhook_ignored_total": ("counter", "What webhooks told that nothing is made of, by the name of the event."),
    "webhook_seconds": ("histogram", "Seconds from a webhook's last byte until its answer."),
    "heard_total": ("counter", "Messages of people that were told, by who told."),
    "statuses_total": ("counter", "Statuses of messages that were told."),
    "polls_total": ("counter", "Questions to the API what people wrote."),
    "run_events_total": ("counter", "Events of the runs that were gone on with."),
    "run_errors_total": ("counter", "Runs that could not be gone on with for a reason that nobody foresaw."),
    "waiting": ("gauge", "Runs that wait for an answer."),
    "notifications_total": ("counter", "Notifications by how they were answered."),
    "listening_since_seconds": ("gauge", "When this process began, in seconds since the epoch."),
}
"""Every figure, without the name of the program: its type, and what it says."""
_BOUNDS: Final = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1", "+Inf")
"""Seconds by which webhooks are counted that were answered within them."""


class Metrics:
    """What has been counted since the process began."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, float]] = {name: {} for name in _ABOUT}
        self._values["webhook_seconds"] = {
            **{f'_bucket{{le="{bound}"}}': 0 for bound in _BOUNDS}, "_sum": 0, "_count": 0
        }  # fmt: skip

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
        for name, (kind, said) in _ABOUT.items():
            lines += [f"# HELP flowrunner_{name} {said}", f"# TYPE flowrunner_{name} {kind}"]
            lines += [f"flowrunner_{name}{labels} {value:.15g}" for labels, value in self._values[name].items()]
        return "".join(f"{line}\n" for line in lines)


def _labelled(labels: Mapping[str, str]) -> str:
    said = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
    return f"{{{said}}}" if said else ""


def _escaped(text: str) -> str:
    return re.sub(r'[\\"\n]', lambda found: {"\n": "\\n"}.get(found[0], f"\\{found[0]}"), text)
