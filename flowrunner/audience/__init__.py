"""Files of recipients: read a row at a time, each phone in international form, each value with its place."""

from flowrunner.audience.exclusions import read_exclusions
from flowrunner.audience.known import Known
from flowrunner.audience.reading import read_audience
from flowrunner.audience.rows import Audience, Row

__all__ = ["Audience", "Known", "Row", "read_audience", "read_exclusions"]
