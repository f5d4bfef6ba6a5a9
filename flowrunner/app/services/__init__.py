"""What programs that run until they are told to stop have in common: start and end, log, figures, the clock."""
