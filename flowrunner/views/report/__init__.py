"""What became of runs and campaigns, in every form."""
