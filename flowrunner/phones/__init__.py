"""Phone numbers: read as people type them, spelt in every way that is known of them, and where they are."""
