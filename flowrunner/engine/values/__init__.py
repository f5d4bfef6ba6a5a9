"""A value for each input of a flow: as it was given, typed and checked."""
