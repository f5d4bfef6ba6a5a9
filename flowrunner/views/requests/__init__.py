"""Messages as the requests that post them: a list of bodies, or commands for a shell."""
