"""``flowrunner.toml``: who may send, by name, and what a command takes where nothing else is said."""

from typing import Final

NAME: Final = "flowrunner.toml"
"""What the file is called where it is looked for."""
