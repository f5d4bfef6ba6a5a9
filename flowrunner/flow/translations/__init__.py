"""The texts of a flow in its other languages: read from the files beside it, and held against its own."""
