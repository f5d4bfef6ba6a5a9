"""A saved plan: who gets which messages, byte for byte, to be looked at today and carried out unchanged.

To know a plan from a flow (`knowing.is_plan`) needs nothing of the rest.
"""
