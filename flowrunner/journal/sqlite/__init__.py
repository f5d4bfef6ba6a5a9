"""The journal as one SQLite file."""
