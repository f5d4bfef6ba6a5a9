"""A program that hears what people write, and goes on with their runs."""
