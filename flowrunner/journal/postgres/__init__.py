"""The journal as a schema of a PostgreSQL database."""
