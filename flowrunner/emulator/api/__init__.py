"""The API: its routes, what it knows, and how it misbehaves."""
