"""What became of runs and campaigns, as the journal knows it or the API tells late."""
