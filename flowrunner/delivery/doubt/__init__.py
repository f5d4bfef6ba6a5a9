"""A message that was perhaps taken: how it is looked up, and what is done where that settles nothing."""
