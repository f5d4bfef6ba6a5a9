"""What every drawing of a message needs to know of it: what its body says, how its text is formatted."""
