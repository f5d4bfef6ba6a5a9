"""A program that sends campaigns beside others of its kind, and goes on with their runs."""
