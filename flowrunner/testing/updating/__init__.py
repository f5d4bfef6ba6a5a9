"""A test file is made to say what its flow does: texts in their places, all else as its author wrote it."""
