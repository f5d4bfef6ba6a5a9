"""A comparison of two sides, in every form."""
