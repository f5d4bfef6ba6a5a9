"""Files of recipients: read a row at a time, each phone in international form, each value with its place.

The only room that knows phone numbers and time zones.
"""

from flowrunner.audience.exclusions import Exclusions, read_exclusions
from flowrunner.audience.known import Known
from flowrunner.audience.phones import Phones, Refused
from flowrunner.audience.reading import read_audience
from flowrunner.audience.rows import Audience, Row
from flowrunner.audience.spellings import all_spellings, identity, is_same_phone, spellings
from flowrunner.audience.zones import named_zone, zone_of

__all__ = [
    "Audience",
    "Exclusions",
    "Known",
    "Phones",
    "Refused",
    "Row",
    "all_spellings",
    "identity",
    "is_same_phone",
    "named_zone",
    "read_audience",
    "read_exclusions",
    "spellings",
    "zone_of",
]
