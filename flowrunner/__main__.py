"""``python -m flowrunner``."""

from flowrunner.cli import main

main()
