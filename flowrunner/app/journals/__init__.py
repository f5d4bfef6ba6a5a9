"""The journal as a thing that is kept: checked, copied, brought to a new version, restored."""
