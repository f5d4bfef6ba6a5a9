"""A saved plan: who gets which messages, byte for byte, to be looked at today and carried out unchanged."""
