"""One step made ready, with what it may read: the message that is posted, or what is wrong with it."""
