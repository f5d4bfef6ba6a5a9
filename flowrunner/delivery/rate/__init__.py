"""How fast requests may leave: the rate of a sender, shared by all who send, and in which order they wait for it."""
