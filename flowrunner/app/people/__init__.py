"""Whom a run is for: found at the API, and not one of those who want to be written to no more."""
