"""The commands, a file each: its options, and the one call that it makes."""
