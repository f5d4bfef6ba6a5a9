"""Who sends: an API with its key and rate, as it is configured, whether it works, and the templates of its account."""
