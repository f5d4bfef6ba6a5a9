"""What a run's events come to, and what they keep: the only place that reads them."""
