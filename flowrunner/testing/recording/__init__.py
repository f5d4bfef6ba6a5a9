"""A run that a journal keeps becomes a test of its flow."""
