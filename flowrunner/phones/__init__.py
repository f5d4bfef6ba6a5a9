"""Phone numbers: read as people type them, spelt in every way that is known of them, and where they are."""

from flowrunner.phones.numbers import Phones, Refused, is_region
from flowrunner.phones.spellings import all_spellings, identity, is_same_phone, spellings

__all__ = ["Phones", "Refused", "all_spellings", "identity", "is_region", "is_same_phone", "spellings"]
