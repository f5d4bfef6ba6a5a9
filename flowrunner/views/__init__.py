"""Everything a person or a program reads: pure functions from values to text."""
