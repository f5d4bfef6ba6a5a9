"""Playing a test: the delivery that runs have, against the emulator in process, in time that passes by itself."""

from flowrunner.testing.playing.play import play, play_and_read

__all__ = ["play", "play_and_read"]
