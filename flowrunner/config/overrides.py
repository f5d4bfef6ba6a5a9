"""What is said of a sender at once, by flags or in the environment: it wins over the file."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flowrunner.delivery.rate.pace import Rate


class Overrides(NamedTuple):
    """One sender, as far as it is said; empty where nothing is said.

    Attributes:
        sender: The name of a sender of the file.
        api_url: The API's base URL, or `flowrunner.client.EMULATOR`.
        dialect: What it speaks.
        number: The number that sends.
        rate: How many requests the key may make.
    """

    sender: str = ""
    api_url: str = ""
    dialect: str = ""
    number: str = ""
    rate: "Rate | None" = None
