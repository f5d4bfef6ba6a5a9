"""Playing a test: the delivery that runs have, against the emulator in process, in time that passes by itself."""

from flowrunner.testing.playing.play import play

__all__ = ["play"]
