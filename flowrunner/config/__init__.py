"""``flowrunner.toml``: who may send, by name, and what a command takes where nothing else is said."""
