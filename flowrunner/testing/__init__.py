"""Tests of flows: the values of a test file, how it is read, and what came of each of its tests."""
