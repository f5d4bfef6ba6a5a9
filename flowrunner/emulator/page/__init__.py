"""The page on which a person sees what the emulator knows."""
