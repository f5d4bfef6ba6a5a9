"""A campaign that is looked at before it is sent: saved as a file, and carried out unchanged."""
