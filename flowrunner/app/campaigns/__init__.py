"""One flow for an audience: checked, confirmed, sent here or handed over to workers."""
